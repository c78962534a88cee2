import { describe, expect, test } from 'vitest';
import { namespace, node, service, workload } from '../../../support/build-world.ts';
import { row, SHOP, SHOP_CALLS, stageOf } from '../shop.ts';
import {
  MIGRATES,
  destinationRule,
  manifest,
  peerAuthentication,
  shopWith,
  theirPolicy,
  withSpec,
} from './trap-objects.ts';
import { obstaclesOf, trap } from './trap-world.ts';

const HOST_AGENT = workload('shop', 'agent', { kind: 'DaemonSet', podSpec: { hostNetwork: true } });
const AGENT_CALLS = [...SHOP_CALLS, row('agent.shop', 'payments.pay')];
const OF_PAYMENTS = { selector: { matchLabels: { app: 'payments' } } };

describe('what would break at the first sidecar blocks the wave and names the call', () => {
  test('a headless Service whose port is in mode DISABLE', () => {
    const objects = [
      ...SHOP,
      workload('shop', 'db', { kind: 'StatefulSet' }),
      withSpec(service('shop', 'db', { port: 8080 }), { clusterIP: 'None' }),
      peerAuthentication('shop/db', {
        selector: { matchLabels: { app: 'db' } },
        portLevelMtls: { '8080': { mode: 'DISABLE' } },
      }),
    ];
    const { wave, worse } = trap(objects, { rows: [...SHOP_CALLS, row('cart.shop', 'db.shop', { port: 8080 })] });
    expect(wave('db').state).toBe('blocked');
    expect(obstaclesOf(wave('db'))).toContain('shop/Deployment/cart->shop/Service/db:8080: ok before, breaks after');
    expect(worse).toEqual([]);
  });

  test('a DestinationRule that makes clients send TLS of their own', () => {
    const { wave, worse } = trap([...SHOP, destinationRule('SIMPLE')]);
    expect(wave('cart').state).toBe('blocked');
    expect(obstaclesOf(wave('cart'))).toContain('takes TLS without a mesh certificate');
    expect(worse).toEqual([]);
  });

  test('an application with TLS of its own on a port that is named http', () => {
    const vault = service('shop', 'vault', { name: 'http', port: 443, targetPort: 8443 });
    const objects = [...SHOP, workload('shop', 'vault', { port: 8443 }), vault];
    const rows = [...SHOP_CALLS, row('cart.shop', 'vault.shop', { port: 443, protocol: 'https' })];
    const { wave, worse } = trap(objects, { rows });
    expect(wave('vault').state).toBe('blocked');
    expect(obstaclesOf(wave('vault'))).toContain(
      'shop/Deployment/cart->shop/Service/vault:443: ok before, breaks after',
    );
    expect(worse).toEqual([]);
  });

  test('an exception for STRICT pods that names the port of the Service', () => {
    const objects = [
      ...SHOP,
      HOST_AGENT,
      peerAuthentication('pay/default', { mtls: { mode: 'STRICT' } }),
      peerAuthentication('pay/exception', { ...OF_PAYMENTS, portLevelMtls: { '80': { mode: 'PERMISSIVE' } } }),
    ];
    const { wave, worse } = trap(objects, { rows: AGENT_CALLS });
    expect(obstaclesOf(wave('payments'))).toContain('shop/DaemonSet/agent->pay/Service/payments:80: ok before, breaks');
    expect(worse).toEqual([]);
  });

  test('an exception that an older policy for the same pods keeps from counting', () => {
    const objects = [
      ...SHOP,
      HOST_AGENT,
      peerAuthentication('pay/a', { ...OF_PAYMENTS, mtls: { mode: 'STRICT' } }),
      peerAuthentication('pay/b', { ...OF_PAYMENTS, portLevelMtls: { '8080': { mode: 'PERMISSIVE' } } }),
    ];
    const { wave, worse } = trap(objects, { rows: AGENT_CALLS });
    expect(obstaclesOf(wave('payments'))).toContain('shop/DaemonSet/agent->pay/Service/payments:80: ok before, breaks');
    expect(worse).toEqual([]);
  });

  test('a namespace in mode DISABLE whose workload is STRICT', () => {
    const objects = [
      ...SHOP,
      peerAuthentication('pay/theirs', { mtls: { mode: 'DISABLE' } }),
      peerAuthentication('pay/one', { ...OF_PAYMENTS, mtls: { mode: 'STRICT' } }),
    ];
    const { wave, worse } = trap(objects);
    expect(obstaclesOf(wave('payments'))).toContain('No filter chain of a port in mode STRICT takes plaintext HTTP');
    expect(worse).toEqual([]);
  });

  test('an ALLOW that names principals of a trust domain that the mesh does not have', () => {
    const { wave, worse } = trap([
      ...SHOP,
      theirPolicy({ rules: [{ from: [{ source: { principals: ['old.example/ns/shop/sa/cart'] } }] }] }),
    ]);
    expect(obstaclesOf(wave('payments'))).toContain('AuthorizationPolicy pay/theirs');
    expect(worse).toEqual([]);
  });
});

test('a namespace in mode DISABLE took plaintext from anybody, so STRICT opens nothing there, and its calls stay', () => {
  const { plan, worse } = trap([...SHOP, peerAuthentication('pay/theirs', { mtls: { mode: 'DISABLE' } })]);
  expect(stageOf(plan, 'strict-pay').state).toBe('ready');
  expect(worse).toEqual([]);
});

test('a policy with a selector in the root namespace is not taken for STRICT: the namespace gets its own', () => {
  const { plan, worse, inTheWay } = trap([
    ...SHOP,
    namespace('istio-system'),
    peerAuthentication('istio-system/payments', { ...OF_PAYMENTS, mtls: { mode: 'STRICT' } }),
  ]);
  expect([...inTheWay, ...worse]).toEqual([]);
  expect(stageOf(plan, 'strict-pay')).toMatchObject({
    state: 'ready',
    steps: [
      { manifest: { kind: 'PeerAuthentication', metadata: { namespace: 'pay' }, spec: { mtls: { mode: 'STRICT' } } } },
    ],
  });
});

test('an init container that has no network under the CNI plugin blocks its wave, whom it calls stays open to it, and the preflight is not over before it is mended', () => {
  const objects = [
    node('node-1', 'v1.31.0'),
    namespace('shop', { 'pod-security.kubernetes.io/enforce': 'baseline' }),
    namespace('pay'),
    ...SHOP.slice(3),
    workload('shop', 'app', { podSpec: MIGRATES }),
  ];
  const rows = [...SHOP_CALLS, row('app.shop', 'payments.pay')];
  const { wave, register, page, plan } = trap(objects, { rows, world: { kubernetesVersion: 'v1.31.0' } });
  expect(wave('app').state).toBe('blocked');
  expect(
    wave('app')
      .blockedBy.map(({ what }) => what)
      .join('\n'),
  ).toContain('init container migrate of shop/Deployment/app');
  expect(register.join('\n')).toMatch(/payments mtls 8080: .*shop\/Deployment\/app: plaintext/);
  expect(page('preflight')).toContain('hang in init container migrate after enrolment');
  const gate = stageOf(plan, 'preflight').exitGate.find(({ id }) => id === 'no-blocker-inject');
  expect(gate?.text).toContain('init-container-cni-blackhole at Deployment shop/app');
});

test('a workload that runs as the user of the proxy gets none, and whom it calls stays open to it', () => {
  const cart = workload('shop', 'cart', { podSpec: { securityContext: { runAsUser: 1337 } } });
  const { plan, register, worse } = trap(shopWith('Deployment', 'cart', () => cart));
  expect(plan.leftOut.find(({ what }) => what === 'shop/Deployment/cart')?.reason).toContain('UID 1337');
  expect(register).toContain('payments mtls 8080: it waits for shop/Deployment/cart: plaintext (run), observed');
  expect(worse).toEqual([]);
});

test('istiod is installed twice and with a disruption budget, so that its webhook is not away while one restarts', () => {
  const values = stageOf(trap(SHOP).plan, 'control-plane').helmValues.find(({ file }) => file === 'istiod-values.yaml');
  expect(values?.values).toMatchObject({ autoscaleMin: 2, global: { defaultPodDisruptionBudget: { enabled: true } } });
});

test.each([
  ['istio.io/rev', 'gone', 'names a revision or tag that no webhook serves'],
  ['istio-injection', 'disabled', 'any other value also blocks istio.io/rev and pod labels'],
])(
  'a namespace whose label %s says %s is not enrolled, and its STRICT is an outline that says why',
  (key, value, why) => {
    const { blockedBy, inTheWay, worse } = trap(
      shopWith('Namespace', 'shop', () => namespace('shop', { [key]: value })),
    );
    expect(inTheWay).toContain('strict-shop');
    expect(blockedBy('strict-shop')).toContain(why);
    expect(worse).toEqual([]);
  },
);

test('a client whom a Sidecar with REGISTRY_ONLY hides a Service is asked about before its wave', () => {
  const scope = manifest('networking.istio.io/v1 Sidecar', 'shop/default', {
    egress: [{ hosts: ['./*'] }],
    outboundTrafficPolicy: { mode: 'REGISTRY_ONLY' },
  });
  const { wave, register } = trap([...SHOP, scope]);
  const asked = wave('cart').entryGate.map(({ text }) => text);
  expect(asked.join('\n')).toContain('shop/Deployment/cart->pay/Service/payments:80');
  expect(asked.join('\n')).toContain('REGISTRY_ONLY');
  expect(register.some((line) => line.startsWith('payments mtls 8080'))).toBe(true);
});

test('no plan writes REGISTRY_ONLY', () => {
  const { plan } = trap(SHOP);
  expect(JSON.stringify(plan.stages.map(({ steps, helmValues }) => [steps, helmValues]))).not.toContain(
    'REGISTRY_ONLY',
  );
});
