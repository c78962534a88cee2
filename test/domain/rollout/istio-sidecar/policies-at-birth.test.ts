import { expect, test } from 'vitest';
import type { JsonObject } from '../../../../src/lib/json.ts';
import { admitPod } from '../../../../src/domain/mesh/registry.ts';
import type { RolloutPlan, Stage } from '../../../../src/domain/rollout/plan.ts';
import { applyChange } from '../../../../src/domain/world/apply.ts';
import type { Manifest } from '../../../../src/domain/world/step.ts';
import type { World } from '../../../../src/domain/world/world.ts';
import { worldFrom } from '../../../support/build-world.ts';
import { planOf, row, SHOP, SHOP_CALLS, stageOf } from '../shop.ts';

function policy(name: string, spec: JsonObject, annotations: Readonly<Record<string, string>> = {}): Manifest {
  return {
    apiVersion: 'security.istio.io/v1',
    kind: 'AuthorizationPolicy',
    metadata: { name, namespace: 'pay', annotations },
    spec: { selector: { matchLabels: { app: 'payments' } }, ...spec },
  };
}

const FROM_CART = { rules: [{ from: [{ source: { principals: ['cluster.local/ns/shop/sa/cart'] } }] }] };

/** The shop with a control plane and that policy, before anybody has a sidecar. */
function withPolicy(manifest: Manifest): World {
  const world = worldFrom(SHOP);
  const { steps } = stageOf(planOf(world, SHOP_CALLS), 'control-plane');
  return applyChange(world, { id: 'before', steps: [...steps, { step: 'apply', manifest }] }, admitPod).world;
}

function waveOfPayments(plan: RolloutPlan): Stage | undefined {
  return plan.stages.find(
    ({ wave, scope }) => wave !== undefined && scope.workloads.some(({ name }) => name === 'payments'),
  );
}

const NOBODY_WATCHED = [row('front.shop', 'cart.shop')];

test.each([
  ['an ALLOW', policy('theirs', FROM_CART)],
  ['a DENY', policy('theirs', { action: 'DENY', rules: [{ to: [{ operation: { ports: ['8080'] } }] }] })],
])(
  '%s that nobody enforces yet makes the wave an outline, where nobody knows who calls the workload',
  (_, manifest) => {
    const plan = planOf(withPolicy(manifest), NOBODY_WATCHED);
    const wave = waveOfPayments(plan);
    expect(wave?.state).toBe('outline');
    expect(wave?.steps).toEqual([]);
    expect(wave?.notes.join('\n')).toContain('AuthorizationPolicy pay/theirs');
    expect(plan.leftOut.map(({ what }) => what)).toContain('pay/Deployment/payments');
  },
);

test('an ALLOW whose callers were watched and are admitted lets the wave through, which names it', () => {
  const wave = waveOfPayments(planOf(withPolicy(policy('theirs', FROM_CART)), SHOP_CALLS));
  expect(wave?.state).toBe('ready');
  expect(wave?.why).toContain('AuthorizationPolicy pay/theirs holds from the first pod on');
  expect(wave?.doesNotChange).not.toContain('Nobody is refused');
});

test.each([
  ['a dry run', policy('theirs', FROM_CART, { 'istio.io/dry-run': 'true' })],
  ['an ALLOW that admits everybody', policy('theirs', { rules: [{}] })],
])('%s refuses nobody, and the wave goes ahead without evidence', (_, manifest) => {
  expect(waveOfPayments(planOf(withPolicy(manifest), NOBODY_WATCHED))?.state).toBe('ready');
});
