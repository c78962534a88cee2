import { expect, test } from 'vitest';
import type { JsonObject } from '../../../../src/lib/json.ts';
import { SHOP, stageOf } from '../shop.ts';
import { ambientPlan, CALICO, inAmbientCluster, networkPolicy } from './ambient-shop.ts';

function cartAdmits(port: JsonObject): JsonObject {
  return networkPolicy('shop', 'cart', {
    podSelector: { matchLabels: { app: 'cart' } },
    policyTypes: ['Ingress'],
    ingress: [{ from: [{ podSelector: { matchLabels: { app: 'front' } } }], ports: [{ protocol: 'TCP', ...port }] }],
  });
}

function planned(port: JsonObject) {
  return ambientPlan(inAmbientCluster([...SHOP, CALICO, cartAdmits(port)]));
}

test('a range of ports in a NetworkPolicy is rebuilt on ztunnel port by port', () => {
  const stage = stageOf(planned({ port: 8000, endPort: 8100 }), 'tunnel-shop');
  const [deny] = stage.steps.flatMap((step) =>
    step.step === 'apply' && step.manifest.kind === 'AuthorizationPolicy' ? [step.manifest.spec] : [],
  );
  const ports = Array.from({ length: 101 }, (_, index) => String(8000 + index));
  expect(deny).toMatchObject({ action: 'DENY', rules: [{ to: [{ operation: { notPorts: ports } }] }] });
});

test('a range that is too long to be written out stands in the register as a gap, with its start and its end', () => {
  const plan = planned({ port: 8000, endPort: 9000 });
  const rows = plan.exceptions.filter(({ workload, layer }) => workload.name === 'cart' && layer === 'authorization');
  expect(rows.map(({ reason, expires }) => [reason, expires])).toEqual([
    [
      'some rules admit a span of more than 256 ports, so ztunnel is not told ports: whoever NetworkPolicy cart admits at some port may reach the others through 15008, from the enrolment of shop/Deployment/cart on',
      'with stage deny-shop',
    ],
  ]);
});
