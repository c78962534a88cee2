import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { applyChange } from '../../../../src/domain/world/apply.ts';
import { admitPod } from '../../../../src/domain/mesh/registry.ts';
import { keepNumbers } from '../../../../src/domain/rollout/previous/keep-numbers.ts';
import { previousWaves } from '../../../../src/domain/rollout/previous/previous-waves.ts';
import type { RolloutPlan } from '../../../../src/domain/rollout/plan.ts';
import type { World } from '../../../../src/domain/world/world.ts';
import { worldFrom } from '../../../support/build-world.ts';
import { planOf, SHOP, SHOP_CALLS } from '../shop.ts';

const WORLD = worldFrom(SHOP);
const FIRST = planOf(WORLD, SHOP_CALLS);

function carriedOut(plan: RolloutPlan, count: number): World {
  const done = plan.stages.slice(0, count).filter(({ state }) => state === 'ready' || state === 'waived');
  return done.reduce((world, { id, steps }) => applyChange(world, { id, steps }, admitPod).world, WORLD);
}

describe('a plan made with an earlier one', () => {
  test('is the same over the same world', () => {
    const again = planOf(WORLD, SHOP_CALLS, { previous: FIRST });
    expect(again.stages.map(({ id, number }) => [id, number])).toEqual(
      FIRST.stages.map(({ id, number }) => [id, number]),
    );
    expect(again.warnings).toEqual(FIRST.warnings);
  });

  test('keeps all stages and their numbers, whatever of it was carried out', () => {
    for (let count = 1; count <= FIRST.stages.length; count += 4) {
      const next = planOf(carriedOut(FIRST, count), SHOP_CALLS, { previous: FIRST });
      const numbers = new Map(next.stages.map(({ id, number }) => [id, number]));
      for (const { id, number, state } of FIRST.stages) {
        if (state === 'ready' || state === 'waived') expect([id, numbers.get(id)]).toEqual([id, number]);
      }
      const order = next.stages.map(({ number }) => number);
      expect([...order].sort((left, right) => left - right)).toEqual(order);
    }
  });

  test('keeps what was done and what is no longer planned, and says what went', () => {
    const stage = FIRST.stages.find(({ kind }) => kind === 'enrol');
    const strict = FIRST.stages.find(({ kind }) => kind === 'strict');
    if (stage === undefined || strict === undefined) throw new Error('the plan enrols nobody');
    const others = [
      { ...strict, id: 'old-done', number: 151, state: 'done' as const, dependsOn: [stage.id, 'nowhere'] },
      { ...strict, id: 'old-ready', number: 152 },
    ];
    const next = planOf(WORLD, SHOP_CALLS, { previous: { ...FIRST, stages: [...FIRST.stages, ...others] } });
    expect(next.stages.find(({ id }) => id === 'old-done')).toMatchObject({ state: 'done', dependsOn: [stage.id] });
    expect(next.stages.map(({ id }) => id)).not.toContain('old-ready');
    expect(next.warnings).toContain(`stage old-ready of the earlier plan (${strict.state}) is not in this one`);
  });

  test('takes nothing over from a plan towards another target', () => {
    expect(previousWaves({ previous: FIRST, target: 'istio-sidecar' }).length).toBeGreaterThan(0);
    expect(previousWaves({ previous: FIRST, target: 'linkerd' })).toEqual([]);
    expect(previousWaves({ target: 'linkerd' })).toEqual([]);
  });
});

describe('numbers of stages', () => {
  test('stay, and new stages get some between them', () => {
    const kept = keepNumbers([
      { id: 'a', fresh: 10, earlier: 10 },
      { id: 'new', fresh: 100, earlier: undefined },
      { id: 'b', fresh: 110, earlier: 100 },
      { id: 'more', fresh: 120, earlier: undefined },
    ]);
    expect(kept).toEqual({ numbers: [10, 55, 100, 110], warnings: [] });
  });

  test('name the stage that stands elsewhere', () => {
    const kept = keepNumbers([
      { id: 'b', fresh: 100, earlier: 110 },
      { id: 'a', fresh: 110, earlier: 100 },
      { id: 'c', fresh: 120, earlier: 120 },
    ]);
    expect(kept.warnings).toHaveLength(1);
    expect(kept.numbers.at(-1)).toBe(120);
  });

  test('rise, and stay where no stage was added, removed or moved', () => {
    const known = fc.uniqueArray(fc.integer({ min: 1, max: 900 }), { minLength: 1, maxLength: 12 });
    const places = fc.tuple(known, fc.array(fc.nat(12), { maxLength: 4 })).map(([numbers, added]) => {
      const stages: { id: string; earlier: number | undefined }[] = numbers.map((earlier, index) => ({
        id: `s${String(index)}`,
        earlier,
      }));
      for (const at of added) stages.splice(at % (stages.length + 1), 0, { id: 'new', earlier: undefined });
      return stages.map((stage, index) => ({ ...stage, fresh: (index + 1) * 10 }));
    });
    fc.assert(
      fc.property(places, (stages) => {
        const { numbers, warnings } = keepNumbers(stages);
        expect(numbers).toHaveLength(stages.length);
        expect(numbers.every((number, index) => index === 0 || number > (numbers[index - 1] ?? 0))).toBe(true);
        const isSorted = stages.every(({ earlier }, index) => (earlier ?? 0) > (stages[index - 1]?.earlier ?? 0));
        if (isSorted) expect([numbers, warnings]).toEqual([stages.map(({ earlier }) => earlier), []]);
      }),
    );
  });
});
