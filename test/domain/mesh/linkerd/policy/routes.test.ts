import { describe, expect, test } from 'vitest';
import { KIND } from '../../../../../src/domain/kubernetes/kinds.ts';
import type { KubeObject } from '../../../../../src/domain/kubernetes/object.ts';
import { linkerdJudgement } from '../../../../../src/domain/mesh/linkerd/policy/seam.ts';
import type { AuthorizeQuestion } from '../../../../../src/domain/mesh/mesh.ts';
import { ask, changed, CURL, scene, without } from './scene.ts';

const SERVER = { kind: 'Server', name: 'web', podSelector: {}, port: 80 };
const route = (name: string, conditions: object) => ({ kind: 'HTTPRoute', name, parent: 'web', ...conditions });
const onRoute = (name: string, group = 'policy.linkerd.io') => ({
  kind: 'AuthorizationPolicy',
  name: `to-${name}`,
  targetRef: { group, kind: 'HTTPRoute', name },
  requiredAuthenticationRefs: [],
});

type Request = AuthorizeQuestion['request'];

function judged(found: ReturnType<typeof scene>, request: Request, more: object = {}): string {
  const question = ask({ ...found.server, port: 80 }, { tls: CURL, request, ...more });
  const judgement = linkerdJudgement(question, found.world);
  const route = judgement?.decision === 'allow' ? judgement.route?.name : undefined;
  return [judgement?.decision, judgement?.status, route].filter((part) => part !== undefined).join(' ');
}

describe('the route of a request', () => {
  test('is the most specific one: an exact path and a longer prefix go first, then a method', () => {
    const found = scene([
      SERVER,
      route('wide', { rules: [{ matches: [{ path: { type: 'PathPrefix', value: '/api' } }] }] }),
      route('deep', { rules: [{ matches: [{ path: { type: 'PathPrefix', value: '/api/v1/' } }] }] }),
      route('post', { rules: [{ matches: [{ path: { type: 'PathPrefix', value: '/api' }, method: 'POST' }] }] }),
      ...['wide', 'deep', 'post'].map((name) => onRoute(name)),
    ]);
    expect(judged(found, { method: 'GET', path: '/api/x?y=1' })).toBe('allow wide');
    expect(judged(found, { method: 'POST', path: '/api/x' })).toBe('allow post');
    expect(judged(found, { method: 'POST', path: '/api/v1' })).toBe('allow deep');
    expect(judged(found, { method: 'GET', path: '/apix' })).toBe('deny 404');
  });

  test('is not known where its path, host or headers decide and are not known', () => {
    const closed = route('closed', { pathExact: '/closed' });
    const found = scene([SERVER, route('open', { pathPrefix: '/' }), closed, onRoute('open')]);
    expect(judged(found, { method: 'GET' })).toBe('unknown');
    expect(judged(found, { method: 'GET', path: '/other' })).toBe('allow open');
    const hosts = scene([SERVER, route('open', { hostnames: ['*.shop.local'], pathPrefix: '/' }), onRoute('open')]);
    expect(judged(hosts, { method: 'GET', path: '/' })).toBe('unknown');
    expect(judged(hosts, { method: 'GET', path: '/', host: 'a.shop.local:80' })).toBe('allow open');
    expect(judged(hosts, { method: 'GET', path: '/', host: 'shop.local' })).toBe('deny 404');
    const headers = route('open', { rules: [{ matches: [{ headers: [{ name: '', value: '' }] }] }] });
    expect(judged(scene([SERVER, headers, onRoute('open')]), { method: 'GET', path: '/' })).toBe('unknown');
  });

  test('counts by group: a policy about a route of one group says nothing of its namesake in the other', () => {
    const gateway = { ...route('open', { pathPrefix: '/' }), group: 'gateway.networking.k8s.io' };
    expect(judged(scene([SERVER, gateway, onRoute('open')]), { path: '/' })).toBe('deny 403');
    expect(judged(scene([SERVER, gateway, onRoute('open', 'gateway.networking.k8s.io')]), { path: '/' })).toBe(
      'allow open',
    );
  });

  test('counts only where it is attached: accepted, of this namespace, and of filters that Linkerd reads', () => {
    const open = { ...SERVER, accessPolicy: 'all-authenticated' };
    expect(judged(scene([open, route('x', { pathExact: '/x', accepted: false })]), { path: '/' })).toBe(
      'allow default',
    );
    const parentRefs = [{ group: 'policy.linkerd.io', kind: 'Server', name: 'web', namespace: 'ns-b' }];
    expect(judged(scene([open, route('x', { pathExact: '/x', parentRefs })]), { path: '/' })).toBe('allow default');
    const silent = changed(scene([open, route('x', { pathExact: '/x' })]).world, {
      objects: (all) => all.map(withoutStatus),
    });
    expect(judged(silent, { path: '/' })).toBe('unknown');
    expect(judged(silent, { path: '/x' })).toBe('unknown');
    const rewrite = { filters: [{ type: 'URLRewrite', urlRewrite: {} }] };
    expect(judged(scene([open, route('x', { pathExact: '/x', ...rewrite })]), { path: '/' })).toBe('unknown');
  });

  test('goes by gRPC routes on a gRPC port, and by none that is over HTTP', () => {
    const grpc = { ...SERVER, proxyProtocol: 'gRPC' };
    const rpc = { kind: 'GRPCRoute', name: 'rpc', parent: 'web', service: 'shop.Cart' };
    const policy = { ...onRoute('rpc'), targetRef: { kind: 'GRPCRoute', name: 'rpc' } };
    const found = scene([grpc, rpc, policy, route('http', { pathExact: '/' })]);
    expect(judged(found, { method: 'POST', path: '/shop.Cart/Add' })).toBe('allow rpc');
    expect(judged(found, { method: 'POST', path: '/shop.Pay/Add' })).toBe('deny 404');
  });

  test('is unknown where routes were not read, whatever the rest says', () => {
    const open = { ...SERVER, accessPolicy: 'all-authenticated' };
    const less = without(scene([open]).world, { kind: KIND.httpRoute });
    expect(judged(less, { path: '/' })).toBe('unknown');
    expect(judged(less, {}, { handledAs: 'tcp', arrival: { payload: 'tcp', wire: 'mtls' } })).toBe('allow');
  });
});

describe('a probe', () => {
  const probes = [{ httpGet: { port: 'http', path: '/live?x=1' } }, { grpc: { port: 80 } }];
  const kubelet = { tls: null, arrival: { sender: 'kubelet' } } as const;

  test('over HTTP is let in under deny by its path and GET alone, until a route is attached', () => {
    const found = scene([SERVER], { probes });
    expect(judged(found, { method: 'GET', path: '/live' }, kubelet)).toBe('allow probe');
    expect(judged(found, { method: 'GET', path: '/live/deep' }, kubelet)).toBe('deny 403');
    expect(judged(found, { method: 'HEAD', path: '/live' }, kubelet)).toBe('deny 403');
    const routed = scene([SERVER, route('api', { pathExact: '/api' })], { probes });
    expect(judged(routed, { method: 'GET', path: '/live' }, kubelet)).toBe('deny 404');
  });

  test('is let in from the probe networks alone', () => {
    const from = (probeNetworks: readonly string[], sourceIp?: string) =>
      judged(
        scene([SERVER], { probes }, { probeNetworks }),
        { method: 'GET', path: '/live', ...(sourceIp === undefined ? {} : { sourceIp }) },
        kubelet,
      );
    expect(from(['10.0.0.0/16'], '10.0.0.1')).toBe('allow probe');
    expect(from(['10.0.0.0/16'], '10.9.0.1')).toBe('deny 403');
    expect(from(['10.0.0.0/16'])).toBe('unknown');
  });

  test('over TCP succeeds whatever the policy says, for it ends where it is connected', () => {
    const tcp = { tls: null, handledAs: 'tcp', arrival: { sender: 'kubelet', payload: 'tcp' } };
    expect(judged(scene([SERVER]), {}, tcp)).toBe('allow');
  });

  test('is nothing that a workload asks for when it calls', () => {
    expect(judged(scene([SERVER], { probes }), {}, { tls: null })).toBe('deny 403');
    expect(judged(scene([SERVER], { probes }), {}, { tls: null, arrival: { sender: 'outsider' } })).toBe('unknown');
  });
});

function withoutStatus({ status: _status, ...object }: KubeObject): KubeObject {
  return object;
}
