import { expect, test } from 'vitest';
import { asObject } from '../../../../src/lib/json.ts';
import { SHOP, SHOP_CALLS, stageOf } from '../shop.ts';
import { linkerdPlan, scene } from './run-plan.ts';

test('the replay judges every known call in the world that the deny will meet, with its policies and proxies there', () => {
  const plan = linkerdPlan(scene(SHOP, SHOP_CALLS));
  for (const namespace of ['pay', 'shop']) {
    const [result = ''] = stageOf(plan, `shadow-${namespace}`).notes;
    expect(result).toMatch(/^Replayed [1-9]\d* known calls against [1-9]\d* objects: none of them gets worse\.$/);
  }
});

test('a deny is the whole Server that the plan wrote, edited, and its rollback lets every identity in again', () => {
  const plan = linkerdPlan(scene(SHOP, SHOP_CALLS));
  const written = stageOf(plan, 'strict-shop').steps.flatMap((step) => (step.step === 'apply' ? [step.manifest] : []));
  const deny = stageOf(plan, 'deny-shop');
  const servers = written.filter(({ kind }) => kind === 'Server');
  expect(servers.length).toBeGreaterThan(0);
  const denied = servers.map(({ spec, ...rest }) => ({ ...rest, spec: { ...asObject(spec), accessPolicy: 'deny' } }));
  expect(deny.steps).toHaveLength(denied.length);
  expect(deny.steps).toEqual(expect.arrayContaining(denied.map((manifest) => ({ step: 'apply', manifest }))));
  const undone = JSON.stringify(deny.rollback.steps);
  expect(undone.split('"accessPolicy":"all-authenticated"')).toHaveLength(servers.length + 1);
  expect(undone).not.toContain('"delete"');
});
