import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Call } from '../../../src/domain/calls/call.ts';
import { admitPod } from '../../../src/domain/mesh/registry.ts';
import { fateOf } from '../../../src/domain/simulate/fate-of.ts';
import { applyChange } from '../../../src/domain/world/apply.ts';
import type { Step } from '../../../src/domain/world/step.ts';
import type { World } from '../../../src/domain/world/world.ts';
import { completeWorld } from '../../cases-runner/case-world.ts';
import { ambientFacts, ambientObjects } from '../../laws/ambient-world.ts';
import { callsOf } from '../../laws/generated-world.ts';
import { richCalls } from '../../laws/rich-calls.ts';
import { richObjects, richWorld } from '../../laws/rich-world.ts';
import { runs } from '../../laws/runs.ts';

const STRICT: Step = {
  step: 'apply',
  manifest: {
    apiVersion: 'security.istio.io/v1',
    kind: 'PeerAuthentication',
    metadata: { name: 'default', namespace: 'istio-system' },
    spec: { mtls: { mode: 'STRICT' } },
  },
};

function strict(world: World): World {
  return applyChange(world, { id: 'strict', steps: [STRICT] }, admitPod).world;
}

/** The calls in an order that the numbers give, some of them more than once. */
function shuffled(calls: readonly Call[], order: readonly number[]): readonly Call[] {
  return order.flatMap((number) => calls[number % calls.length] ?? []);
}

const orders = fc.array(fc.nat(1000), { minLength: 5, maxLength: 40 });

describe('answers that are kept', () => {
  test('are those of a world that was never asked before, in whatever order calls are asked about', () => {
    fc.assert(
      fc.property(richWorld, orders, (facts, order) => {
        const world = completeWorld(richObjects(facts));
        for (const call of shuffled(richCalls(facts), order)) {
          expect(fateOf(call, world), call.id).toEqual(fateOf(call, completeWorld(richObjects(facts))));
        }
      }),
      runs(25),
    );
  }, 240_000);

  test('are those of an unasked world behind ztunnel and waypoints too', () => {
    fc.assert(
      fc.property(ambientFacts, orders, (facts, order) => {
        const world = completeWorld(ambientObjects(facts));
        for (const call of shuffled(callsOf(facts.base), order)) {
          expect(fateOf(call, world), call.id).toEqual(fateOf(call, completeWorld(ambientObjects(facts))));
        }
      }),
      runs(15),
    );
  }, 240_000);

  test('do not outlive a change, though both worlds share most objects', () => {
    fc.assert(
      fc.property(richWorld, orders, (facts, order) => {
        const base = completeWorld(richObjects(facts));
        const calls = shuffled(richCalls(facts), order);
        for (const call of calls) fateOf(call, base);
        const changed = strict(base);
        for (const call of calls) {
          expect(fateOf(call, changed), call.id).toEqual(fateOf(call, strict(completeWorld(richObjects(facts)))));
        }
      }),
      runs(15),
    );
  }, 240_000);
});
