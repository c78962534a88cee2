import { describe, expect, test } from 'vitest';
import { service, workload } from '../../../support/build-world.ts';
import { row, SHOP, SHOP_CALLS, stageOf } from '../shop.ts';
import { ambientPlan, inAmbientCluster } from './ambient-shop.ts';

/** Ports of the sidecar's agent, which in ambient mode are an application's like any other. */
const PORTS = [15020, 15021, 15090] as const;

function planWith(port: number, isCalled: boolean) {
  const world = inAmbientCluster([
    ...SHOP,
    workload('shop', 'meter', { port }),
    service('shop', 'meter', { targetPort: port }),
  ]);
  return ambientPlan(world, [...SHOP_CALLS, ...(isCalled ? [row('front.shop', 'meter.shop')] : [])]);
}

describe.each(PORTS)('an application behind ztunnel at port %d', (port) => {
  test('is not made STRICT while nobody saw who calls it', () => {
    const { state, blockedBy } = stageOf(planWith(port, false), 'strict-shop');
    expect(state).toBe('outline');
    expect(JSON.stringify(blockedBy)).toContain(`shop/Deployment/meter port ${String(port)}`);
  });

  test('gets a rule for those who call it', () => {
    const plan = planWith(port, true);
    expect(stageOf(plan, 'strict-shop').state).toBe('ready');
    expect(JSON.stringify(stageOf(plan, 'allow-shop').steps)).toContain(`"ports":["${String(port)}"]`);
  });
});
