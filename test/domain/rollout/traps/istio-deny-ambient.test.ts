import { describe, expect, test } from 'vitest';
import { admitPod } from '../../../../src/domain/mesh/registry.ts';
import { NO_CHOICES, type Choices } from '../../../../src/domain/rollout/choices.ts';
import type { Stage } from '../../../../src/domain/rollout/plan.ts';
import { applyChange } from '../../../../src/domain/world/apply.ts';
import type { JsonObject } from '../../../../src/lib/json.ts';
import { namespace, service, workload } from '../../../support/build-world.ts';
import { inAmbientCluster } from '../istio-ambient/ambient-shop.ts';
import { row, SHOP, SHOP_CALLS, stageOf } from '../shop.ts';
import { annotated, manifest, shopWith, theirPolicy, withSpec } from './trap-objects.ts';
import { obstaclesOf, pageOf, trapIn } from './trap-world.ts';

const AMBIENT = { input: { target: 'istio-ambient' as const } };

describe('policies of layer 7 for pods behind ztunnel', () => {
  test('an ALLOW with a method, of which nothing is left, stops the wave', () => {
    const policy = theirPolicy({ rules: [{ to: [{ operation: { methods: ['GET'] } }] }] });
    const { wave, worse } = trapIn(inAmbientCluster([...SHOP, policy]), AMBIENT);
    expect(obstaclesOf(wave('payments'))).toContain('AuthorizationPolicy pay/theirs');
    expect(worse).toEqual([]);
  });

  test('a DENY with a method, which refuses nobody there, stops the wave unless somebody accepts it', () => {
    const told = (operation: JsonObject, choices: Choices = NO_CHOICES): Stage => {
      const policy = theirPolicy({ action: 'DENY', rules: [{ to: [{ operation }] }] });
      const input = { ...AMBIENT.input, choices };
      return trapIn(inAmbientCluster([...SHOP, policy]), { ...AMBIENT, input }).wave('payments');
    };
    const stopped = told({ methods: ['DELETE'] });
    expect(stopped.state).toBe('blocked');
    expect(obstaclesOf(stopped)).toContain('AuthorizationPolicy pay/theirs denies by what only HTTP shows');
    const traps = [{ trap: 'D8', what: 'pay', reason: 'r', owner: 'ana', expires: '2027-01-31' }] as const;
    const accepted = told({ methods: ['DELETE'] }, { ...NO_CHOICES, traps });
    expect(accepted.state).toBe('ready');
    expect(pageOf(accepted)).toContain('Accepted by ana until 2027-01-31');
    expect(told({ ports: ['9999'] }).state).toBe('ready');
  });

  test('callers without an identity keep their port open behind ztunnel too', () => {
    const edge = withSpec(service('shop', 'front'), { type: 'LoadBalancer' });
    const objects = shopWith('Service', 'front', () => edge);
    const { register, worse } = trapIn(inAmbientCluster(objects), AMBIENT);
    expect(register).toContain('front mtls 8080: it waits for load-balancer: plaintext (run), declared');
    expect(worse).toEqual([]);
  });

  test('calls by the address of a pod stay mutual TLS, and a DestinationRule or mode DISABLE takes nothing from them', () => {
    const ports = { ports: [{ containerPort: 8080 }, { containerPort: 9901 }] };
    const objects = [
      ...SHOP,
      workload('shop', 'admin', { container: ports }),
      service('shop', 'admin'),
      manifest('security.istio.io/v1 PeerAuthentication', 'pay/theirs', { mtls: { mode: 'DISABLE' } }),
      manifest('networking.istio.io/v1 DestinationRule', 'pay/payments', {
        host: 'payments.pay.svc.cluster.local',
        trafficPolicy: { tls: { mode: 'DISABLE' } },
      }),
    ];
    const rows = [...SHOP_CALLS, row('cart.shop', 'admin.shop'), row('cart.shop', 'admin.shop', { port: 9901 })];
    const { inTheWay, worse, register } = trapIn(inAmbientCluster(objects), { ...AMBIENT, rows });
    expect([...inTheWay, ...worse, ...register]).toEqual([]);
  });
});

test("a gateway keeps the port that it calls open, because its policies are not the plan's", () => {
  const gateway = annotated(
    workload('edge', 'gateway', {
      labels: { istio: 'ingressgateway', 'sidecar.istio.io/inject': 'true' },
      container: { name: 'istio-proxy', image: 'docker.io/istio/proxyv2:1.31.0', args: ['proxy', 'router'] },
    }),
    { 'inject.istio.io/templates': 'gateway' },
  );
  const objects = [...SHOP, namespace('edge'), gateway, service('edge', 'gateway')];
  const rows = [...SHOP_CALLS, row('gateway.edge', 'front.shop')];
  const { plan, register } = trapIn(inAmbientCluster(objects), { ...AMBIENT, rows });
  expect(plan.leftOut.find(({ what }) => what === 'edge/Deployment/gateway')?.reason).toContain('gateway');
  expect(register.join('\n')).toContain('front mtls 8080: it waits for edge/Deployment/gateway');
});

describe('a waypoint before a Service', () => {
  const labelled = { 'gateway.networking.k8s.io/gateway-name': 'way', 'istio.io/dataplane-mode': 'none' };
  const waypoint: readonly JsonObject[] = [
    {
      ...manifest('gateway.networking.k8s.io/v1 Gateway', 'shop/way', {
        gatewayClassName: 'istio-waypoint',
        listeners: [{ name: 'mesh', port: 15008, protocol: 'HBONE' }],
      }),
      status: { addresses: [{ value: '10.0.0.1' }] },
    },
    workload('shop', 'way', {
      labels: labelled,
      container: { name: 'istio-proxy', image: 'docker.io/istio/proxyv2:1.31.0', args: ['proxy', 'waypoint'] },
    }),
  ];
  const objects = [
    ...shopWith('Service', 'cart', (object) => ({
      ...object,
      metadata: { name: 'cart', namespace: 'shop', labels: { 'istio.io/use-waypoint': 'way' } },
    })),
    ...waypoint,
    namespace('old'),
    workload('old', 'ledger', { labels: { 'istio.io/rev': 'prod' } }),
    service('old', 'ledger'),
  ];
  const restart = { kind: 'apps/Deployment', namespace: 'old', name: 'ledger' } as const;
  const restarted = (all: readonly JsonObject[]) =>
    applyChange(
      inAmbientCluster(all),
      { id: 'restarted', steps: [{ step: 'restart', workload: restart, method: 'rollout-restart' }] },
      admitPod,
    ).world;
  const world = restarted(objects);

  test('that a client with a sidecar passes by is said to hold in part, and the client is named to ztunnel', () => {
    const rows = [...SHOP_CALLS, row('ledger.old', 'cart.shop')];
    const { plan, page, worse } = trapIn(world, { ...AMBIENT, rows });
    expect(page('deny-shop')).toContain(
      'before shop/Deployment/cart enforces is partial: old/Deployment/ledger->shop/Service/cart:80',
    );
    expect(JSON.stringify(stageOf(plan, 'allow-shop').steps)).toContain('cluster.local/ns/old/sa/ledger');
    expect(worse).toEqual([]);
  });

  test('at which a policy holds, and which a known client passes by, stops deny unless somebody accepts it', () => {
    const rows = [...SHOP_CALLS, row('ledger.old', 'cart.shop')];
    const policy = manifest('security.istio.io/v1 AuthorizationPolicy', 'shop/l7', {
      targetRefs: [{ group: '', kind: 'Service', name: 'cart' }],
      action: 'DENY',
      rules: [{ from: [{ source: { namespaces: ['batch'] } }] }],
    });
    const bound = restarted([...objects, policy]);
    const stopped = trapIn(bound, { ...AMBIENT, rows });
    expect(stopped.blockedBy('deny-shop')).toContain(
      'AuthorizationPolicy shop/l7 holds at the waypoint before shop/Deployment/cart, and old/Deployment/ledger->shop/Service/cart:80 pass it by (trap D9)',
    );
    expect(trapIn(bound, AMBIENT).blockedBy('deny-shop')).not.toContain('D9');
    const traps = [{ trap: 'D9', what: 'shop', reason: 'r', owner: 'ana', expires: '2027-01-31' }] as const;
    const input = { ...AMBIENT.input, choices: { ...NO_CHOICES, traps } };
    expect(trapIn(bound, { ...AMBIENT, rows, input }).blockedBy('deny-shop')).not.toContain('D9');
  });

  test('that all known clients pass is said to be one that others could pass by', () => {
    const { page } = trapIn(world, AMBIENT);
    expect(page('deny-shop')).toContain('No known call passes the waypoint before shop/Deployment/cart by');
  });
});
