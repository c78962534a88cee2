import { expect, test } from 'vitest';
import type { JsonObject } from '../../../../src/lib/json.ts';
import { service, workload, worldFrom } from '../../../support/build-world.ts';
import { planOf, SHOP, SHOP_CALLS, stageOf } from '../shop.ts';

test('a port that the proxies leave out is in the register, and no exit gate asks that it be STRICT', () => {
  const tools = JSON.stringify(workload('shop', 'tools', { port: 9000 })).replace(
    '"template":{"metadata":{',
    '"template":{"metadata":{"annotations":{"traffic.sidecar.istio.io/excludeInboundPorts":"9000"},',
  );
  const objects = [...SHOP, JSON.parse(tools) as JsonObject, service('shop', 'tools', { targetPort: 9000 })];
  const plan = planOf(worldFrom(objects), SHOP_CALLS, { acceptEvidence: 'inferred' });
  const strict = stageOf(plan, 'strict-shop');
  expect(strict.state).toBe('waived');
  expect(strict.exitGate.map(({ id }) => id)).not.toContain('strict-deployment-tools');
  expect(strict.exitGate.map(({ id }) => id)).toContain('strict-deployment-cart');
  const rows = plan.exceptions.filter(({ workload: { name }, layer }) => name === 'tools' && layer === 'mtls');
  expect(rows.flatMap(({ ports }) => ports)).toEqual([9000]);
});
