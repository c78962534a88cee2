import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { KIND } from '../../src/domain/kubernetes/kinds.ts';
import { admitPod } from '../../src/domain/mesh/registry.ts';
import { fateOf } from '../../src/domain/simulate/fate-of.ts';
import { applyChange } from '../../src/domain/world/apply.ts';
import type { Manifest, Step } from '../../src/domain/world/step.ts';
import type { World } from '../../src/domain/world/world.ts';
import { asObject } from '../../src/lib/json.ts';
import { compareBy } from '../../src/lib/order.ts';
import { completeWorld } from '../cases-runner/case-world.ts';
import { callsOf, objectsOf } from './generated-world.ts';
import { runs } from './runs.ts';
import { NAMES, NAMESPACES, worldFacts, type WorldFacts } from './world-facts.ts';

interface Undoable {
  readonly step: Step;
  readonly undo: Step;
}

const modes = fc.constantFrom('STRICT', 'PERMISSIVE', 'DISABLE');
const spaces = fc.constantFrom(...NAMESPACES);

/** Steps on things that no generated world has, with the step that takes each back. */
const undoable: fc.Arbitrary<Undoable> = fc.oneof(
  fc.tuple(spaces, modes).map(([namespace, mode]): Undoable => {
    const manifest: Manifest = {
      apiVersion: 'security.istio.io/v1',
      kind: 'PeerAuthentication',
      metadata: { name: `planned-${mode.toLowerCase()}`, namespace },
      spec: { mtls: { mode } },
    };
    const target = { kind: KIND.peerAuthentication, namespace, name: manifest.metadata.name };
    return { step: { step: 'apply', manifest }, undo: { step: 'delete', target } };
  }),
  fc.tuple(spaces, fc.constantFrom('ALLOW', 'DENY')).map(([namespace, action]): Undoable => {
    const manifest: Manifest = {
      apiVersion: 'security.istio.io/v1',
      kind: 'AuthorizationPolicy',
      metadata: { name: `planned-${action.toLowerCase()}`, namespace },
      spec: { action, rules: [{}] },
    };
    const target = { kind: KIND.authorizationPolicy, namespace, name: manifest.metadata.name };
    return { step: { step: 'apply', manifest }, undo: { step: 'delete', target } };
  }),
  spaces.map((namespace): Undoable => {
    const target = { kind: KIND.namespace, name: namespace };
    const label = (value: string | null): Step => ({
      step: 'patch',
      target,
      patch: { metadata: { labels: { planned: value } } },
      why: 'a law',
    });
    return { step: label('yes'), undo: label(null) };
  }),
);

const changes = fc.uniqueArray(undoable, { maxLength: 4, selector: ({ step }) => JSON.stringify(step) });

function apply(world: World, id: string, steps: readonly Step[]): World {
  return applyChange(world, { id, steps }, admitPod).world;
}

function contentOf(world: World): string {
  return JSON.stringify(
    world.kinds().map((kind) => [kind, world.list(kind).objects]),
    sortedKeys,
  );
}

/** The order of fields carries no meaning. */
function sortedKeys(_key: string, value: unknown): unknown {
  const fields = asObject(value);
  return fields === undefined ? value : Object.fromEntries(Object.entries(fields).sort(compareBy(([key]) => key)));
}

function verdictsOf(facts: WorldFacts, world: World): readonly string[] {
  return callsOf(facts).map((call) => `${call.id} ${JSON.stringify(fateOf(call, world))}`);
}

function frozen<T>(value: T): T {
  if (typeof value === 'object' && value !== null) {
    Object.values(value).forEach(frozen);
    Object.freeze(value);
  }
  return value;
}

describe('a change', () => {
  test('followed by its rollback restores every object and every fate', () => {
    fc.assert(
      fc.property(worldFacts, changes, (facts, steps) => {
        const before = completeWorld(objectsOf(facts));
        const changed = apply(
          before,
          'stage',
          steps.map(({ step }) => step),
        );
        const undone = [...steps].reverse().map(({ undo }) => undo);
        const after = apply(changed, 'rollback', undone);
        expect(contentOf(after)).toBe(contentOf(before));
        expect(verdictsOf(facts, after)).toEqual(verdictsOf(facts, before));
      }),
      runs(25),
    );
  });

  test('leaves the world that it starts from as it was, restarts included', () => {
    fc.assert(
      fc.property(worldFacts, changes, (facts, steps) => {
        const before = completeWorld(frozen(objectsOf(facts)));
        const content = contentOf(before);
        const verdicts = verdictsOf(facts, before);
        const restarts = NAMES.map((name): Step => ({
          step: 'restart',
          method: 'rollout-restart',
          workload: { kind: KIND.deployment, namespace: 'red', name },
        }));
        apply(before, 'stage', [...steps.map(({ step }) => step), ...restarts]);
        expect(contentOf(before)).toBe(content);
        expect(verdictsOf(facts, before)).toEqual(verdicts);
      }),
      runs(15),
    );
  });

  test('restarts several workloads as it does one after the other', () => {
    fc.assert(
      fc.property(
        worldFacts,
        fc.array(fc.tuple(spaces, fc.constantFrom(...NAMES)), { maxLength: 8 }),
        (facts, named) => {
          const restarts = named.map(([namespace, name]): Step => ({
            step: 'restart',
            method: 'rollout-restart',
            workload: { kind: KIND.deployment, namespace, name },
          }));
          const start = completeWorld(objectsOf(facts));
          const oneByOne = restarts.reduce((world, step) => apply(world, 'restart', [step]), start);
          expect(contentOf(apply(start, 'restart', restarts))).toEqual(contentOf(oneByOne));
        },
      ),
      runs(25),
    );
  });

  test('that restarts a workload leaves only pods as its template creates them', () => {
    fc.assert(
      fc.property(worldFacts, (facts) => {
        const restarts = facts.workloads.map(({ namespace, name }): Step => ({
          step: 'restart',
          method: 'rollout-restart',
          workload: { kind: KIND.deployment, namespace, name },
        }));
        const world = apply(completeWorld(objectsOf(facts)), 'restart', restarts);
        const none = { ...facts, workloads: facts.workloads.map((one) => ({ ...one, live: 'none' as const })) };
        const fresh = completeWorld(objectsOf(none));
        const verdicts = (of: World): readonly string[] => callsOf(facts).map((call) => fateOf(call, of).verdict);
        expect(verdicts(world)).toEqual(verdicts(fresh));
      }),
      runs(25),
    );
  });
});

describe('a world', () => {
  test('is the same whatever the order of its objects', () => {
    const shuffled = worldFacts.chain((facts) => {
      const objects = objectsOf(facts);
      const all = { minLength: objects.length, maxLength: objects.length };
      return fc.shuffledSubarray([...objects], all).map((order) => ({ facts, objects, order }));
    });
    fc.assert(
      fc.property(shuffled, ({ facts, objects, order }) => {
        const [left, right] = [completeWorld(objects), completeWorld(order)];
        expect(contentOf(right)).toBe(contentOf(left));
        expect(verdictsOf(facts, right)).toEqual(verdictsOf(facts, left));
      }),
      runs(20),
    );
  });
});
