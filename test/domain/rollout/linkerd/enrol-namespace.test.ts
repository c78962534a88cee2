import { expect, test } from 'vitest';
import type { JsonObject } from '../../../../src/lib/json.ts';
import { SHOP, SHOP_CALLS, stageOf } from '../shop.ts';
import { linkerdPlan, scene } from './run-plan.ts';

function jobWith(conditions: readonly JsonObject[]): JsonObject {
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name: 'import', namespace: 'shop' },
    spec: { template: { spec: { containers: [{ name: 'job', image: 'example.com/job:1' }] } } },
    status: { conditions },
  };
}

function stateWith(conditions: readonly JsonObject[]): string {
  const plan = linkerdPlan(scene([...SHOP, jobWith(conditions)], SHOP_CALLS));
  return stageOf(plan, 'enrol-namespace-shop').state;
}

test('a Job that has ended does not keep its namespace from the annotation, and one that goes on does', () => {
  expect(stateWith([{ type: 'Complete', status: 'True' }])).toBe('ready');
  expect(stateWith([])).toBe('blocked');
});
