import { describe, expect, test } from 'vitest';
import type { CallRow } from '../../../../src/domain/calls/call.ts';
import type { JsonObject } from '../../../../src/lib/json.ts';
import { namespace, node, service, workload } from '../../../support/build-world.ts';
import { stageOf } from '../shop.ts';
import { linkerdPlan, row, scene } from './run-plan.ts';

/** A port that Istio's sidecars take for themselves, and that any application may listen at elsewhere. */
const PORT = 15008;

const MANIFESTS: readonly JsonObject[] = [
  node('n'),
  namespace('shop'),
  workload('shop', 'front'),
  workload('shop', 'cart'),
  service('shop', 'cart'),
  workload('shop', 'tunnel', { port: PORT }),
  {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'tunnel', namespace: 'shop' },
    spec: { clusterIP: '10.96.0.9', selector: { app: 'tunnel' }, ports: [{ port: PORT, name: 'http' }] },
  },
];

function planWith(calls: readonly CallRow[]) {
  return linkerdPlan(scene(MANIFESTS, [row('front.shop', 'cart.shop'), ...calls]));
}

describe('a port that is one of the proxies of another mesh', () => {
  test('is closed like any other where its callers are known', () => {
    const plan = planWith([row('front.shop', 'tunnel.shop', { port: PORT })]);
    for (const id of ['strict-shop', 'deny-shop']) {
      expect(JSON.stringify(stageOf(plan, id).steps)).toContain(`"port":${String(PORT)}`);
    }
  });

  test('stays as it is, and is listed, where nobody saw who calls it', () => {
    const plan = planWith([]);
    expect(JSON.stringify(stageOf(plan, 'strict-shop').steps)).not.toContain(`"port":${String(PORT)}`);
    const rest = JSON.stringify(stageOf(plan, 'strict-rest-shop').blockedBy);
    expect(rest).toContain(`shop/Deployment/tunnel port ${String(PORT)}`);
  });
});
