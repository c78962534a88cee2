import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../../../../src/lib/json.ts';
import { namespace, service, workload, type WorkloadOptions } from '../../../support/build-world.ts';
import { row, SHOP, SHOP_CALLS, stageOf } from '../shop.ts';
import { annotated, manifest, shopWith } from './trap-objects.ts';
import { pageOf, registered, towardsLinkerd } from './trap-world.ts';

function withPayments(options: WorkloadOptions): readonly JsonObject[] {
  return shopWith('Deployment', 'payments', () => workload('pay', 'payments', options));
}

const HELM_HOOK: JsonObject = {
  apiVersion: 'batch/v1',
  kind: 'Job',
  metadata: { name: 'hook', namespace: 'shop', annotations: { 'helm.sh/hook': 'pre-install' } },
  spec: {
    template: {
      metadata: { labels: { app: 'hook' } },
      spec: { restartPolicy: 'Never', containers: [{ name: 'job', image: 'example.com/hook:1' }] },
    },
  },
};

test('a Job of a Helm hook keeps the namespace from an annotation that would inject it', () => {
  const { plan, blockedBy, worse } = towardsLinkerd([...SHOP, HELM_HOOK]);
  expect(stageOf(plan, 'enrol-namespace-shop').state).toBe('blocked');
  expect(blockedBy('enrol-namespace-shop')).toContain('shop/Job/hook is not enrolled');
  expect(worse).toEqual([]);
});

describe("a database on a port of the chart's opaque list", () => {
  test.each([
    ['that no container declares, which its pods are told', { ports: [], targetPort: 3306 }, '3306'],
    [
      'that the Service names and a container declares',
      { ports: [{ name: 'sql', containerPort: 3306 }], targetPort: 'sql' },
      undefined,
    ],
  ])('%s does not stall its clients', (_what, { ports, targetPort }, annotation) => {
    const objects = [
      ...SHOP,
      workload('shop', 'db', { kind: 'StatefulSet', container: { image: 'mysql:8', ports } }),
      service('shop', 'db', { name: 'db', port: 3306, targetPort }),
    ];
    const rows = [...SHOP_CALLS, row('cart.shop', 'db.shop', { port: 3306, protocol: 'mysql' })];
    const trapped = towardsLinkerd(objects, { rows });
    expect([...trapped.inTheWay, ...trapped.worse]).toEqual([]);
    const said = /"config.linkerd.io\/opaque-ports":"([^"]*)"/.exec(JSON.stringify(trapped.wave('db').steps));
    expect(said?.[1]).toBe(annotation);
  });
});

describe('what objects show and no simulation of calls settles stands on the page of the wave', () => {
  test('a second network, as a condition of its entry', () => {
    const multi = annotated(workload('shop', 'multi'), { 'k8s.v1.cni.cncf.io/networks': 'net2' });
    const { wave } = towardsLinkerd([...SHOP, multi, service('shop', 'multi')], {
      rows: [...SHOP_CALLS, row('cart.shop', 'multi.shop')],
    });
    expect(wave('multi').entryGate.map(({ id }) => id)).toContain('second-network-deployment-multi');
    expect(wave('cart').entryGate.map(({ id }) => id)).not.toContain('second-network-deployment-cart');
  });

  test("a server outside the cluster that speaks first, as a condition of its client's entry", () => {
    const outside = manifest('v1 Service', 'shop/ext', {
      type: 'ExternalName',
      externalName: 'db.example.com',
      ports: [{ port: 3306 }],
    });
    const rows = [...SHOP_CALLS, row('cart.shop', 'ext.shop', { port: 3306, protocol: 'mysql' })];
    const { wave } = towardsLinkerd([...SHOP, outside], { rows });
    expect(pageOf(wave('cart'))).toContain('shop/Deployment/cart->shop/Service/ext:3306 leaves the cluster');
    expect(pageOf(wave('front'))).not.toContain('leaves the cluster');
  });

  test('a probe that only opens a connection, with what would tell more', () => {
    const of = (readinessProbe: JsonObject): string =>
      pageOf(towardsLinkerd(withPayments({ container: { readinessProbe } })).wave('payments'));
    expect(of({ tcpSocket: { port: 8080 } })).toContain(
      'pay/Deployment/payments: its readiness probe only opens a connection (tcpSocket, port 8080)',
    );
    expect(of({ httpGet: { port: 8080, path: '/' } })).not.toContain('tcpSocket');
  });

  test('an autoscaler that counts what the proxy uses, and not one that counts one container', () => {
    const scaler = (type: string, field: string): JsonObject =>
      manifest('autoscaling/v2 HorizontalPodAutoscaler', 'shop/cart', {
        scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'cart' },
        maxReplicas: 4,
        metrics: [{ type, [field]: { name: 'cpu', container: 'app', target: { type: 'Utilization' } } }],
      });
    const of = (object: JsonObject): string => pageOf(towardsLinkerd([...SHOP, object]).wave('cart'));
    expect(of(scaler('Resource', 'resource'))).toContain(
      'HorizontalPodAutoscaler shop/cart counts what all containers',
    );
    expect(of(scaler('ContainerResource', 'containerResource'))).not.toContain('HorizontalPodAutoscaler');
  });

  test('an application that does not wait for its proxy', () => {
    const early = annotated(workload('shop', 'cart'), { 'config.linkerd.io/proxy-await': 'disabled' });
    const { wave } = towardsLinkerd(shopWith('Deployment', 'cart', () => early));
    expect(pageOf(wave('cart'))).toContain('shop/Deployment/cart does not wait for its proxy');
    expect(pageOf(wave('front'))).not.toContain('does not wait for its proxy');
  });

  test('a cluster-autoscaler, which would keep nodes for the volumes of the proxies', () => {
    const image = 'registry.k8s.io/autoscaling/cluster-autoscaler:v1.34.0';
    const scaler = [namespace('kube-system'), workload('kube-system', 'cluster-autoscaler', { container: { image } })];
    expect(pageOf(towardsLinkerd([...SHOP, ...scaler]).wave('cart'))).toContain('safe-to-evict-local-volumes');
    expect(pageOf(towardsLinkerd(SHOP).wave('cart'))).not.toContain('safe-to-evict-local-volumes');
  });

  test('a port that configuration names and no Service declares, in the preflight', () => {
    const env = [{ name: 'PAYMENTS_URL', value: 'http://payments.pay:9999' }];
    const cart = workload('shop', 'cart', { container: { env } });
    const { page } = towardsLinkerd(shopWith('Deployment', 'cart', () => cart));
    expect(page('preflight')).toContain('payments.pay:9999: Service pay/payments has no port 9999');
  });
});

const ROUTE: JsonObject = { matches: [{ path: { type: 'PathPrefix', value: '/api' } }] };

describe('probes', () => {
  test('by HTTP need no exception, because they are exempt until a route attaches', () => {
    const probe = { readinessProbe: { httpGet: { port: 8080, path: '/healthz' } } };
    const trapped = towardsLinkerd(withPayments({ container: probe }));
    expect([...trapped.inTheWay, ...trapped.worse, ...trapped.register]).toEqual([]);
  });

  test('by gRPC keep their port open', () => {
    const trapped = towardsLinkerd(withPayments({ container: { readinessProbe: { grpc: { port: 8080 } } } }));
    expect(registered(trapped, 'payments')).toEqual(['payments mtls 8080']);
    expect(trapped.blockedBy('strict-pay')).toContain('payments port 8080 waits for kubelet: plaintext (probe)');
    expect(trapped.worse).toEqual([]);
  });

  test('of a port to whose Server a route of somebody else is attached are asked about before the wave', () => {
    const probe = { readinessProbe: { httpGet: { port: 8080, path: '/healthz' } } };
    const objects = [
      ...withPayments({ container: probe }),
      manifest('policy.linkerd.io/v1beta3 Server', 'pay/theirs', {
        podSelector: { matchLabels: { app: 'payments' } },
        port: 8080,
        accessPolicy: 'all-unauthenticated',
      }),
      manifest('policy.linkerd.io/v1beta3 HTTPRoute', 'pay/api', {
        parentRefs: [{ group: 'policy.linkerd.io', kind: 'Server', name: 'theirs' }],
        rules: [ROUTE],
      }),
    ];
    const trapped = towardsLinkerd(objects);
    expect(
      trapped
        .wave('payments')
        .entryGate.map(({ text }) => text)
        .join('\n'),
    ).toContain(
      'kubelet->pay/Deployment/payments:8080#probe#GET /healthz passes afterwards: no status says whether route api',
    );
    expect(registered(trapped, 'payments')).toContain('payments mtls 8080');
  });

  test('no plan attaches a route to a Server', () => {
    const kinds = towardsLinkerd(SHOP).plan.stages.flatMap(({ steps }) =>
      steps.map((step) => (step.step === 'apply' ? step.manifest.kind : step.step)),
    );
    expect(kinds).toContain('Server');
    expect(kinds.filter((kind) => kind.endsWith('Route'))).toEqual([]);
  });
});
