import { describe, expect, test } from 'vitest';
import type { KubeObject } from '../../../../../src/domain/kubernetes/object.ts';
import type { Verdict } from '../../../../../src/domain/simulate/verdict.ts';
import type { JsonObject } from '../../../../../src/lib/json.ts';
import { gatewayPod, object, waypoint } from '../../../../cases-runner/case-world.ts';
import { ambientFate, policy } from '../ambient/ambient-scene.ts';
import { fateIn, istioObject } from './scene.ts';

const HOME = { destination: { host: 'server' } };

function operation(action: 'ALLOW' | 'DENY', fields: JsonObject): KubeObject {
  return istioObject('security/AuthorizationPolicy', { action, rules: [{ to: [{ operation: fields }] }] });
}

function routed(route: JsonObject, over: JsonObject = {}): KubeObject {
  return istioObject('networking/VirtualService', { hosts: ['server'], http: [{ route: [HOME], ...route }], ...over });
}

function verdictOf(path: string, more: readonly KubeObject[]): Verdict {
  return fateIn({ call: { protocol: 'http', request: { method: 'GET', path } }, more }).verdict;
}

describe('a request whose path a proxy may write in another way', () => {
  test.each([
    ['/admin', operation('DENY', { paths: ['/admin*'] }), 'breaks'],
    ['/admin?a=b', operation('DENY', { paths: ['/admin'] }), 'breaks'],
    ['/x', operation('DENY', { paths: ['/admin*'] }), 'ok'],
    ['/x/../admin', operation('DENY', { paths: ['/admin*'] }), 'unknown'],
    ['/%61dmin', operation('DENY', { paths: ['/admin*'] }), 'unknown'],
    ['//admin', operation('DENY', { notPaths: ['/pub'] }), 'unknown'],
    ['/api/../admin', operation('ALLOW', { paths: ['/api/*'], methods: ['GET'] }), 'unknown'],
    ['/api/../admin', operation('ALLOW', { paths: ['/api/{**}'] }), 'unknown'],
    ['/api/../admin', operation('ALLOW', { methods: ['PUT'], paths: ['/api/*'] }), 'breaks'],
    ['/api/../admin', operation('DENY', { methods: ['PUT'] }), 'ok'],
  ] as const)('%s fares by what is sure of it', (path, rule, verdict) => {
    expect(verdictOf(path, [rule])).toBe(verdict);
  });
});

describe('a request that a route of the client may change', () => {
  const denied = operation('DENY', { paths: ['/admin'] });
  test.each<[string, JsonObject]>([
    ['a rewritten path', { rewrite: { uri: '/admin' } }],
    ['a path rewritten by an expression', { rewrite: { uriRegexRewrite: { match: 'a', rewrite: 'b' } } }],
    ['a rewrite that nobody knows', { rewrite: { anything: 'else' } }],
    ['a pseudo header that is set', { headers: { request: { set: { ':path': '/admin' } } } }],
  ])('is not judged by its old path with %s', (_what, route) => {
    expect(verdictOf('/pub', [routed(route), denied])).toBe('unknown');
    expect(verdictOf('/admin', [routed(route), denied])).toBe('unknown');
  });

  test.each<[string, JsonObject]>([
    ['a rewritten authority', { rewrite: { authority: 'other' } }],
    ['a header Host that is set', { headers: { request: { set: { Host: 'other' } } } }],
    ['a header host of one destination', { route: [{ ...HOME, headers: { request: { add: { host: 'other' } } } }] }],
  ])('keeps its path with %s', (_what, route) => {
    expect(verdictOf('/pub', [routed(route), denied])).toBe('ok');
    expect(verdictOf('/admin', [routed(route), denied])).toBe('breaks');
  });

  test('is judged as it is where the route changes what no policy looks at', () => {
    const headers = { request: { set: { 'x-team': 'a' } }, response: { set: { ':path': '/x' } } };
    expect(verdictOf('/pub', [routed({ headers }), denied])).toBe('ok');
    expect(verdictOf('/admin', [routed({ headers }), denied])).toBe('breaks');
  });

  test('is judged as it is where no policy asks', () => {
    expect(verdictOf('/pub', [routed({ rewrite: { uri: '/admin' } })])).toBe('ok');
    expect(verdictOf('/pub', [routed({ rewrite: { uri: '/admin' } }), operation('DENY', { methods: ['PUT'] })])).toBe(
      'ok',
    );
  });

  test('says which route it is', () => {
    const call = { protocol: 'http', request: { path: '/pub' } } as const;
    const fate = fateIn({ call, more: [routed({ rewrite: { uri: '/a' } }), denied] });
    expect(fate.why).toContain('VirtualService shop/it may change the request');
  });

  test.each<[string, KubeObject]>([
    ['a VirtualService', routed({ rewrite: { uri: '/admin' } }, { hosts: ['shop.example'], gateways: ['shop/gw'] })],
    [
      'an HTTPRoute',
      object('gateway.networking.k8s.io/v1', 'HTTPRoute', {
        name: 'r',
        namespace: 'shop',
        spec: { rules: [{ backendRefs: [{ name: 'server', port: 80 }], filters: [{ type: 'URLRewrite' }] }] },
      }),
    ],
  ])('is not judged by its old path behind a gateway with %s', (_what, route) => {
    const gateway = gatewayPod('shop', 'door');
    const from = { kind: 'workload', workload: { namespace: 'shop', kind: 'Pod', name: 'door' } } as const;
    const call = { from, protocol: 'http', request: { path: '/pub' } } as const;
    expect(fateIn({ call, more: [gateway, route, denied] }).verdict).toBe('unknown');
    expect(fateIn({ call, more: [gateway, denied] }).verdict).toBe('ok');
  });

  test('is judged anew by a sidecar behind a waypoint that may change it', () => {
    const scene = {
      server: 'sidecar-hbone',
      serviceLabels: { 'istio.io/use-waypoint': 'way' },
      call: { request: { method: 'GET', path: '/pub' } },
    } as const;
    const onPods = policy(
      {
        action: 'DENY',
        selector: { matchLabels: { app: 'server' } },
        rules: [{ to: [{ operation: { paths: ['/admin'] } }] }],
      },
      'on-pods',
    );
    const more = [...waypoint('shop', 'way'), onPods];
    expect(ambientFate({ ...scene, more }).verdict).toBe('ok');
    expect(ambientFate({ ...scene, more: [...more, routed({ rewrite: { uri: '/admin' } })] }).verdict).toBe('unknown');
  });
});

describe('a call that a route sends on', () => {
  const twoPorts = {
    ports: [
      { port: 80, targetPort: 8080, name: 'http' },
      { port: 81, targetPort: 9090, name: 'http-b' },
    ],
  };
  const subsets = (labels: JsonObject): KubeObject =>
    istioObject('networking/DestinationRule', { host: 'server', subsets: [{ name: 'a', labels }] });
  const toSubset = routed({ route: [{ destination: { host: 'server', subset: 'a' } }] });

  test.each([
    [80, 'ok'],
    [81, 'unknown'],
    [99, 'unknown'],
  ])('to port %s of its own host', (number, verdict) => {
    const route = [{ destination: { host: 'server', port: { number } } }];
    expect(fateIn({ service: twoPorts, more: [routed({ route })] }).verdict).toBe(verdict);
  });

  test('is not known to arrive in a subset without pods', () => {
    expect(fateIn({ more: [toSubset, subsets({ app: 'server' })] }).verdict).toBe('ok');
    expect(fateIn({ more: [toSubset, subsets({ version: 'none' })] }).verdict).toBe('unknown');
  });
});
