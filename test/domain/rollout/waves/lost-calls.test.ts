import { expect, test } from 'vitest';
import { NO_CHOICES } from '../../../../src/domain/rollout/choices.ts';
import { formatWorkload } from '../../../../src/domain/world/workload.ts';
import { worldFrom } from '../../../support/build-world.ts';
import { planOf, SHOP, SHOP_CALLS } from '../shop.ts';

const FAULTY = worldFrom([
  ...SHOP,
  {
    apiVersion: 'networking.istio.io/v1',
    kind: 'VirtualService',
    metadata: { namespace: 'shop', name: 'chaos' },
    spec: {
      hosts: ['cart'],
      http: [
        {
          fault: { abort: { percentage: { value: 100 }, httpStatus: 503 } },
          route: [{ destination: { host: 'cart' } }],
        },
      ],
    },
  },
]);

function enrolmentOf(name: string, plan: ReturnType<typeof planOf>) {
  return plan.stages.find(
    ({ wave, scope }) => wave !== undefined && scope.workloads.some((each) => formatWorkload(each) === name),
  );
}

test('a wave with which a VirtualService begins to act on a known call is blocked, alone, and names it', () => {
  const plan = planOf(FAULTY, SHOP_CALLS);
  const front = enrolmentOf('shop/Deployment/front', plan);
  expect(front?.state).toBe('blocked');
  expect(front?.blockedBy.map(({ what }) => what).join()).toContain('VirtualService shop/chaos');
  expect(front?.scope.workloads).toHaveLength(1);
  expect(enrolmentOf('shop/Deployment/cart', plan)?.state).toBe('ready');
});

test('a waiver of the server lets the wave through as waived', () => {
  const waiver = { what: 'shop/Deployment/cart', reason: 'chaos is wanted', owner: 'ann', expires: '2999-01-01' };
  const front = enrolmentOf(
    'shop/Deployment/front',
    planOf(FAULTY, SHOP_CALLS, { choices: { ...NO_CHOICES, waivers: [waiver] } }),
  );
  expect(front?.state).toBe('waived');
  expect(front?.notes.join()).toContain('Waived by ann until 2999-01-01');
});
