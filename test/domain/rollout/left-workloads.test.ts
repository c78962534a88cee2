import { expect, test } from 'vitest';
import type { JsonObject } from '../../../src/lib/json.ts';
import { asObject } from '../../../src/lib/json.ts';
import { workload, worldFrom } from '../../support/build-world.ts';
import { planOf, SHOP, SHOP_CALLS, stageOf } from './shop.ts';

function withSpec(manifest: JsonObject, more: JsonObject): JsonObject {
  return { ...manifest, spec: { ...asObject(manifest['spec']), ...more } };
}

const HELD: readonly (readonly [string, JsonObject, string])[] = [
  ['a paused Deployment', withSpec(workload('shop', 'held'), { paused: true }), 'it is paused'],
  [
    'a StatefulSet with a partition',
    withSpec(workload('shop', 'held', { kind: 'StatefulSet' }), {
      updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 2 } },
    }),
    'partition',
  ],
  [
    'a workload of an unknown kind',
    {
      ...workload('shop', 'held'),
      apiVersion: 'apps.openshift.io/v1',
      kind: 'DeploymentConfig',
    },
    'its kind is not known here: enrol it by hand',
  ],
];

test.each(HELD)('%s is left out with the reason, and its namespace is not labelled', (_, object, reason) => {
  const plan = planOf(worldFrom([...SHOP, object]), SHOP_CALLS);
  const left = plan.leftOut.find(({ what }) => what.endsWith('/held'));
  expect(left?.reason).toContain(reason);
  expect(stageOf(plan, 'enrol-namespace-shop').state).toBe('blocked');
});

test('a StatefulSet whose partition is zero is enrolled', () => {
  const whole = withSpec(workload('shop', 'whole', { kind: 'StatefulSet' }), {
    updateStrategy: { rollingUpdate: { partition: 0 } },
  });
  const plan = planOf(worldFrom([...SHOP, whole]), SHOP_CALLS);
  expect(plan.leftOut.filter(({ what }) => what.endsWith('/whole'))).toEqual([]);
});
