import { expect, test } from 'vitest';
import type { JsonObject } from '../../../src/lib/json.ts';
import { workload, worldFrom } from '../../support/build-world.ts';
import { planOf, SHOP, SHOP_CALLS } from './shop.ts';

const LINKERD: JsonObject = {
  containers: [
    { name: 'app', image: 'example.com/twin:1' },
    { name: 'linkerd-proxy', image: 'cr.l5d.io/linkerd/proxy:edge-26.8.3' },
  ],
  initContainers: [{ name: 'linkerd-init', image: 'cr.l5d.io/linkerd/proxy-init:v2.4.3' }],
  serviceAccountName: 'cart',
};

function twinGetsIn(podSpec: JsonObject): boolean {
  const labels = podSpec['initContainers'] === undefined ? {} : { 'linkerd.io/control-plane-ns': 'linkerd' };
  const twin = workload('shop', 'twin', { serviceAccount: 'cart', labels, podSpec });
  return JSON.stringify(planOf(worldFrom([...SHOP, twin]), SHOP_CALLS)).includes('/twin also gets in');
}

test('a workload with the account of a caller gets in with its sidecar, and with one of Linkerd does not', () => {
  expect(twinGetsIn({})).toBe(true);
  expect(twinGetsIn(LINKERD)).toBe(false);
});
