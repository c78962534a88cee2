import { describe, expect, it } from 'vitest';
import { linkerd } from '../../../../src/domain/mesh/linkerd/linkerd.ts';
import { cohortsOf } from '../../../../src/domain/world/workload.ts';
import { findWorkload } from '../../../../src/domain/world/workloads-of.ts';
import type { World } from '../../../../src/domain/world/world.ts';
import type { JsonObject } from '../../../../src/lib/json.ts';
import { cronJob, namespace, node, service, workload } from '../../../support/build-world.ts';
import { SHOP, SHOP_CALLS, stageOf, statesOf } from '../shop.ts';
import { linkerdPlan, row, scene, verdicts, worldAfter } from './run-plan.ts';

function declaredAt(world: World, name: string, port = 8080): string {
  const [space = '', kind = '', own = ''] = name.split('/');
  const found = findWorkload(world, { namespace: space, kind, name: own });
  if (found === undefined) throw new Error(`no ${name}`);
  const modes = cohortsOf(found).map((cohort) => linkerd.portMode({ workload: found, cohort, port }, world).declared);
  return [...new Set(modes)].join(' or ');
}

const HOST: JsonObject = { hostNetwork: true };

describe('a port that a caller without a proxy calls', () => {
  const shop = scene(
    [...SHOP, workload('shop', 'agent', { kind: 'DaemonSet', podSpec: HOST })],
    [...SHOP_CALLS, row('agent.shop', 'cart.shop')],
  );
  const plan = linkerdPlan(shop);

  it('keeps today’s policy by a Server of its own, before the others ask for an identity', () => {
    expect(stageOf(plan, 'strict-exceptions-shop').steps).toMatchObject([
      { manifest: { metadata: { name: 'cart-port-8080' }, spec: { accessPolicy: 'all-unauthenticated' } } },
    ]);
    expect(stageOf(plan, 'strict-shop').dependsOn).toContain('strict-exceptions-shop');
    const names = stageOf(plan, 'strict-shop').steps.map((step) =>
      step.step === 'apply' ? step.manifest.metadata.name : '',
    );
    expect(names).toEqual(['front-port-8080']);
  });

  it('is undone only after the default, which would close the port without its Server', () => {
    expect(stageOf(plan, 'default-shop').dependsOn).toContain('strict-exceptions-shop');
    expect(stageOf(plan, 'strict-exceptions-shop').rollback.undoFirst).toContain('default-shop');
  });

  it('stands in the register for both layers, with the caller that it waits for', () => {
    const rows = plan.exceptions.filter(({ workload: { name } }) => name === 'cart');
    expect(rows.map(({ layer, ports }) => [layer, ports])).toEqual([
      ['authorization', [8080]],
      ['mtls', [8080]],
    ]);
    expect(rows[1]?.reason).toContain('shop/DaemonSet/agent');
  });

  it('breaks nobody, and lets the default of the namespace turn to deny all the same', () => {
    const world = worldAfter(shop.world, plan);
    expect(new Set(verdicts(shop, shop.world, world).values())).toEqual(new Set(['ok']));
    expect(declaredAt(world, 'shop/Deployment/cart')).toBe('all-unauthenticated');
    expect(declaredAt(world, 'shop/Deployment/cart', 9999)).toBe('deny');
    expect(stageOf(plan, 'default-shop').notes.join(' ')).toContain(
      'Exempt, by a Server of an earlier stage: shop/Deployment/cart',
    );
  });
});

describe('a Server that is there already', () => {
  const server = (accessPolicy: string | undefined): JsonObject => ({
    apiVersion: 'policy.linkerd.io/v1beta3',
    kind: 'Server',
    metadata: { name: 'theirs', namespace: 'pay' },
    spec: {
      podSelector: { matchLabels: { app: 'payments' } },
      port: 8080,
      ...(accessPolicy === undefined ? {} : { accessPolicy }),
    },
  });

  it('is patched in that field, and gets no second one beside it', () => {
    const shop = scene([...SHOP, server('all-unauthenticated')], SHOP_CALLS);
    const plan = linkerdPlan(shop);
    expect(stageOf(plan, 'strict-pay').steps).toMatchObject([
      { step: 'patch', target: { name: 'theirs' }, patch: { spec: { accessPolicy: 'all-authenticated' } } },
    ]);
    expect(stageOf(plan, 'allow-pay').steps).toMatchObject([
      { manifest: { metadata: { name: 'theirs-callers' } } },
      { manifest: { spec: { targetRef: { name: 'theirs' } } } },
    ]);
    expect(declaredAt(worldAfter(shop.world, plan), 'pay/Deployment/payments')).toBe('deny');
    expect(JSON.stringify(plan.stages.map(({ steps }) => steps))).not.toContain('payments-port-8080');
  });

  it('that refuses its callers blocks the wave instead of cutting them off', () => {
    const plan = linkerdPlan(scene([...SHOP, server(undefined)], SHOP_CALLS));
    const wave = plan.stages.find(({ scope }) => scope.workloads.some(({ name }) => name === 'payments'));
    expect(wave).toMatchObject({ kind: 'enrol', state: 'blocked' });
    expect(JSON.stringify(wave?.blockedBy)).toContain('theirs');
    expect(plan.leftOut.map(({ what }) => what)).toContain('pay/Deployment/payments');
  });
});

describe('what somebody decided before', () => {
  const annotated = (annotations: Readonly<Record<string, string>>): JsonObject => ({
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: 'pay', annotations },
  });
  const strict = annotated({ 'config.linkerd.io/default-inbound-policy': 'all-authenticated' });
  const shop = SHOP.filter(
    (object) => JSON.stringify(object['metadata']) !== JSON.stringify({ name: 'pay', labels: {} }),
  );

  it('is not overwritten: a namespace that demands an identity is STRICT from the first pod on', () => {
    const plan = linkerdPlan(scene([...shop, strict], SHOP_CALLS));
    const wave = plan.stages.find(
      ({ scope, kind }) => kind === 'enrol' && scope.workloads.some(({ name }) => name === 'payments'),
    );
    expect(JSON.stringify(wave?.steps)).not.toContain('all-unauthenticated');
    expect(wave?.notes.join(' ')).toContain('refuse every caller without mutual TLS');
  });

  it('has such a wave wait until its clients are through', () => {
    const plan = linkerdPlan(scene([...shop, strict], SHOP_CALLS));
    const order = plan.stages.flatMap(({ kind, scope }) =>
      kind === 'enrol' ? scope.workloads.map(({ name }) => name) : [],
    );
    expect(order.indexOf('cart')).toBeLessThan(order.indexOf('payments'));
    expect(plan.stages.filter(({ state }) => state === 'blocked')).toEqual([]);
  });

  it('holds such a wave back where too little is known of its callers', () => {
    const plan = linkerdPlan(scene([...shop, strict], SHOP_CALLS.slice(0, 1)));
    const wave = plan.stages.find(
      ({ scope, kind }) => kind === 'enrol' && scope.workloads.some(({ name }) => name === 'payments'),
    );
    expect(wave?.state).toBe('outline');
  });
});

describe('ports of which too little is known', () => {
  const shop = scene([...SHOP, workload('shop', 'quiet'), service('shop', 'quiet')], SHOP_CALLS);
  const plan = linkerdPlan(shop);

  it('hold up neither STRICT nor deny of the others', () => {
    expect(stageOf(plan, 'strict-shop')).toMatchObject({ state: 'ready' });
    expect(stageOf(plan, 'deny-shop')).toMatchObject({ state: 'ready' });
    expect(declaredAt(worldAfter(shop.world, plan), 'shop/Deployment/quiet')).toBe('all-unauthenticated');
  });

  it('keep an outline with what is missing, and keep the default of the namespace from closing them', () => {
    expect(stageOf(plan, 'strict-rest-shop')).toMatchObject({ state: 'outline' });
    expect(JSON.stringify(stageOf(plan, 'strict-rest-shop').blockedBy)).toContain('shop/Deployment/quiet port 8080');
    expect(stageOf(plan, 'default-shop').state).toBe('outline');
  });
});

describe('who is not enrolled', () => {
  it('keeps pods with a sidecar of Istio out, and says why', () => {
    const sidecar = { initContainers: [{ name: 'istio-init', image: 'istio/proxyv2' }] };
    const plan = linkerdPlan(scene([...SHOP, workload('shop', 'old', { podSpec: sidecar })], SHOP_CALLS));
    expect(JSON.stringify(plan.leftOut)).toContain('shop/Deployment/old');
  });

  it('enrols a CronJob without a restart where its proxy is a native sidecar', () => {
    const plan = linkerdPlan(scene([...SHOP, cronJob('shop', 'report')], SHOP_CALLS));
    const wave = plan.stages.find(({ scope }) => scope.workloads.some(({ name }) => name === 'report'));
    expect(wave?.restarts.find(({ workload: { name } }) => name === 'report')).toMatchObject({ method: 'next-run' });
    expect(JSON.stringify(wave?.steps)).toContain('jobTemplate');
  });

  it('keeps a CronJob out by saying so where its proxy would keep its pods from finishing', () => {
    const plan = linkerdPlan(scene([...SHOP, cronJob('shop', 'report')], SHOP_CALLS), { meshVersion: '2.19' });
    const wave = plan.stages.find(({ scope }) => scope.workloads.some(({ name }) => name === 'report'));
    expect(JSON.stringify(wave?.steps)).toContain('"linkerd.io/inject":"disabled"');
    expect(plan.exceptions).toMatchObject([{ layer: 'enrolment', workload: { name: 'report' } }]);
  });
});

describe('a cluster whose Linkerd knows no accessPolicy', () => {
  it('gets no STRICT: a Server would refuse everybody at once', () => {
    const objects = [node('n'), namespace('shop'), workload('shop', 'cart'), service('shop', 'cart')];
    const start = scene(objects, []);
    const installed = worldAfter(start.world, linkerdPlan(start, { meshVersion: 'stable-2.14.10' }), 'control-plane');
    const plan = linkerdPlan({ world: installed, rows: [] });
    expect(statesOf(plan).filter((line) => line.startsWith('strict'))).toEqual(['strict-shop: outline']);
    expect(JSON.stringify(stageOf(plan, 'strict-shop').blockedBy)).toContain('upgrade to Linkerd 2.16');
  });
});
