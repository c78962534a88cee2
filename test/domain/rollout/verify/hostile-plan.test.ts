import fc from 'fast-check';
import { expect, test } from 'vitest';
import { asObject } from '../../../../src/lib/json.ts';
import { rolloutPlan } from '../../../../src/schema/contracts/rollout-plan.ts';
import { positionIn } from '../../../../src/domain/rollout/verify/plan-position.ts';
import { readStages } from '../../../../src/domain/rollout/verify/stage-readings.ts';
import { appliedUpTo, gateOf, PLAN } from './verify-world.ts';

const TEXT = JSON.stringify({ apiVersion: 'meshwise.dev/v1alpha1', kind: 'RolloutPlan', ...PLAN });
const WORLD = appliedUpTo('strict-shop');
const ODD: readonly unknown[] = [null, 7, '', 'x', [], {}, [null], [{}], { x: null }, true, '__proto__', -1];

/** Puts something else at a place of the document that the numbers choose; true where there was such a place. */
function spoil(document: unknown, path: readonly number[], odd: unknown): boolean {
  let current: unknown = document;
  for (const [depth, pick] of path.entries()) {
    const map = Array.isArray(current) ? (current as unknown as Record<string, unknown>) : asObject(current);
    const keys = Object.keys(map ?? {});
    const key = keys[pick % Math.max(keys.length, 1)];
    if (map === undefined || key === undefined) return false;
    const next = map[key];
    if (depth === path.length - 1 || typeof next !== 'object' || next === null) {
      Reflect.set(map, key, odd);
      return true;
    }
    current = next;
  }
  return false;
}

test('whatever a plan that passes its schema says, verifying it never throws', () => {
  let verified = 0;
  const spoiling = fc.record({
    path: fc.array(fc.nat(), { minLength: 3, maxLength: 9 }),
    odd: fc.constantFrom(...ODD),
  });
  fc.assert(
    fc.property(fc.array(spoiling, { minLength: 1, maxLength: 4 }), (faults) => {
      const document: unknown = JSON.parse(TEXT);
      const stages = asObject(document)?.['stages'];
      for (const { path, odd } of faults) spoil(stages, path, odd);
      const { data: plan } = rolloutPlan.safeParse(document);
      if (plan === undefined) return;
      positionIn(plan, readStages(plan, WORLD));
      for (const stage of plan.stages.slice(0, 12)) {
        for (const gate of ['entry', 'exit', 'rollback'] as const) gateOf(WORLD, 'strict-shop', gate, { plan, stage });
      }
      verified += 1;
    }),
    { numRuns: 60 },
  );
  expect(verified).toBeGreaterThan(3);
}, 120_000);
