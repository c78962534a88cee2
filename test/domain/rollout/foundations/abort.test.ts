import { expect, test } from 'vitest';
import { NO_CHOICES } from '../../../../src/domain/rollout/choices.ts';
import { worldFrom } from '../../../support/build-world.ts';
import { planOf, SHOP, SHOP_CALLS } from '../shop.ts';

const ALWAYS = ['errors-rise', 'latency-rises', 'restarts-rise', 'pods-pend'];

test('every stage that changes how calls fare ends within minutes by the same signs, beside its own', () => {
  const changing = planOf(worldFrom(SHOP), SHOP_CALLS).stages.filter(
    ({ kind, state }) => ['enrol', 'strict', 'allow', 'deny'].includes(kind) && state === 'ready',
  );
  expect(changing.length).toBeGreaterThan(6);
  for (const { abort } of changing) {
    const ids = abort.map(({ id }) => id);
    expect(ids).toEqual(expect.arrayContaining(ALWAYS));
    expect(new Set(ids).size).toBe(ids.length);
    for (const { command } of abort) expect(command?.length).toBeGreaterThan(1);
  }
});

test('stages that change no call have none of them', () => {
  const { stages } = planOf(worldFrom(SHOP), SHOP_CALLS);
  const preparing = stages.filter(({ kind }) => ['trust', 'telemetry', 'shadow'].includes(kind));
  expect(preparing.length).toBeGreaterThan(2);
  for (const { abort } of preparing) expect(abort.map(({ id }) => id)).not.toContain('restarts-rise');
});

test('objectives that were set count whatever the day before was like', () => {
  const choices = { ...NO_CHOICES, slo: { errorRatio: 0.002, p99Milliseconds: 300 } };
  const { stages } = planOf(worldFrom(SHOP), SHOP_CALLS, { choices });
  const strict = stages.find(({ id }) => id === 'strict-shop');
  const byId = new Map(strict?.abort.map(({ id, promql }) => [id, promql]));
  expect(byId.get('slo-errors')).toMatch(/> 0\.002$/);
  expect(byId.get('slo-latency')).toMatch(/> 300$/);
});
