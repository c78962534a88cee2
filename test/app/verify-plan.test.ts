import { expect, test } from 'vitest';
import type { OpenedWorld } from '../../src/app/open-world.ts';
import { locateInPlan, stageOf, verifyPlan, type VerificationResult } from '../../src/app/verify-plan.ts';
import { verifyUntil } from '../../src/app/verify-until.ts';
import type { World } from '../../src/domain/world/world.ts';
import { verification } from '../../src/schema/contracts/verification.ts';
import { appliedUpTo, PLAN, WORLD } from '../domain/rollout/verify/verify-world.ts';
import { SHOP_CALLS, watched } from '../domain/rollout/shop.ts';

function opened(world: World): OpenedWorld {
  return {
    base: world,
    world,
    graph: watched(world, SHOP_CALLS),
    observed: [],
    reading: {
      objects: [],
      basis: 'live',
      coverage: [],
      setAside: [],
      gaps: [],
      warnings: [],
      asOf: world.asOf,
      kubernetesVersion: world.kubernetesVersion,
      cluster: world.cluster,
    },
    headFor: (kind) => ({
      apiVersion: 'meshwise.dev/v1alpha1',
      kind,
      basis: 'live',
      coverage: world.coverage.entries,
      warnings: [],
      setAside: [],
    }),
  };
}

const STRICT = 'strict-shop';
const exit = { stage: STRICT, gate: 'exit', confirm: [] } as const;

test('the result is what its schema says', async () => {
  const result = await verifyPlan(opened(appliedUpTo(STRICT)), PLAN, { question: exit });
  expect(verification.safeParse(JSON.parse(JSON.stringify(result))).error).toBeUndefined();
  const where = locateInPlan(opened(appliedUpTo(STRICT)), PLAN);
  expect(verification.safeParse(JSON.parse(JSON.stringify(where))).error).toBeUndefined();
  expect(where).toMatchObject({ gate: 'position', answer: { is: 'yes' }, position: { at: STRICT } });
});

test('the answer is no where a condition is unmet, and not enough evidence where some are unknown', async () => {
  const before = await verifyPlan(opened(WORLD), PLAN, { question: exit });
  expect(before.answer.is).toBe('no');
  const after = await verifyPlan(opened(appliedUpTo(STRICT)), PLAN, { question: exit });
  expect(after.summary.unmet).toBe(0);
  expect(after.answer.is).toBe('not-enough-evidence');
});

test('the answer is yes once the metrics are green and a person confirmed the rest', async () => {
  const asked: string[] = [];
  const metrics = {
    ask: (query: string) => {
      asked.push(query);
      return Promise.resolve([
        { source: 'prometheus test', rows: query.startsWith('proof') ? [{ labels: {}, value: 1 }] : [] },
      ]);
    },
  };
  const stage = stageOf(PLAN, STRICT);
  const exitGate = stage.exitGate.map((condition) =>
    condition.promql === undefined ? condition : { ...condition, proof: `proof of ${condition.id}` },
  );
  const plan = { ...PLAN, stages: PLAN.stages.map((each) => (each.id === STRICT ? { ...each, exitGate } : each)) };
  const open = await verifyPlan(opened(appliedUpTo(STRICT)), plan, { question: exit, metrics });
  const confirm = open.conditions.filter(({ state }) => state === 'unknown').map(({ id }) => id);
  const closed = await verifyPlan(opened(appliedUpTo(STRICT)), plan, { question: { ...exit, confirm }, metrics });
  expect(closed.answer.is).toBe('yes');
  expect(asked.length).toBeGreaterThan(0);
});

test('a stage that is not there is refused with those that are near', () => {
  expect(() => stageOf(PLAN, 'strict-shp')).toThrow(/no stage strict-shp/);
  try {
    stageOf(PLAN, 'strict-shp');
  } catch (error) {
    expect(error).toMatchObject({ exitStatus: 2, hints: ['did you mean: strict-shop'] });
  }
});

test('an id to confirm that the gate does not have is refused', async () => {
  const question = { ...exit, confirm: ['no-such-condition'] };
  await expect(verifyPlan(opened(WORLD), PLAN, { question })).rejects.toMatchObject({
    code: 'unknown-condition',
    exitStatus: 2,
  });
});

test('a rollback names the stages to undo first, in order', async () => {
  const question = { stage: STRICT, gate: 'rollback', confirm: [] } as const;
  const result = await verifyPlan(opened(appliedUpTo('deny-shop')), PLAN, { question });
  expect(result.answer.is).toBe('no');
  expect(result.undoFirst?.slice(0, 2)).toEqual(['deny-shop', 'allow-shop']);
});

function looks(answers: readonly VerificationResult['answer']['is'][], result: VerificationResult) {
  let count = 0;
  const look = (): Promise<VerificationResult> => {
    const is = answers[Math.min(count, answers.length - 1)] ?? 'no';
    count += 1;
    return Promise.resolve({ ...result, answer: { is, because: [] } });
  };
  return { look, count: () => count };
}

test('waiting ends as soon as all is met, and at the end of the time at the latest', async () => {
  const result = await verifyPlan(opened(WORLD), PLAN, { question: exit });
  for (const [answers, expected, times] of [
    [['no', 'not-enough-evidence', 'yes'], 'yes', 3],
    [['no'], 'no', 4],
    [['yes'], 'yes', 1],
  ] as const) {
    let time = 0;
    const slept: number[] = [];
    const clock = {
      now: () => time,
      sleep: (milliseconds: number) => {
        slept.push(milliseconds);
        time += milliseconds;
        return Promise.resolve();
      },
    };
    const { look, count } = looks(answers, result);
    const last = await verifyUntil({ look, clock, seconds: 25, onLook: () => undefined });
    expect([last.answer.is, count()]).toEqual([expected, times]);
    expect(slept.every((milliseconds) => milliseconds <= 10_000)).toBe(true);
    expect(slept.slice(0, -1).every((milliseconds) => milliseconds === 10_000)).toBe(true);
  }
});
