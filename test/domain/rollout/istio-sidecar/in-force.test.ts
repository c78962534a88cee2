import { describe, expect, test } from 'vitest';
import type { KubeObject } from '../../../../src/domain/kubernetes/object.ts';
import { istio } from '../../../../src/domain/mesh/istio/istio.ts';
import { admitPod } from '../../../../src/domain/mesh/registry.ts';
import { notStrict } from '../../../../src/domain/rollout/istio/in-force.ts';
import { applyChange } from '../../../../src/domain/world/apply.ts';
import type { Manifest } from '../../../../src/domain/world/step.ts';
import { cohortsOf } from '../../../../src/domain/world/workload.ts';
import { workloadsIn } from '../../../../src/domain/world/workloads-of.ts';
import type { World } from '../../../../src/domain/world/world.ts';
import type { JsonObject } from '../../../../src/lib/json.ts';
import { completeWorld, controlPlane } from '../../../cases-runner/case-world.ts';
import { serverIn, serverPod, serverWith, STRICT } from '../../../support/pods-that-differ.ts';
import { SHOP, stageOf } from '../shop.ts';
import { manifest, peerAuthentication, theirPolicy } from '../traps/trap-objects.ts';
import { trap, trapIn } from '../traps/trap-world.ts';

const OTHER_REVISION = { 'istio.io/rev': 'canary' };

function labelled(object: JsonObject, labels: JsonObject): JsonObject {
  return { ...object, metadata: { ...(object['metadata'] as JsonObject), labels } };
}

function modesOf(world: World, namespace: string): readonly string[] {
  return workloadsIn(world, namespace).flatMap((workload) =>
    cohortsOf(workload).map((cohort) => istio.portMode({ workload, cohort, port: 8080 }, world).mode),
  );
}

function specs(trapped: ReturnType<typeof trap>, kind: string, id: string): readonly unknown[] {
  return stageOf(trapped.plan, id).steps.flatMap((step) =>
    step.step === 'apply' && step.manifest.kind === kind ? [step.manifest.spec] : [],
  );
}

describe('a PeerAuthentication that the control plane does not read', () => {
  const unread = labelled(peerAuthentication('pay/default', { mtls: { mode: 'PERMISSIVE' } }), OTHER_REVISION);

  test('is not edited: STRICT is written into an object of the plan, and is in force afterwards', () => {
    const found = trap([...SHOP, unread]);
    const strict = stageOf(found.plan, 'strict-pay');
    expect(strict.state).toBe('ready');
    expect(JSON.stringify(strict.steps)).toContain('"name":"namespace-default"');
    expect(found.page('strict-pay')).toContain('PeerAuthentication pay/default (label istio.io/rev: canary)');
    expect(modesOf(found.end, 'pay')).toEqual(['strict', 'strict']);
  });

  test('does not pass for STRICT', () => {
    const found = trap([
      ...SHOP,
      labelled(peerAuthentication('pay/default', { mtls: { mode: 'STRICT' } }), OTHER_REVISION),
    ]);
    expect(stageOf(found.plan, 'strict-pay').state).toBe('ready');
    expect(modesOf(found.end, 'pay')).toEqual(['strict', 'strict']);
  });

  test('keeps no port open, and stands in the way of no exception', () => {
    const own = peerAuthentication('pay/theirs', {
      selector: { matchLabels: { app: 'payments' } },
      mtls: { mode: 'PERMISSIVE' },
    });
    const found = trap([...SHOP, labelled(own, OTHER_REVISION)]);
    expect(found.register.filter((line) => line.startsWith('payments'))).toEqual([]);
    expect(modesOf(found.end, 'pay')).toEqual(['strict', 'strict']);
  });
});

test('a namespace that is STRICT but for listeners that an EnvoyFilter rewrites is not called done', () => {
  const rewritten = manifest('networking.istio.io/v1alpha3 EnvoyFilter', 'pay/listeners', {
    configPatches: [{ applyTo: 'LISTENER', match: { context: 'SIDECAR_INBOUND' }, patch: { operation: 'MERGE' } }],
  });
  const strict = peerAuthentication('pay/default', { mtls: { mode: 'STRICT' } });
  const found = trap([...SHOP, strict, rewritten], { input: { acceptEvidence: 'inferred' } });
  const stage = found.plan.stages.find(({ id }) => id === 'strict-pay');
  expect(['blocked', 'outline']).toContain(stage?.state);
});

/** The shop with sidecars everywhere, and these objects. */
function enrolledWith(objects: readonly JsonObject[]): World {
  const { end } = trap(SHOP, { input: { goal: 'permissive' } });
  const steps = objects.map((object) => ({ step: 'apply' as const, manifest: object as unknown as Manifest }));
  return applyChange(end, { id: 'theirs', steps }, admitPod).world;
}

describe('calls of which only the request is judged by policies of others', () => {
  const tokens = manifest('security.istio.io/v1 RequestAuthentication', 'pay/tokens', {
    jwtRules: [{ issuer: 'https://example.com', jwksUri: 'https://example.com/keys' }],
  });
  const withoutToken = theirPolicy({
    action: 'DENY',
    rules: [{ from: [{ source: { notRequestPrincipals: ['*'] } }] }],
  });
  const byHeader = theirPolicy({
    action: 'DENY',
    rules: [{ when: [{ key: 'request.headers[x-key]', notValues: ['secret'] }] }],
  });

  test.each([
    ['a token', [tokens, withoutToken]],
    ['a header', [byHeader]],
  ])('%s: the port turns STRICT and admits its caller by principal', (_, objects) => {
    const found = trapIn(enrolledWith(objects));
    expect(found.register.filter((line) => line.startsWith('payments'))).toEqual([]);
    expect(stageOf(found.plan, 'strict-pay').state).toBe('ready');
    expect(found.page('strict-pay')).toContain('whether its requests pass is open before as after');
    expect(specs(found, 'AuthorizationPolicy', 'allow-pay')).toMatchObject([
      { rules: [{ from: [{ source: { principals: ['cluster.local/ns/shop/sa/cart'] } }], to: [{}] }] },
    ]);
    expect(stageOf(found.plan, 'deny-pay').state).toBe('ready');
  });
});

test('a policy of the namespace that an earlier plan wrote and no control plane reads does not pass for a deny', () => {
  const first = trap(SHOP);
  expect(stageOf(first.plan, 'deny-pay').state).toBe('ready');
  const ours = { 'app.kubernetes.io/managed-by': 'meshwise', ...OTHER_REVISION };
  const deny = manifest('security.istio.io/v1 AuthorizationPolicy', 'pay/namespace-default', {
    action: 'ALLOW',
    rules: [],
  });
  const found = trap([...SHOP, labelled(deny, ours)]);
  expect(stageOf(found.plan, 'deny-pay').state).toBe('blocked');
  expect(found.blockedBy('deny-pay')).toContain('pay/Deployment/payments port 8080 would still not surely refuse');
});

describe('a port that the proxies of some pods leave out', () => {
  const LEFT_OUT = { 'traffic.sidecar.istio.io/excludeInboundPorts': '8080' };
  const strict = (pods: readonly KubeObject[], template = {}) => {
    const world = completeWorld([...controlPlane(), ...serverWith(pods, template), STRICT]);
    return notStrict(world, 'shop', { servers: [serverIn(world)], rule: { ports: new Map(), isOwnPort: () => false } });
  };

  test.each([
    ['one of its pods', [serverPod('a'), serverPod('b', LEFT_OUT)], {}],
    ['the pods that its template makes next', [serverPod('a')], LEFT_OUT],
    ['all pods but the next', [serverPod('a', LEFT_OUT)], {}],
  ])('is open in %s, and keeps STRICT from being called done', (_, pods, template) => {
    const { blockedBy, uncaptured } = strict(pods, template);
    expect(blockedBy.map(({ what }) => what)).toEqual([
      expect.stringContaining('shop/Deployment/server port 8080 would still take plaintext afterwards'),
    ]);
    expect(uncaptured).toEqual([]);
  });

  test('is no port of the mesh where none takes it in, and stands in the register', () => {
    const { blockedBy, uncaptured } = strict([serverPod('a', LEFT_OUT)], LEFT_OUT);
    expect(blockedBy).toEqual([]);
    expect(uncaptured).toMatchObject([{ workload: { name: 'server' }, layer: 'mtls', ports: [8080] }]);
  });
});
