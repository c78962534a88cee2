import { describe, expect, test } from 'vitest';
import { KIND } from '../../../../../src/domain/kubernetes/kinds.ts';
import type { KubeObject } from '../../../../../src/domain/kubernetes/object.ts';
import { istio } from '../../../../../src/domain/mesh/istio/istio.ts';
import type { Call } from '../../../../../src/domain/calls/call.ts';
import { object, waypoint } from '../../../../cases-runner/case-world.ts';
import { podEnd } from '../../../../cases-runner/istio/seam-ends.ts';
import { ambientFate, ambientWorld, mode, policy, type AmbientScene } from './ambient-scene.ts';

const USE = { 'istio.io/use-waypoint': 'way' };
const WAY = waypoint('shop', 'way');
const ON_SERVICE = [{ kind: 'Service', group: '', name: 'server' }];
const FROM_CLIENT = { from: [{ source: { principals: ['cluster.local/ns/shop/sa/default'] } }] };
const FROM_WAYPOINT = { from: [{ source: { principals: ['cluster.local/ns/shop/sa/way'] } }] };
const AT_POD: Partial<Call> = {
  to: { kind: 'pod-port', workload: { namespace: 'shop', kind: 'Pod', name: 'server' }, port: 8080 },
};

function onService(rules: readonly unknown[], action = 'ALLOW'): KubeObject {
  return policy({ action, targetRefs: ON_SERVICE, rules }, 'on-service');
}

function onPods(rules: readonly unknown[], action = 'ALLOW'): KubeObject {
  return policy({ action, selector: { matchLabels: { app: 'server' } }, rules }, 'on-pods');
}

describe('a call whose Service has a waypoint', () => {
  test.each<[string, AmbientScene, string]>([
    ['is ok without policies', {}, 'ok'],
    ['is ok under STRICT', { more: [mode('STRICT')] }, 'ok'],
    ['is allowed by a policy on the Service that names the client', { more: [onService([FROM_CLIENT])] }, 'ok'],
    ['is allowed there by its method', { more: [onService([{ to: [{ operation: { methods: ['GET'] } }] }])] }, 'ok'],
    [
      'is denied there by another method',
      { more: [onService([{ to: [{ operation: { methods: ['PUT'] } }] }])] },
      'breaks',
    ],
    ['is denied on the pods where they allow the client alone', { more: [onPods([FROM_CLIENT])] }, 'breaks'],
    ['is allowed on the pods where they allow the waypoint', { more: [onPods([FROM_WAYPOINT])] }, 'ok'],
    ['goes past the waypoint of a sidecar client', { client: 'sidecar', more: [onService([FROM_WAYPOINT])] }, 'ok'],
    ['goes past it from a gateway', { client: 'gateway', more: [onService([FROM_WAYPOINT])] }, 'ok'],
    ['goes past it to the address of a pod', { call: AT_POD, more: [onService([FROM_WAYPOINT])] }, 'ok'],
    ['reaches a pod without proxy behind it', { server: 'none' }, 'ok'],
    ['breaks at a sidecar of before behind it under STRICT', { server: 'sidecar', more: [mode('STRICT')] }, 'breaks'],
  ])('%s', (_what, scene, verdict) => {
    const fate = ambientFate({ ...scene, serviceLabels: USE, more: [...WAY, ...(scene.more ?? [])] });
    expect(fate.verdict, fate.why).toBe(verdict);
  });

  test('shows the server the identity of the waypoint', () => {
    expect(ambientFate({ serviceLabels: USE, more: WAY })).toMatchObject({
      wire: 'hbone',
      identity: 'spiffe://cluster.local/ns/shop/sa/way',
    });
  });

  test('takes it from a gateway where the Service says so', () => {
    const serviceLabels = { ...USE, 'istio.io/ingress-use-waypoint': 'true' };
    const fate = ambientFate({ client: 'gateway', serviceLabels, more: [...WAY, onService([FROM_WAYPOINT])] });
    expect(fate.verdict, fate.why).toBe('breaks');
  });

  test('takes the waypoint of a pod by its address where that serves workloads', () => {
    const more = [...waypoint('shop', 'way', { 'istio.io/waypoint-for': 'all' }), onPods([FROM_CLIENT])];
    const fate = ambientFate({ call: AT_POD, serverLabels: USE, more });
    expect(fate.verdict, fate.why).toBe('breaks');
  });

  test.each<[string, AmbientScene]>([
    ['Gateways were not read', { coverage: [{ kind: KIND.kubernetesGateway, state: 'unread', objects: 0 }] }],
    ['no pod of the waypoint was found', { more: WAY.slice(0, 1) }],
    ['a VirtualService routes the host', { more: [...WAY, routed()] }],
    ['a canary waypoint takes a part', { serviceLabels: { ...USE, 'istio.io/use-waypoint-canary': 'b' }, more: WAY }],
  ])('is unknown where %s', (_why, scene) => {
    const fate = ambientFate({ serviceLabels: USE, ...scene });
    expect(fate.verdict, fate.why).toBe('unknown');
  });

  test.each<[string, AmbientScene]>([
    ['the Service says none', { serviceLabels: { 'istio.io/use-waypoint': 'none' } }],
    ['the Gateway has no address yet', { more: [{ ...notReady() }, ...WAY.slice(1)] }],
    ['the Gateway serves workloads', { more: waypoint('shop', 'way', { 'istio.io/waypoint-for': 'workload' }) }],
    ['the Gateway is another namespace and lets nobody in', elsewhere()],
  ])('goes straight where %s', (_why, scene) => {
    const fate = ambientFate({ serviceLabels: USE, more: WAY, ...scene });
    expect(fate).toMatchObject({ verdict: 'ok', identity: 'spiffe://cluster.local/ns/shop/sa/default' });
  });
});

describe('the policies of a server behind ztunnel', () => {
  test.each<[string, readonly KubeObject[], string]>([
    ['none', [], 'allow 0'],
    ['an ALLOW on its pods', [onPods([FROM_CLIENT])], 'deny 1'],
    ['an ALLOW on its Service alone', [onService([FROM_CLIENT])], 'unknown 1'],
    ['an AUDIT, which ztunnel is never given', [onPods([FROM_CLIENT], 'AUDIT')], 'allow 1'],
  ])('with %s', (_what, more, expected) => {
    const world = ambientWorld({ serviceLabels: USE, more: [...WAY, ...more] });
    const summary = istio.policies(podEnd(world, 'shop', 'server'), world);
    expect(`${summary.default} ${String(summary.policies.length)}`).toBe(expected);
  });

  test.each<[string, KubeObject, string]>([
    [
      'an ALLOW rule with a method falls away and denies',
      onPods([{ to: [{ operation: { methods: ['GET'] } }] }]),
      'breaks',
    ],
    [
      'a DENY rule with nothing but a path never fires',
      onPods([{ to: [{ operation: { paths: ['/'] } }] }], 'DENY'),
      'ok',
    ],
    [
      'a DENY rule with a port and a path denies the port',
      onPods([{ to: [{ operation: { ports: ['8080'], paths: ['/x'] } }] }], 'DENY'),
      'breaks',
    ],
  ])('count on layer 4 alone: %s', (_what, only, verdict) => {
    const fate = ambientFate({ more: [only] });
    expect(fate.verdict, fate.why).toBe(verdict);
  });
});

function routed(): KubeObject {
  const hosts = ['server.shop.svc.cluster.local'];
  const spec = { hosts, http: [{ route: [{ destination: { host: 'other' } }] }] };
  return object('networking.istio.io/v1', 'VirtualService', { name: 'it', namespace: 'shop', spec });
}

function notReady(): KubeObject {
  const [gateway] = WAY;
  if (gateway === undefined) throw new Error('a waypoint has a Gateway');
  return { ...gateway, status: { addresses: [] } };
}

function elsewhere(): AmbientScene {
  const serviceLabels = { ...USE, 'istio.io/use-waypoint-namespace': 'other' };
  return { serviceLabels, more: waypoint('other', 'way') };
}
