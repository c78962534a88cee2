import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { RolloutPlan, Stage } from '../../../src/domain/rollout/plan.ts';
import { AppError } from '../../../src/lib/errors.ts';
import { wireWholePlan } from '../../../src/wiring-plan.ts';
import { worldFrom } from '../../support/build-world.ts';
import { planOf, SHOP, SHOP_CALLS } from '../../domain/rollout/shop.ts';

const plan = JSON.parse(
  JSON.stringify({
    apiVersion: 'meshwise.dev/v1alpha1',
    kind: 'RolloutPlan',
    ...planOf(worldFrom(SHOP), SHOP_CALLS),
  }),
) as RolloutPlan;

describe('a whole plan', () => {
  let folder: string;
  let read: (path: string) => RolloutPlan;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'meshwise-whole-plan-'));
    read = await wireWholePlan();
  });
  afterAll(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  function readBack(document: unknown): RolloutPlan {
    const path = join(folder, 'plan.json');
    writeFileSync(path, JSON.stringify(document));
    return read(path);
  }

  function withStage(index: number, changes: Partial<Record<keyof Stage, unknown>>): unknown {
    return { ...plan, stages: plan.stages.map((stage, at) => (at === index ? { ...stage, ...changes } : stage)) };
  }

  test('is read with all that was written', () => {
    const { apiVersion, kind, ...written } = plan as RolloutPlan & Record<'apiVersion' | 'kind', string>;
    expect([apiVersion, kind]).toEqual(['meshwise.dev/v1alpha1', 'RolloutPlan']);
    expect(readBack(plan)).toMatchObject(written);
  });

  test.each([
    ['an id that leaves the folder', { id: '../../etc' }, /is no id of a stage/],
    ['an id that is an option', { id: '--force' }, /is no id of a stage/],
    ['a gate that is none', { exitGate: [{ id: 7 }] }, /stages\.2\.exitGate\.0\.id/],
    ['no effort, as an older plan', { effort: undefined }, /stages\.2\.effort.*another version/],
    ['a number out of order', { number: 1 }, /the number of stage .* is less/],
    ['a stage before it that is not there', { dependsOn: ['nobody'] }, /depends on nobody/],
    [
      'a rollback that waits for an earlier stage',
      { rollback: { ...plan.stages[2]?.rollback, undoFirst: [plan.stages[0]?.id] } },
      /waits with its rollback/,
    ],
  ])('is refused with %s', (_title, changes, message) => {
    const document = withStage(2, changes);
    expect(() => readBack(document)).toThrow(message);
    expect(() => readBack(document)).toThrow(expect.objectContaining({ code: 'not-a-plan', exitStatus: 2 }));
  });

  test('is a plan or a usage error, whatever stands in any place of it', () => {
    const keys = Object.keys(plan.stages[3] ?? {}) as (keyof Stage)[];
    fc.assert(
      fc.property(fc.constantFrom(...keys), fc.jsonValue(), (key, value) => {
        try {
          expect(readBack(withStage(3, { [key]: value })).stages.length).toBe(plan.stages.length);
        } catch (error) {
          expect(error).toBeInstanceOf(AppError);
        }
      }),
      { numRuns: 60 },
    );
  });
});
