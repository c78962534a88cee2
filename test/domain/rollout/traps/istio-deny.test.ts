import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../../../../src/lib/json.ts';
import { namespace, service, workload } from '../../../support/build-world.ts';
import { inAmbientCluster } from '../istio-ambient/ambient-shop.ts';
import { row, SHOP, SHOP_CALLS } from '../shop.ts';
import { HOOKED, WEBHOOK, annotated, ingressTo, manifest, shopWith, theirPolicy } from './trap-objects.ts';
import { obstaclesOf, registered, trap, trapIn, type Trapped } from './trap-world.ts';

/** The policies that a plan makes, by stage. */
function policiesIn({ plan }: Trapped): readonly JsonObject[] {
  return plan.stages.flatMap(({ id, steps }) =>
    steps.flatMap((step) =>
      step.step === 'apply' && step.manifest.kind === 'AuthorizationPolicy'
        ? [{ stage: id, namespace: step.manifest.metadata.namespace, spec: step.manifest.spec }]
        : [],
    ),
  );
}

describe('the plan of a shop without obstacles', () => {
  const shop = trap(SHOP);
  const policies = policiesIn(shop);

  test('denies namespace by namespace, and writes nothing into the root namespace, where gateways would be hit', () => {
    expect(policies.map(({ namespace: space }) => space)).not.toContain('istio-system');
    expect(policies.filter(({ stage }) => stage === 'deny-shop')).toHaveLength(1);
  });

  test('says everybody with a rule that is empty, and nobody without any rule', () => {
    const byStage = new Map(policies.map((policy) => [policy['stage'], policy['spec']]));
    expect(byStage.get('allow-catch-all-pay')).toEqual({ action: 'ALLOW', rules: [{}] });
    expect(byStage.get('deny-pay')).toEqual({ action: 'ALLOW', rules: [] });
  });

  test('names identities and container ports only: no method, path, host, address or prefix spiffe://', () => {
    const allows = JSON.stringify(policies.filter(({ stage }) => String(stage).startsWith('allow-')));
    expect(allows).toContain('"principals":["cluster.local/ns/shop/sa/cart"]');
    for (const word of ['methods', 'paths', 'hosts', 'ipBlocks', 'IpBlocks', 'spiffe://', '"when"', '*'])
      expect(allows).not.toContain(word);
  });

  test('has no rule by identity before STRICT holds', () => {
    const ids = shop.plan.stages.map(({ id }) => id);
    for (const space of ['pay', 'shop']) {
      expect(ids.indexOf(`strict-${space}`)).toBeLessThan(ids.indexOf(`allow-${space}`));
      expect(policies.find(({ stage }) => stage === `shadow-${space}`)).toBeDefined();
    }
    const blind = trap(SHOP, { rows: SHOP_CALLS.slice(0, 1) });
    expect(blind.blockedBy('allow-pay')).toContain('it needs stage strict-pay');
  });
});

test('a probe that only connects opens no port: the proxy takes the connection before any policy is asked', () => {
  const container = {
    ports: [{ containerPort: 8080 }, { containerPort: 8081 }],
    livenessProbe: { tcpSocket: { port: 8080 } },
    readinessProbe: { httpGet: { port: 8081, path: '/' } },
  };
  const cart = annotated(workload('shop', 'cart', { container }), {
    'sidecar.istio.io/rewriteAppHTTPProbers': 'false',
  });
  const shop = trap(shopWith('Deployment', 'cart', () => cart));
  const rules = policiesIn(shop)
    .filter(({ stage }) => stage === 'allow-shop')
    .map((policy) => JSON.stringify(policy['spec']));
  expect(rules.find((spec) => spec.includes('"app":"cart"'))).toBe(
    JSON.stringify({
      selector: { matchLabels: { app: 'cart' } },
      action: 'ALLOW',
      rules: [
        {
          from: [{ source: { principals: ['cluster.local/ns/shop/sa/front'] } }],
          to: [{ operation: { ports: ['8080'] } }],
        },
        { to: [{ operation: { ports: ['8081'] } }] },
      ],
    }),
  );
  expect(registered(shop, 'cart')).toEqual(['cart authorization 8081', 'cart mtls 8081']);
  expect(shop.inTheWay).toEqual([]);
  // It succeeds whatever the application does.
  expect(shop.worse).toEqual(['kubelet->shop/Deployment/cart:8080#probe: degraded']);
});

/** What somebody wrote for the payments, and a word of the reason for which their wave stops. */
const THEIRS: readonly (readonly [what: string, spec: JsonObject, why: string])[] = [
  ['an empty spec, read as allow-all', {}, 'no rule of an ALLOW policy matches'],
  ['an ALLOW of nobody', { action: 'ALLOW' }, 'no rule of an ALLOW policy matches'],
  [
    'an ALLOW by addresses behind proxies',
    { rules: [{ from: [{ source: { ipBlocks: ['203.0.113.0/24'] } }] }] },
    'the source address of the call is not known',
  ],
  [
    'an ALLOW by host',
    { rules: [{ to: [{ operation: { hosts: ['payments.pay'] } }] }] },
    'the host of the call is not known',
  ],
  [
    'a principal with spiffe:// before it',
    { rules: [{ from: [{ source: { principals: ['spiffe://cluster.local/ns/shop/sa/cart'] } }] }] },
    'no rule of an ALLOW policy matches',
  ],
  [
    'a principal with a star in the middle',
    { rules: [{ from: [{ source: { principals: ['cluster.local/ns/*/sa/cart'] } }] }] },
    'no rule of an ALLOW policy matches',
  ],
  [
    'a condition on a key that Istio does not know',
    { rules: [{ when: [{ key: 'nothing.known', values: ['x'] }] }] },
    'no rule of an ALLOW policy matches',
  ],
  [
    'CUSTOM with a provider that nobody defines',
    { action: 'CUSTOM', provider: { name: 'nobody' }, rules: [{}] },
    'its external authorizer decides',
  ],
];

describe('a policy that waits for the payments stops their wave, by its name', () => {
  test.each(THEIRS)('%s', (_what, spec, why) => {
    const { wave, inTheWay, worse } = trap([...SHOP, theirPolicy(spec)]);
    expect(wave('payments').state).toBe('blocked');
    expect(obstaclesOf(wave('payments'))).toContain(why);
    expect(obstaclesOf(wave('payments'))).toContain('AuthorizationPolicy pay/theirs');
    expect(inTheWay).toContain('deny-pay');
    expect(worse).toEqual([]);
  });

  test.each([
    ['DENY', 'rule 0 of AuthorizationPolicy pay/theirs matches and denies'],
    ['ALLOW', 'no rule of an ALLOW policy matches (AuthorizationPolicy pay/theirs)'],
  ])('%s with a method, on a port of TCP', (action, why) => {
    const tcp = shopWith('Service', 'payments', () => service('pay', 'payments', { name: 'tcp' }));
    const rows = SHOP_CALLS.map((call) => (call.service === 'payments' ? { ...call, protocol: 'tcp' } : call));
    const policy = theirPolicy({ action, rules: [{ to: [{ operation: { methods: ['GET'] } }] }] });
    const { wave, worse } = trap([...tcp, policy], { rows });
    expect(obstaclesOf(wave('payments'))).toContain(why);
    expect(worse).toEqual([]);
  });

  test('an ALLOW by namespace, while a caller on the host network has no identity', () => {
    const agent = workload('shop', 'agent', { kind: 'DaemonSet', podSpec: { hostNetwork: true } });
    const policy = theirPolicy({ rules: [{ from: [{ source: { namespaces: ['shop'] } }] }] });
    const rows = [...SHOP_CALLS, row('agent.shop', 'payments.pay')];
    const { wave, worse } = trap([...SHOP, agent, policy], { rows });
    expect(obstaclesOf(wave('payments'))).toContain('shop/DaemonSet/agent->pay/Service/payments:80: ok before, breaks');
    expect(worse).toEqual([]);
  });

  test('an ALLOW by namespace, while probes come as they are', () => {
    const probed = annotated(
      workload('pay', 'payments', { container: { readinessProbe: { httpGet: { port: 8080, path: '/' } } } }),
      { 'sidecar.istio.io/rewriteAppHTTPProbers': 'false' },
    );
    const policy = theirPolicy({ rules: [{ from: [{ source: { namespaces: ['shop'] } }] }] });
    const { wave, worse } = trap([...shopWith('Deployment', 'payments', () => probed), policy]);
    expect(obstaclesOf(wave('payments'))).toContain('kubelet->pay/Deployment/payments:8080#probe');
    expect(worse).toEqual([]);
  });
});

test('an empty policy in the root namespace stops every wave, by its name', () => {
  const nothing = manifest('security.istio.io/v1 AuthorizationPolicy', 'istio-system/nothing', {});
  const { wave, worse } = trap([...SHOP, namespace('istio-system'), nothing]);
  for (const name of ['front', 'cart', 'payments'])
    expect(obstaclesOf(wave(name))).toContain('AuthorizationPolicy istio-system/nothing');
  expect(worse).toEqual([]);
});

test("an ALLOW for what an ingress leads to, which names end users' namespaces and not the controller, stops the wave", () => {
  const objects = [
    ...SHOP,
    ...ingressTo('pay', 'payments'),
    theirPolicy({ rules: [{ from: [{ source: { namespaces: ['shop'] } }] }] }),
  ];
  const { wave, worse } = trap(objects);
  expect(obstaclesOf(wave('payments'))).toContain('edge/Deployment/nginx->pay/Service/payments:80: ok before, breaks');
  expect(worse).toEqual([]);
});

describe('an admission webhook', () => {
  test.each(['istio-sidecar', 'istio-ambient'] as const)(
    'gets in without an identity after deny, towards %s',
    (target) => {
      const { register, worse } =
        target === 'istio-sidecar'
          ? trap([...SHOP, ...HOOKED, WEBHOOK])
          : trapIn(inAmbientCluster([...SHOP, ...HOOKED, WEBHOOK]), { input: { target } });
      expect(register.filter((line) => line.startsWith('hook ')).map((line) => line.split(':')[0])).toEqual([
        'hook authorization 9443',
        'hook mtls 9443',
      ]);
      expect(worse).toEqual([]);
    },
  );

  test('for which a policy waits that does not admit the API server is not enrolled', () => {
    const policy = manifest('security.istio.io/v1 AuthorizationPolicy', 'shop/theirs', {
      selector: { matchLabels: { app: 'hook' } },
      rules: [{ from: [{ source: { namespaces: ['shop'] } }] }],
    });
    const { wave, worse } = trap([...SHOP, ...HOOKED, WEBHOOK, policy]);
    expect(['blocked', 'outline']).toContain(wave('hook').state);
    expect(worse).toEqual([]);
  });
});
