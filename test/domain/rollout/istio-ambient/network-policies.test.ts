import { expect, test } from 'vitest';
import { admitPod } from '../../../../src/domain/mesh/registry.ts';
import { istio } from '../../../../src/domain/mesh/istio/istio.ts';
import { fateOf } from '../../../../src/domain/simulate/fate-of.ts';
import { applyChange } from '../../../../src/domain/world/apply.ts';
import { cohortsOf } from '../../../../src/domain/world/workload.ts';
import { workloadsIn } from '../../../../src/domain/world/workloads-of.ts';
import type { JsonObject } from '../../../../src/lib/json.ts';
import { workload } from '../../../support/build-world.ts';
import { SHOP, SHOP_CALLS, stageOf, statesOf, watched } from '../shop.ts';
import { ambientPlan, CALICO, carriedOut, inAmbientCluster, networkPolicy } from './ambient-shop.ts';

const FROM_FRONT = [{ podSelector: { matchLabels: { app: 'front' } } }];

function cartAdmits(...ingress: readonly JsonObject[]): JsonObject {
  return networkPolicy('shop', 'cart', {
    podSelector: { matchLabels: { app: 'cart' } },
    policyTypes: ['Ingress'],
    ingress,
  });
}

const CART_ADMITS_FRONT = cartAdmits({ from: FROM_FRONT, ports: [{ protocol: 'TCP', port: 8080 }] });

function manifestsOf(objects: readonly JsonObject[], id = 'tunnel-shop') {
  const plan = ambientPlan(inAmbientCluster([...SHOP, CALICO, ...objects]));
  return stageOf(plan, id).steps.flatMap((step) => (step.step === 'apply' ? [step.manifest] : []));
}

test('beside a policy that admits the called port comes one that admits 15008 for the same peers and nobody else', () => {
  const added = manifestsOf([CART_ADMITS_FRONT]).find(({ kind }) => kind === 'NetworkPolicy');
  expect(added?.spec).toEqual({
    podSelector: { matchLabels: { app: 'cart' } },
    policyTypes: ['Ingress'],
    ingress: [{ from: FROM_FRONT, ports: [{ protocol: 'TCP', port: 15008 }] }],
  });
});

test('the ports that the policy told apart are told to ztunnel by a DENY, which refuses nobody whom the policy admits', () => {
  const deny = manifestsOf([CART_ADMITS_FRONT]).find(({ kind }) => kind === 'AuthorizationPolicy');
  expect(deny?.spec).toEqual({
    selector: { matchLabels: { app: 'cart' } },
    action: 'DENY',
    rules: [{ to: [{ operation: { notPorts: ['8080'] } }] }],
  });
});

test('with the policies no call breaks at any stage, and without their stage the first wave would break one', () => {
  const world = inAmbientCluster([...SHOP, CALICO, CART_ADMITS_FRONT]);
  const plan = ambientPlan(world);
  expect(plan.stages.filter(({ state }) => state === 'blocked' || state === 'outline')).toEqual([]);
  let current = world;
  const { calls } = watched(world, SHOP_CALLS);
  for (const stage of plan.stages) {
    current = applyChange(current, { id: stage.id, steps: stage.steps }, admitPod).world;
    for (const call of calls)
      expect([stage.id, call.id, fateOf(call, current).verdict]).toEqual([stage.id, call.id, 'ok']);
  }
  const without = plan.stages.filter(({ id }) => id !== 'tunnel-shop').flatMap(({ steps }) => steps);
  const broken = applyChange(world, { id: 'without', steps: without }, admitPod).world;
  expect(calls.map((call) => fateOf(call, broken).verdict)).toContain('breaks');
});

test('behind ztunnel a caller of the mesh reaches only the ports that the policy admits', () => {
  const world = inAmbientCluster([...SHOP, CALICO, CART_ADMITS_FRONT]);
  const plan = ambientPlan(world);
  const enrolled = carriedOut(world, plan, 'enrol-namespace-shop');
  const cart = workloadsIn(enrolled, 'shop').find(({ name }) => name === 'cart');
  if (cart === undefined) throw new Error('no cart');
  for (const [port, decision] of [
    [8080, 'allow'],
    [9999, 'deny'],
  ] as const) {
    for (const cohort of cohortsOf(cart)) {
      const arrival = {
        sender: 'workload',
        wire: 'hbone',
        payload: 'http',
        serverFirst: { known: true, value: false },
      } as const;
      const identity = { known: true, value: 'spiffe://cluster.local/ns/shop/sa/front' } as const;
      const server = { workload: cart, cohort, port };
      expect(istio.authorize({ server, arrival, handledAs: 'tcp', identity, request: {} }, enrolled).decision).toBe(
        decision,
      );
    }
  }
});

test('which peer may reach which port is listed as a gap that ends with deny, where peers are admitted at different ports', () => {
  const apart = cartAdmits(
    { from: FROM_FRONT, ports: [{ protocol: 'TCP', port: 8080 }] },
    { from: [{ namespaceSelector: {} }], ports: [{ protocol: 'TCP', port: 9090 }] },
  );
  const plan = ambientPlan(inAmbientCluster([...SHOP, CALICO, apart]));
  const [gap] = stageOf(plan, 'tunnel-shop').exceptions;
  expect([gap?.ports, gap?.expires]).toEqual([[8080, 9090], 'with stage deny-shop']);
  expect(plan.exceptions).toContainEqual(gap);
});

test('a rule that admits all ports needs nothing, and ztunnel is told no ports', () => {
  const plan = ambientPlan(inAmbientCluster([...SHOP, CALICO, cartAdmits({ from: FROM_FRONT })]));
  expect(statesOf(plan).some((state) => state.startsWith('tunnel-'))).toBe(false);
});

test('a rule for UDP is not extended, because 15008 would admit TCP', () => {
  const dns = cartAdmits(
    { from: FROM_FRONT, ports: [{ protocol: 'TCP', port: 8080 }] },
    { ports: [{ protocol: 'UDP', port: 53 }] },
  );
  const added = manifestsOf([dns]).find(({ kind }) => kind === 'NetworkPolicy');
  expect(JSON.stringify(added?.spec)).toBe(
    JSON.stringify({
      podSelector: { matchLabels: { app: 'cart' } },
      policyTypes: ['Ingress'],
      ingress: [{ from: FROM_FRONT, ports: [{ protocol: 'TCP', port: 15008 }] }],
    }),
  );
});

test('probes are admitted from the address that the node agent gives them, at their ports only', () => {
  const probed = workload('shop', 'web', { container: { readinessProbe: { httpGet: { port: 8081, path: '/' } } } });
  const policy = networkPolicy('shop', 'shut', {
    podSelector: { matchLabels: { app: 'web' } },
    policyTypes: ['Ingress'],
  });
  const added = manifestsOf([probed, policy]).find(({ kind }) => kind === 'NetworkPolicy');
  expect(added?.spec).toMatchObject({
    ingress: [
      {
        from: [
          { ipBlock: { cidr: '169.254.7.127/32' } },
          { ipBlock: { cidr: 'fd16:9254:7127:1337:ffff:ffff:ffff:ffff/128' } },
        ],
        ports: [{ protocol: 'TCP', port: 8081 }],
      },
    ],
  });
});

test('a client whose way out is limited gets 15008 towards the same servers', () => {
  const toCart = [{ podSelector: { matchLabels: { app: 'cart' } } }];
  const egress = networkPolicy('shop', 'front-out', {
    podSelector: { matchLabels: { app: 'front' } },
    policyTypes: ['Egress'],
    egress: [{ to: toCart, ports: [{ protocol: 'TCP', port: 8080 }] }],
  });
  const [added] = manifestsOf([egress]);
  expect(added?.spec).toEqual({
    podSelector: { matchLabels: { app: 'front' } },
    policyTypes: ['Egress'],
    egress: [{ to: toCart, ports: [{ protocol: 'TCP', port: 15008 }] }],
  });
});

test('the stage of the policies is not repeated once they are there, and comes before every wave', () => {
  const world = inAmbientCluster([...SHOP, CALICO, CART_ADMITS_FRONT]);
  const plan = ambientPlan(world);
  const ids = plan.stages.map(({ id }) => id);
  const firstWave = plan.stages.find(({ id }) => /^enrol-(shop|pay)-/.test(id));
  expect(ids.indexOf('tunnel-shop')).toBeLessThan(ids.indexOf(firstWave?.id ?? ''));
  expect(firstWave?.dependsOn).toContain('tunnel-shop');
  expect(stageOf(ambientPlan(carriedOut(world, plan, 'tunnel-shop')), 'tunnel-shop').state).toBe('done');
});

test('a policy of somebody else under the name that the plan would take is in the way', () => {
  const taken = networkPolicy('shop', 'cart-hbone', {
    podSelector: { matchLabels: { app: 'other' } },
    policyTypes: ['Ingress'],
  });
  const plan = ambientPlan(inAmbientCluster([...SHOP, CALICO, CART_ADMITS_FRONT, taken]));
  expect(stageOf(plan, 'tunnel-shop').blockedBy.map(({ what }) => what)).toEqual([
    'NetworkPolicy shop/cart-hbone is there already and is not of this plan',
  ]);
});

test('what ztunnel is told of ports does not make a wave wait for evidence of callers', () => {
  const plan = ambientPlan(inAmbientCluster([...SHOP, CALICO, CART_ADMITS_FRONT]), []);
  expect(plan.stages.filter(({ id, state }) => id.startsWith('enrol-') && state !== 'ready')).toEqual([]);
});

function frontReaches(...egress: readonly JsonObject[]): JsonObject {
  return networkPolicy('shop', 'front-out', {
    podSelector: { matchLabels: { app: 'front' } },
    policyTypes: ['Egress'],
    egress,
  });
}

const DNS = { ports: [{ port: 53, protocol: 'UDP' }, { port: 53 }] };
const HBONE = [{ protocol: 'TCP', port: 15008 }];

test('a rule for DNS, which leads to nobody behind ztunnel, opens no way out to every pod of the mesh', () => {
  const to = [{ podSelector: { matchLabels: { app: 'cart' } } }];
  const [added] = manifestsOf([frontReaches({ to, ports: [{ port: 8080 }] }, DNS)]);
  expect(added?.spec).toMatchObject({ egress: [{ to, ports: HBONE }] });
});

test.each([
  ['everybody', {}],
  ['all namespaces', { to: [{ namespaceSelector: {} }] }],
])('a way out to %s at a port is held to the pods of the mesh that have it', (_, to) => {
  const narrow = workload('pay', 'payments', { container: { ports: [{ containerPort: 9090 }] } });
  const [added] = manifestsOf([narrow, frontReaches({ ...to, ports: [{ port: 9090 }] })]);
  expect(added?.spec).toMatchObject({
    egress: [
      {
        to: [
          {
            namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'pay' } },
            podSelector: { matchLabels: { app: 'payments' } },
          },
        ],
        ports: HBONE,
      },
    ],
  });
});

test('a way out to addresses is extended for the servers that are called alone', () => {
  const to = [{ ipBlock: { cidr: '0.0.0.0/0' } }];
  const [added] = manifestsOf([frontReaches({ to, ports: [{ port: 8080 }] })]);
  expect(JSON.stringify(added?.spec)).toContain('"app":"cart"');
  expect(JSON.stringify(added?.spec)).not.toMatch(/ipBlock|"app":"payments"/);
});

test('ports that a way out no longer keeps apart stand in the register until the servers are denied', () => {
  const to = [{ podSelector: { matchLabels: { app: 'cart' } } }];
  const plan = ambientPlan(inAmbientCluster([...SHOP, CALICO, frontReaches({ to, ports: [{ port: 8080 }] })]));
  const [gap] = stageOf(plan, 'tunnel-shop').exceptions;
  expect([gap?.workload.name, gap?.expires]).toEqual(['front', 'with stage deny-shop']);
  expect(plan.exceptions).toContainEqual(gap);
});
