import { expect, test } from 'vitest';
import { SHOP, stageOf } from '../shop.ts';
import { manifest } from '../traps/trap-objects.ts';
import { trap } from '../traps/trap-world.ts';

const POLICY = 'security.istio.io/v1 AuthorizationPolicy';

test.each([
  ['for the namespace', manifest(POLICY, 'pay/open', { rules: [{}] })],
  ['for the workload', manifest(POLICY, 'pay/open', { selector: { matchLabels: { app: 'payments' } }, rules: [{}] })],
])('a catch-all of others %s is no reason against that of the plan, and has to go before the deny', (_, policy) => {
  const { plan, blockedBy } = trap([...SHOP, policy]);
  expect(stageOf(plan, 'allow-catch-all-pay').state).toBe('ready');
  expect(stageOf(plan, 'allow-pay').state).toBe('ready');
  expect(stageOf(plan, 'deny-pay').state).toBe('blocked');
  expect(blockedBy('deny-pay')).toContain('AuthorizationPolicy pay/open admits everybody');
});
