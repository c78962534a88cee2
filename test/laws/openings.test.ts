import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Call, CallSource } from '../../src/domain/calls/call.ts';
import type { KubeObject } from '../../src/domain/kubernetes/object.ts';
import { fateOf } from '../../src/domain/simulate/fate-of.ts';
import { openingsBetween } from '../../src/domain/simulate/openings.ts';
import type { World } from '../../src/domain/world/world.ts';
import { completeWorld, object, pod } from '../cases-runner/case-world.ts';
import { richCalls } from './rich-calls.ts';
import { aged } from './rich-draft.ts';
import { planOf, rolloutWorld, stagesThrough } from './rich-plan.ts';
import { richObjects, type RichWorld } from './rich-world.ts';
import { shutWorld } from './shut-world.ts';
import { runs } from './runs.ts';

/** Two pods that nobody knows, in a namespace of their own: one outside every mesh, one with a sidecar. */
const STRANGERS: readonly KubeObject[] = [
  object('v1', 'Namespace', { name: 'meshwise-stranger' }),
  pod({ namespace: 'meshwise-stranger', name: 'plain', sidecar: false }),
  pod({
    namespace: 'meshwise-stranger',
    name: 'meshed',
    sidecar: true,
    spec: { serviceAccountName: 'stranger' },
  }),
];

/** The list's own words for a door, with a call of the stranger who would come through it. */
interface Door {
  readonly name: string;
  readonly call: Call;
}

/** By pod address in plaintext, and by Service in mutual TLS, as sidecars send it to nothing else. */
function doorsOf({ workloads }: RichWorld): readonly Door[] {
  return workloads
    .filter(({ kind }) => kind !== 'CronJob')
    .flatMap(({ namespace, kind, name, headless }) => {
      const workload = { namespace, kind, name };
      const where = `${namespace}/${kind}/${name} port 8080`;
      const byService = headless ? [] : [{ kind: 'service-port', namespace, service: name, port: 80 } as const];
      return [
        {
          name: `${where}: plaintext from any pod`,
          call: callFrom('plain', { kind: 'pod-port', workload, port: 8080 }),
        },
        ...byService.map((to) => ({ name: `${where}: mutual TLS from any namespace`, call: callFrom('meshed', to) })),
      ];
    });
}

function callFrom(name: string, to: Call['to']): Call {
  const from: CallSource = { kind: 'workload', workload: { namespace: 'meshwise-stranger', kind: 'Pod', name } };
  return { id: `${name} ${JSON.stringify(to)}`, from, to, phase: 'run', evidence: [] };
}

/** Doors that were surely shut to the stranger and are so no more, where it is the same bytes that he sends. */
function openedTo(facts: RichWorld, before: World, after: World): readonly string[] {
  return doorsOf(facts)
    .filter(({ name, call }) => {
      const [was, is] = [fateOf(call, before), fateOf(call, after)];
      const wires = name.includes('mutual TLS') ? ['mtls', 'hbone'] : ['plaintext'];
      const isMeant = [was, is].every(({ wire, wires: several }) => several === undefined && wires.includes(wire));
      return isMeant && was.verdict === 'breaks' && is.verdict !== 'breaks';
    })
    .map(({ name }) => name);
}

function worldOf(facts: RichWorld): World {
  return completeWorld(aged([...STRANGERS, ...richObjects(facts)]));
}

/** A world, and what is left of its policies after a change. */
const changed = fc.tuple(shutWorld, fc.array(fc.boolean(), { minLength: 20, maxLength: 20 })).map(([drawn, kept]) => {
  const facts = withoutDetours(drawn);
  return { facts, later: { ...facts, policies: facts.policies.filter((_, at) => kept[at] === true) } };
});

/** Without what would turn the strangers' calls aside before they arrive. */
function withoutDetours(facts: RichWorld): RichWorld {
  const detours = new Set(['DestinationRule', 'VirtualService', 'Sidecar', 'EnvoyFilter', 'NetworkPolicy']);
  return { ...facts, waypoints: [], policies: facts.policies.filter(({ kind }) => !detours.has(kind)) };
}

/** The same, with a pod in the mesh and one outside of it for each workload. */
function mixed(facts: RichWorld): RichWorld {
  return { ...facts, workloads: facts.workloads.map((one) => ({ ...one, live: 'mixed' })) };
}

describe('the list of what a change opens', () => {
  test('names every door that a stranger finds open and found shut, whatever policies come and go', () => {
    const seen = new Map<string, number>();
    fc.assert(
      fc.property(changed, ({ facts, later }) => {
        const [before, after] = [worldOf(facts), worldOf(later)];
        const opened = openedTo(facts, before, after);
        for (const door of opened) count(seen, door.includes('plaintext') ? 'plaintext' : 'mtls');
        expect(openingsBetween(before, after)).toEqual(expect.arrayContaining([...opened]));
      }),
      runs(30),
    );
    expect([...seen.keys()].sort()).toEqual(['mtls', 'plaintext']);
  }, 600_000);

  test('names no door to plaintext but those that the stranger finds shut before, at every pod, and not after', () => {
    let named = 0;
    fc.assert(
      fc.property(changed, fc.boolean(), ({ facts: drawn, later: drawnLater }, isMixed) => {
        const [facts, later] = [drawn, drawnLater].map((each) => (isMixed ? mixed(each) : each));
        if (facts === undefined || later === undefined) throw new Error('two worlds were drawn');
        const [before, after] = [worldOf(facts), worldOf(later)];
        const listed = openingsBetween(before, after);
        const plaintext = doorsOf(facts).filter(({ name }) => name.includes('plaintext') && listed.includes(name));
        named += plaintext.length;
        const verdicts = plaintext.map(({ name, call }) => [name, fateOf(call, before).verdict]);
        expect(verdicts).toEqual(plaintext.map(({ name }) => [name, 'breaks']));
        const stillShut = plaintext.filter(({ call }) => fateOf(call, after).verdict === 'breaks');
        expect(stillShut.map(({ name }) => name)).toEqual([]);
      }),
      runs(25),
    );
    expect(named).toBeGreaterThan(0);
  }, 600_000);

  test('of a planned stage names what the stage opens to a stranger', () => {
    fc.assert(
      fc.property(rolloutWorld, (drawn) => {
        const facts = withoutDetours(drawn);
        const start = worldOf(facts);
        for (const { stage, before, after } of stagesThrough(planOf(start, richCalls(facts), 'inferred'), start)) {
          const opened = openedTo(facts, before, after);
          expect(openingsBetween(before, after), stage.id).toEqual(expect.arrayContaining([...opened]));
          expect(stage.simulation.opens, stage.id).toEqual(expect.arrayContaining([...opened]));
        }
      }),
      runs(2),
    );
  }, 600_000);
});

function count(seen: Map<string, number>, word: string): void {
  seen.set(word, (seen.get(word) ?? 0) + 1);
}
