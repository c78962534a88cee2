import { expect, test } from 'vitest';
import { fateOf } from '../../../../src/domain/simulate/fate-of.ts';
import type { JsonObject } from '../../../../src/lib/json.ts';
import { cronJob } from '../../../support/build-world.ts';
import { row, SHOP, SHOP_CALLS, stageOf, statesOf, watched } from '../shop.ts';
import { ambientPlan, carriedOut, inAmbientCluster } from './ambient-shop.ts';

function istioObject(kind: string, name: string, spec: JsonObject): JsonObject {
  return { apiVersion: 'security.istio.io/v1', kind, metadata: { name, namespace: 'shop' }, spec };
}

function waypoint(programmed = true): readonly JsonObject[] {
  return [
    {
      apiVersion: 'gateway.networking.k8s.io/v1',
      kind: 'Gateway',
      metadata: { name: 'way', namespace: 'shop' },
      spec: { gatewayClassName: 'istio-waypoint', listeners: [{ name: 'mesh', port: 15008, protocol: 'HBONE' }] },
      ...(programmed ? { status: { addresses: [{ value: '10.0.0.1' }] } } : {}),
    },
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'way', namespace: 'shop' },
      spec: {
        replicas: 2,
        selector: { matchLabels: { 'gateway.networking.k8s.io/gateway-name': 'way' } },
        template: {
          metadata: { labels: { 'gateway.networking.k8s.io/gateway-name': 'way', 'istio.io/dataplane-mode': 'none' } },
          spec: {
            serviceAccountName: 'way',
            containers: [{ name: 'istio-proxy', image: 'docker.io/istio/proxyv2:1.31.0', args: ['proxy', 'waypoint'] }],
          },
        },
      },
    },
  ];
}

/** The shop in which the Service of the cart asks for the waypoint. */
const RELAYED = SHOP.map((object) =>
  object['kind'] === 'Service' && (object['metadata'] as JsonObject)['name'] === 'cart'
    ? { ...object, metadata: { name: 'cart', namespace: 'shop', labels: { 'istio.io/use-waypoint': 'way' } } }
    : object,
);

test('where a waypoint stands before a Service, the rules of its server name the identity of the waypoint too', () => {
  const world = inAmbientCluster([...RELAYED, ...waypoint()]);
  const plan = ambientPlan(world);
  const rules = stageOf(plan, 'allow-shop').steps.flatMap((step) =>
    step.step === 'apply' && step.manifest.metadata.name === 'cart-callers' ? [step.manifest.spec] : [],
  );
  expect(rules).toMatchObject([
    {
      rules: [
        { from: [{ source: { principals: ['cluster.local/ns/shop/sa/front', 'cluster.local/ns/shop/sa/way'] } }] },
      ],
    },
  ]);
  const end = carriedOut(world, plan);
  for (const call of watched(world, SHOP_CALLS).calls)
    expect([call.id, fateOf(call, end).verdict]).toEqual([call.id, 'ok']);
});

test('a waypoint is a gateway, which is never put behind ztunnel', () => {
  const { leftOut } = ambientPlan(inAmbientCluster([...RELAYED, ...waypoint()]));
  expect(leftOut.find(({ what }) => what === 'shop/Deployment/way')?.reason).toContain('gateway or waypoint');
});

test('a namespace that is STRICT already is enrolled clients first, and says that plaintext is refused at once', () => {
  const strict = istioObject('PeerAuthentication', 'default', { mtls: { mode: 'STRICT' } });
  const plan = ambientPlan(inAmbientCluster([...SHOP, strict]));
  const waves = plan.stages.filter(({ id }) => id.startsWith('enrol-shop-'));
  expect(waves.length).toBeGreaterThan(0);
  for (const { why, steps } of waves) {
    expect(why).toContain('STRICT already');
    expect(JSON.stringify(steps)).not.toContain('PERMISSIVE');
  }
});

test('a wave into a STRICT namespace is an outline where nobody knows who calls its members', () => {
  const strict = istioObject('PeerAuthentication', 'default', { mtls: { mode: 'STRICT' } });
  const plan = ambientPlan(inAmbientCluster([...SHOP, strict]), []);
  const waves = plan.stages.filter(({ id }) => id.startsWith('enrol-shop-'));
  expect(waves.map(({ state, steps }) => [state, steps])).toEqual(waves.map(() => ['outline', []]));
});

test('a policy that waits for a workload makes its enrolment a deny, which needs to know its callers', () => {
  const policy = istioObject('AuthorizationPolicy', 'theirs', {
    selector: { matchLabels: { app: 'cart' } },
    action: 'ALLOW',
    rules: [{ from: [{ source: { namespaces: ['shop'] } }] }],
  });
  const world = inAmbientCluster([...SHOP, policy]);
  const blind = ambientPlan(world, []).stages.filter(({ scope }) =>
    scope.workloads.some(({ name }) => name === 'cart'),
  );
  const [wave] = blind.filter(({ kind }) => kind === 'enrol');
  expect([wave?.state, wave?.steps]).toEqual(['outline', []]);
  expect(wave?.notes.join('\n')).toContain('Nobody enforces AuthorizationPolicy shop/theirs');
  const seen = ambientPlan(world).stages.find(
    ({ kind, scope }) => kind === 'enrol' && scope.workloads.some(({ name }) => name === 'cart'),
  );
  expect(seen?.state).toBe('ready');
  expect(seen?.why).toContain('Policies wait for them');
});

test('a caller that stays outside the mesh keeps its port open for plaintext, as PERMISSIVE and never as DISABLE', () => {
  const outside = { ...cronJob('batch', 'report') };
  const objects = [...SHOP, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'batch' } }, outside];
  const rows = [...SHOP_CALLS, row('report.batch', 'cart.shop')];
  const plan = ambientPlan(inAmbientCluster(objects), rows, { namespaces: ['shop', 'pay'] });
  const [step] = stageOf(plan, 'strict-exceptions-shop').steps;
  expect(step?.step === 'apply' ? step.manifest.spec : undefined).toEqual({
    selector: { matchLabels: { app: 'cart' } },
    portLevelMtls: { '8080': { mode: 'PERMISSIVE' } },
  });
  const strict = stageOf(plan, 'strict-shop');
  expect(strict.entryGate.find(({ id }) => id === 'no-plaintext-deployment-cart')?.command).toContain('app=ztunnel');
  expect(strict.exitGate.some(({ id }) => id === 'strict-deployment-cart')).toBe(false);
  expect(JSON.stringify(plan.stages.flatMap(({ steps }) => steps))).not.toContain('DISABLE');
});

test('a policy that is bound to a Service holds at its waypoint, and does not keep the plan from the pods', () => {
  const bound = istioObject('AuthorizationPolicy', 'at-waypoint', {
    targetRefs: [{ kind: 'Service', group: '', name: 'cart' }],
    action: 'ALLOW',
    rules: [{ from: [{ source: { principals: ['cluster.local/ns/shop/sa/front'] } }] }],
  });
  const plan = ambientPlan(inAmbientCluster([...RELAYED, ...waypoint(), bound]));
  expect(statesOf(plan)).toContain('allow-catch-all-shop: ready');
  expect(statesOf(plan)).toContain('deny-shop: ready');
});
