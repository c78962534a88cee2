import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../../../../src/lib/json.ts';
import { service, workload } from '../../../support/build-world.ts';
import { row, SHOP, SHOP_CALLS } from '../shop.ts';
import { MIGRATES, SCRAPED, annotated, destinationRule, ingressTo, shopWith, withSpec } from './trap-objects.ts';
import { trap } from './trap-world.ts';

const PROBE: JsonObject = { readinessProbe: { httpGet: { port: 8080, path: '/' } } };

describe('callers that stay in plaintext keep their container port PERMISSIVE and stand in the register', () => {
  test('the kubelet, whose probes an annotation keeps from being rewritten', () => {
    const cart = annotated(workload('shop', 'cart', { container: PROBE }), {
      'sidecar.istio.io/rewriteAppHTTPProbers': 'false',
    });
    const { register, worse, inTheWay, page } = trap(shopWith('Deployment', 'cart', () => cart));
    expect(register).toContain('cart mtls 8080: it waits for kubelet: plaintext (probe), declared');
    expect(page('preflight')).toContain('sidecar.istio.io/rewriteAppHTTPProbers');
    expect([...inTheWay, ...worse]).toEqual([]);
  });

  test('Prometheus outside the mesh, which scrapes a port of the application', () => {
    const { register, worse } = trap(SCRAPED);
    expect(register).toContain('cart mtls 8080: it waits for metrics/Deployment/prometheus: plaintext (run), declared');
    expect(register.some((line) => line.startsWith('cart authorization 8080'))).toBe(true);
    expect(worse).toEqual([]);
  });

  test('clients of a headless Service of which one pod has no sidecar', () => {
    const old = { role: 'db', 'sidecar.istio.io/inject': 'false' };
    const objects = [
      ...SHOP,
      workload('shop', 'db', { kind: 'StatefulSet', labels: { role: 'db' } }),
      workload('shop', 'db-old', { kind: 'StatefulSet', labels: old }),
      withSpec(service('shop', 'db', { port: 8080 }), { clusterIP: 'None', selector: { role: 'db' } }),
    ];
    const { register, worse } = trap(objects, { rows: [...SHOP_CALLS, row('cart.shop', 'db.shop', { port: 8080 })] });
    expect(register).toContain('db mtls 8080: it waits for shop/Deployment/cart: plaintext (run), observed');
    expect(worse).toEqual([]);
  });

  test('a meshed client that calls a pod by its address', () => {
    const ports = { ports: [{ containerPort: 8080 }, { containerPort: 9901 }] };
    const objects = [...SHOP, workload('shop', 'admin', { container: ports }), service('shop', 'admin')];
    const rows = [...SHOP_CALLS, row('cart.shop', 'admin.shop'), row('cart.shop', 'admin.shop', { port: 9901 })];
    const { register, worse } = trap(objects, { rows });
    expect(register).toContain('admin mtls 9901: it waits for shop/Deployment/cart: plaintext (run), observed');
    expect(register.some((line) => line.startsWith('admin mtls 8080'))).toBe(false);
    expect(worse).toEqual([]);
  });

  test('whoever comes through a load balancer', () => {
    const { register, worse } = trap(
      shopWith('Service', 'front', (object) => withSpec(object, { type: 'LoadBalancer' })),
    );
    expect(register).toContain('front mtls 8080: it waits for load-balancer: plaintext (run), declared');
    expect(worse).toEqual([]);
  });

  test('an ingress controller outside the mesh', () => {
    const { register, worse } = trap([...SHOP, ...ingressTo('shop', 'front')]);
    expect(register).toContain('front mtls 8080: it waits for edge/Deployment/nginx: plaintext (run), declared');
    expect(worse).toEqual([]);
  });

  test('an init container that calls before a classic sidecar runs', () => {
    const app = annotated(workload('shop', 'app', { podSpec: MIGRATES }), {
      'sidecar.istio.io/nativeSidecar': 'false',
    });
    const { register, worse } = trap([...SHOP, app], { rows: [...SHOP_CALLS, row('app.shop', 'payments.pay')] });
    expect(register).toContain('payments mtls 8080: it waits for shop/Deployment/app: plaintext (start), inferred');
    expect(worse).toEqual([]);
  });

  test('clients whom a DestinationRule makes send plaintext', () => {
    const { register, worse, page } = trap([...SHOP, destinationRule('DISABLE')]);
    expect(register).toContain('payments mtls 8080: it waits for shop/Deployment/cart: plaintext (run), observed');
    expect(page('preflight')).toContain(
      'DestinationRule pay/payments keeps shop/Deployment/cart from sending mutual TLS',
    );
    expect(worse).toEqual([]);
  });

  test('clients of pods that a label says take no mutual TLS', () => {
    const cart = workload('shop', 'cart', { labels: { 'security.istio.io/tlsMode': 'disabled' } });
    const { register, worse } = trap(shopWith('Deployment', 'cart', () => cart));
    expect(register).toContain('cart mtls 8080: it waits for shop/Deployment/front: plaintext (run), observed');
    expect(worse).toEqual([]);
  });
});
