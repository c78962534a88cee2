import { expect, test } from 'vitest';
import type { Target } from '../../../src/domain/rollout/plan.ts';
import type { JsonObject } from '../../../src/lib/json.ts';
import { worldFrom } from '../../support/build-world.ts';
import { planOf, row, SHOP, SHOP_CALLS, stageOf } from './shop.ts';

const ALIAS: JsonObject = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'alias', namespace: 'shop' },
  spec: { type: 'ExternalName', externalName: 'payments.pay.svc.cluster.local', ports: [{ name: 'http', port: 80 }] },
};
const ROWS = [...SHOP_CALLS, row('front.shop', 'alias.shop')];

test.each(['istio-sidecar', 'istio-ambient', 'linkerd'] as const)(
  'towards %s, a server that somebody calls through an ExternalName is cut by no stage, which names both',
  (target: Target) => {
    const plan = planOf(worldFrom([...SHOP, ALIAS]), ROWS, { target });
    const strict = stageOf(plan, 'strict-pay');
    expect(strict.state).toBe('outline');
    expect(strict.blockedBy).toContainEqual(
      expect.objectContaining({
        kind: 'call',
        what: expect.stringMatching(
          /shop\/Deployment\/front calls pay\/Deployment\/payments port 8080 through Service shop\/alias, an ExternalName/,
        ) as string,
      }),
    );
    expect(plan.stages.filter(({ id, state }) => id.startsWith('deny-pay') && state !== 'outline')).toEqual([]);
    expect(stageOf(plan, 'strict-shop').state).toBe('ready');
  },
);

test('no waiver of evidence lets a stage cut a known call through an ExternalName', () => {
  const plan = planOf(worldFrom([...SHOP, ALIAS]), ROWS, { acceptEvidence: 'inferred' });
  expect(stageOf(plan, 'strict-pay').state).toBe('outline');
});

test('an ExternalName that nobody calls, or that stands for a host elsewhere, holds nothing up', () => {
  expect(stageOf(planOf(worldFrom([...SHOP, ALIAS]), SHOP_CALLS), 'deny-pay').state).toBe('ready');
  const elsewhere = { ...ALIAS, spec: { type: 'ExternalName', externalName: 'pay.example.com' } };
  expect(stageOf(planOf(worldFrom([...SHOP, elsewhere]), ROWS), 'strict-pay').state).toBe('ready');
});
