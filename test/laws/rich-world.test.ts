import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { kindOf, keyOf, refOf, type KubeObject } from '../../src/domain/kubernetes/object.ts';
import { KIND } from '../../src/domain/kubernetes/kinds.ts';
import { fateOf } from '../../src/domain/simulate/fate-of.ts';
import type { Manifest, Step } from '../../src/domain/world/step.ts';
import type { World } from '../../src/domain/world/world.ts';
import { completeWorld, controlPlane, object, pod } from '../cases-runner/case-world.ts';
import { richCalls } from './rich-calls.ts';
import { applied } from './rich-plan.ts';
import { richObjects, richWorld, type RichWorld } from './rich-world.ts';
import { runs } from './runs.ts';

function fatesOf(facts: RichWorld, world: World): readonly unknown[] {
  return richCalls(facts).map((call) => [call.id, fateOf(call, world)]);
}

/** What somebody would have in a file for the object; nothing for a pod, which no file makes. */
function manifestOf(one: KubeObject): readonly Manifest[] {
  if (kindOf(one) === KIND.pod) return [];
  const { metadata: meta, origin: _origin, status: _status, ...fields } = one;
  const { name, namespace, labels, annotations } = meta;
  const metadata = { name, labels, annotations, ...(namespace === undefined ? {} : { namespace }) };
  return [{ ...fields, metadata }];
}

describe('an overlay', () => {
  test('of nothing leaves the very same world', () => {
    fc.assert(
      fc.property(richWorld, (facts) => {
        const world = completeWorld(richObjects(facts));
        expect(applied(world, 'overlay', [])).toBe(world);
      }),
      runs(5),
    );
  });

  test('of what is there already changes no fate and no reason', () => {
    fc.assert(
      fc.property(richWorld, (facts) => {
        const objects = richObjects(facts);
        const world = completeWorld(objects);
        const steps = objects.flatMap(manifestOf).map((manifest): Step => ({ step: 'apply', manifest }));
        expect(steps.length).toBeGreaterThan(0);
        expect(fatesOf(facts, applied(world, 'overlay', steps))).toEqual(fatesOf(facts, world));
      }),
      runs(10),
    );
  }, 600_000);
});

describe('the order of objects', () => {
  test('never matters, not even where all were created at one time', () => {
    const shuffled = fc.tuple(richWorld, fc.boolean()).chain(([facts, atOnce]) => {
      const objects = richObjects(facts).map((one) => (atOnce ? createdAt(one, '2025-12-01T00:00:00Z') : one));
      const unique = [...new Map(objects.map((one) => [keyOf(refOf(one)), one])).values()];
      const all = { minLength: unique.length, maxLength: unique.length };
      return fc.shuffledSubarray(unique, all).map((order) => ({ facts, unique, order }));
    });
    fc.assert(
      fc.property(shuffled, ({ facts, unique, order }) => {
        expect(fatesOf(facts, completeWorld(order))).toEqual(fatesOf(facts, completeWorld(unique)));
      }),
      runs(15),
    );
  }, 600_000);

  test('gives way to the time of creation, which does decide', () => {
    const mode = (name: string, value: string, created: string): KubeObject =>
      object('security.istio.io/v1', 'PeerAuthentication', {
        name,
        namespace: 'red',
        created,
        spec: { mtls: { mode: value } },
      });
    const verdict = (strictAt: string, permissiveAt: string): string => {
      const policies = [mode('a', 'STRICT', strictAt), mode('b', 'PERMISSIVE', permissiveAt)];
      const pods = [pod({ namespace: 'red', name: 'server', sidecar: true })];
      const world = completeWorld([
        ...controlPlane(),
        object('v1', 'Namespace', { name: 'red' }),
        ...pods,
        ...policies,
      ]);
      const to = { kind: 'pod-port', workload: { namespace: 'red', kind: 'Pod', name: 'server' }, port: 80 } as const;
      const from = { kind: 'outsider', who: 'load-balancer' } as const;
      return fateOf({ id: 'call', from, to, phase: 'run', evidence: [] }, world).verdict;
    };
    const [early, late] = ['2025-01-01T00:00:00Z', '2025-02-01T00:00:00Z'];
    expect([verdict(early, late), verdict(late, early)]).toEqual(['breaks', 'ok']);
  });
});

function createdAt(one: KubeObject, creationTimestamp: string): KubeObject {
  return { ...one, metadata: { ...one.metadata, creationTimestamp } };
}
