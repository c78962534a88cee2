import { describe, expect, test } from 'vitest';
import { NO_CHOICES } from '../../../src/domain/rollout/choices.ts';
import type { RolloutPlan } from '../../../src/domain/rollout/plan.ts';
import type { JsonObject } from '../../../src/lib/json.ts';
import { cronJob, namespace, node, service, workload, worldFrom } from '../../support/build-world.ts';
import { planOf, row, SHOP, SHOP_CALLS, stageOf, watched } from './shop.ts';
import { planRollout } from '../../../src/domain/rollout/plan-rollout.ts';

function inTheWay(plan: RolloutPlan): readonly string[] {
  return plan.stages
    .filter(({ state }) => state === 'blocked' || state === 'outline')
    .map(({ id }) => id.replace(/-[0-9a-f]{4}$/, ''));
}

function applied(plan: RolloutPlan, id: string): readonly JsonObject[] {
  return stageOf(plan, id).steps.flatMap((step) =>
    step.step === 'apply' ? [step.manifest as unknown as JsonObject] : [],
  );
}

describe('a CronJob that cannot have a native sidecar', () => {
  const old = SHOP.map((object) => (object['kind'] === 'Node' ? node('node-1', 'v1.31.0') : object));
  const world = worldFrom([...old, cronJob('shop', 'report')], { kubernetesVersion: 'v1.31.0' });
  const plan = planOf(world, [...SHOP_CALLS, row('report.shop', 'payments.pay')]);

  test('is kept out by label and written into the register', () => {
    const wave = stageOf(plan, 'enrol-shop');
    const step = wave.steps.find((each) => each.step === 'patch' && each.target.name === 'report');
    expect(JSON.stringify(step)).toContain('"sidecar.istio.io/inject":"false"');
    expect(plan.exceptions.map(({ workload: { name }, layer }) => `${name} ${layer}`)).toContain('report enrolment');
  });

  test('has the port that it calls excepted before STRICT, and nothing else', () => {
    expect(inTheWay(plan)).toEqual([]);
    expect(applied(plan, 'strict-exceptions-pay').map(({ spec }) => spec)).toEqual([
      { selector: { matchLabels: { app: 'payments' } }, portLevelMtls: { '8080': { mode: 'PERMISSIVE' } } },
    ]);
    expect(plan.stages.some(({ id }) => id === 'strict-exceptions-shop')).toBe(false);
    expect(stageOf(plan, 'strict-exceptions-pay').notes.join(' ')).toContain('shop/CronJob/report: plaintext');
  });

  test('gets in at the port without an identity, and at no other', () => {
    const [payments] = applied(plan, 'allow-pay');
    expect(JSON.stringify(payments?.['spec'])).toContain('{"to":[{"operation":{"ports":["8080"]}}]}');
    const [cart] = applied(plan, 'allow-shop');
    expect(JSON.stringify(cart?.['spec'])).toContain('cluster.local/ns/shop/sa/front');
  });
});

test('a server of an admission webhook keeps its container port open to the API server', () => {
  const webhook = {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingWebhookConfiguration',
    metadata: { name: 'policy' },
    webhooks: [
      { name: 'policy.example.com', clientConfig: { service: { namespace: 'shop', name: 'hook', port: 443 } } },
    ],
  };
  const objects = [
    ...SHOP,
    workload('shop', 'hook', { port: 9443 }),
    service('shop', 'hook', { name: 'https', port: 443, targetPort: 9443 }),
    webhook,
  ];
  const plan = planOf(worldFrom(objects), SHOP_CALLS);
  expect(applied(plan, 'strict-exceptions-shop').map(({ spec }) => spec)).toEqual([
    { selector: { matchLabels: { app: 'hook' } }, portLevelMtls: { '9443': { mode: 'PERMISSIVE' } } },
  ]);
  expect(inTheWay(plan)).toEqual([]);
});

describe('a server-first protocol', () => {
  const rows = [...SHOP_CALLS, row('cart.shop', 'db.data', { port: 3307, protocol: 'mysql' })];
  const withPortNamed = (name: string, spec: JsonObject = {}): RolloutPlan => {
    const db = workload('data', 'db', { port: 3307, kind: 'StatefulSet', container: { image: 'mysql:8' } });
    const made = service('data', 'db', { name, port: 3307, targetPort: 3307 });
    const port = { ...made, spec: { ...(made['spec'] as JsonObject), ...spec } };
    const monitor = {
      apiVersion: 'monitoring.coreos.com/v1',
      kind: 'ServiceMonitor',
      metadata: { name: 'db', namespace: 'data' },
      spec: { selector: { matchLabels: { team: 'data' } }, endpoints: [{ port: name }] },
    };
    return planOf(worldFrom([...SHOP, namespace('data'), db, port, monitor]), rows);
  };

  test('on a load balancer whose port somebody refers to by name holds back its ends, with the call and a remedy, and nobody else', () => {
    const plan = withPortNamed('db', { type: 'LoadBalancer' });
    const blocked = plan.stages.filter(({ state, kind }) => state === 'blocked' && kind === 'enrol');
    const ends = blocked.flatMap(({ scope }) => scope.workloads);
    expect(ends.map(({ name }) => name)).toContain('db');
    expect(ends.filter(({ name }) => name !== 'db' && name !== 'cart')).toEqual([]);
    const obstacles = blocked.flatMap(({ blockedBy }) => blockedBy);
    const held = obstacles.find(({ what }) => what.startsWith('shop/Deployment/cart->data/Service/db:3307'));
    expect(held?.remedy).toContain('appProtocol: tcp');
    expect(plan.leftOut.some(({ what }) => what === 'data/StatefulSet/db')).toBe(true);
    expect(stageOf(plan, 'strict-data').state).toBe('outline');
    expect(stageOf(plan, 'deny-pay').state).toBe('ready');
  });

  test.each(['tcp-db', 'db'])('on port %s, declared by its name or by the plan, is in the way of nobody', (name) => {
    expect(inTheWay(withPortNamed(name))).toEqual([]);
  });
});

test('an enforced ALLOW of somebody else stops the catch-all of its namespace, and of no other', () => {
  const allow = {
    apiVersion: 'security.istio.io/v1',
    kind: 'AuthorizationPolicy',
    metadata: { name: 'old', namespace: 'pay' },
    spec: { selector: { matchLabels: { app: 'payments' } }, rules: [{ to: [{ operation: { ports: ['8080'] } }] }] },
  };
  const plan = planOf(worldFrom([...SHOP, allow]), SHOP_CALLS);
  expect(inTheWay(plan)).toEqual(['allow-catch-all-pay', 'allow-pay', 'deny-pay']);
  expect(stageOf(plan, 'allow-catch-all-pay').blockedBy[0]?.what).toContain('AuthorizationPolicy pay/old');
  expect(stageOf(plan, 'shadow-pay').steps).toEqual([]);
  expect(stageOf(plan, 'deny-shop').state).toBe('ready');
});

test('an egress policy that shuts proxies off from istiod gets a companion with the same selector, and pods that were free stay free', () => {
  const policy = {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name: 'limit', namespace: 'shop' },
    spec: {
      podSelector: { matchLabels: { app: 'cart' } },
      policyTypes: ['Egress'],
      egress: [{ to: [{ podSelector: {} }] }],
    },
  };
  const plan = planOf(worldFrom([...SHOP, policy]), SHOP_CALLS);
  const companions = applied(plan, 'enrol-shop').filter(({ kind }) => kind === 'NetworkPolicy');
  expect(companions.map((each) => (each['spec'] as JsonObject)['podSelector'])).toEqual([
    { matchLabels: { app: 'cart' } },
  ]);
  expect(applied(plan, 'enrol-pay').some(({ kind }) => kind === 'NetworkPolicy')).toBe(false);
});

test('an egress policy that lets everything out needs no companion', () => {
  const policy = {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name: 'open', namespace: 'shop' },
    spec: { podSelector: {}, policyTypes: ['Egress'], egress: [{}] },
  };
  const plan = planOf(worldFrom([...SHOP, policy]), SHOP_CALLS);
  expect(applied(plan, 'enrol-shop').some(({ kind }) => kind === 'NetworkPolicy')).toBe(false);
});

test('a workload in the host network is left out, and the ports that it calls are excepted', () => {
  const objects = [
    ...SHOP,
    workload('shop', 'agent', { kind: 'DaemonSet', port: 9100, podSpec: { hostNetwork: true } }),
  ];
  const plan = planOf(worldFrom(objects), [...SHOP_CALLS, row('agent.shop', 'cart.shop')]);
  expect(plan.leftOut.find(({ what }) => what === 'shop/DaemonSet/agent')?.reason).toContain('host network');
  expect(applied(plan, 'strict-exceptions-shop')).toHaveLength(1);
  expect(inTheWay(plan)).toEqual([]);
});

test('a workload that opted out itself keeps its label', () => {
  const objects = [...SHOP, workload('shop', 'legacy', { labels: { 'sidecar.istio.io/inject': 'false' } })];
  const plan = planOf(worldFrom(objects), SHOP_CALLS);
  expect(plan.leftOut.some(({ what }) => what === 'shop/Deployment/legacy')).toBe(true);
  expect(JSON.stringify(plan.stages.map(({ steps }) => steps))).not.toContain('"name":"legacy"');
});

test('a namespace that is STRICT already is never set back to PERMISSIVE', () => {
  const strict = {
    apiVersion: 'security.istio.io/v1',
    kind: 'PeerAuthentication',
    metadata: { name: 'own', namespace: 'shop' },
    spec: { mtls: { mode: 'STRICT' } },
  };
  const plan = planOf(worldFrom([...SHOP, strict]), SHOP_CALLS);
  const modes = plan.stages
    .flatMap(({ steps }) => steps)
    .filter(
      (step) =>
        step.step === 'apply' &&
        step.manifest.kind === 'PeerAuthentication' &&
        step.manifest.metadata.namespace === 'shop',
    );
  expect(modes).toEqual([]);
});

test('where the Istio kinds could not be read, nothing is claimed and nothing is written that cuts', () => {
  const world = worldFrom(SHOP, { forbidden: ['admissionregistration.k8s.io/MutatingWebhookConfiguration'] });
  const plan = planOf(world, SHOP_CALLS);
  expect(stageOf(plan, 'control-plane').state).toBe('blocked');
  expect(plan.stages.every(({ kind }) => kind !== 'strict' && kind !== 'deny')).toBe(true);
});

test('a namespace that refuses the init container gets the node agent before its waves', () => {
  const objects = SHOP.map((object) =>
    object['kind'] === 'Namespace' && (object['metadata'] as JsonObject)['name'] === 'shop'
      ? namespace('shop', { 'pod-security.kubernetes.io/enforce': 'baseline' })
      : object,
  );
  const plan = planOf(worldFrom(objects), SHOP_CALLS);
  expect(stageOf(plan, 'node-agents').state).toBe('ready');
  expect(
    stageOf(plan, 'control-plane').helmValues.find(({ file }) => file === 'istiod-values.yaml')?.values['cni'],
  ).toEqual({ enabled: true });
});

test('every object of a plan stands in a namespace of the world and selects pods of it', () => {
  const world = worldFrom([...SHOP, cronJob('shop', 'report')], { kubernetesVersion: 'v1.31.0' });
  const graph = watched(world, SHOP_CALLS);
  const plan = planRollout({
    world,
    graph,
    target: 'istio-sidecar',
    goal: 'deny-by-default',
    choices: NO_CHOICES,
    acceptEvidence: 'observed',
    meshwiseVersion: '0',
    fingerprint: '',
    warnings: [],
  });
  const namespaces = new Set([...world.namespaces(), 'istio-system']);
  const apps = new Set(['front', 'cart', 'payments']);
  for (const { steps } of plan.stages) {
    for (const step of steps) {
      if (step.step !== 'apply') continue;
      expect(namespaces.has(step.manifest.metadata.namespace ?? step.manifest.metadata.name)).toBe(true);
      const selector = ((step.manifest.spec as JsonObject)['selector'] as JsonObject | undefined)?.['matchLabels'] as
        JsonObject | undefined;
      if (selector !== undefined) expect(apps.has(String(selector['app']))).toBe(true);
    }
  }
});
