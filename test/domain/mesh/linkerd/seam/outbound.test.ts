import { describe, expect, it } from 'vitest';
import type { KubeObject } from '../../../../../src/domain/kubernetes/object.ts';
import type { JsonObject } from '../../../../../src/lib/json.ts';
import { linkerdControlPlane } from '../../../../cases-runner/linkerd/linkerd-world.ts';
import { object } from '../../../../cases-runner/case-world.ts';
import { known, unknown } from '../../../../../src/domain/world/fact.ts';
import { sentIn, SERVER_FIRST, unread, type Scene } from './scene.ts';

const SKIP_IN = 'config.linkerd.io/skip-inbound-ports';
const SKIP_OUT = 'config.linkerd.io/skip-outbound-ports';
const OPAQUE = 'config.linkerd.io/opaque-ports';

describe('a meshed client of Linkerd', () => {
  it('speaks mutual TLS to a meshed server, as its service account', () => {
    const sent = sentIn({});
    expect(sent.wire).toBe('mtls');
    expect(sent.identity).toEqual(known('client.shop.serviceaccount.identity.linkerd.cluster.local'));
  });

  it('names the trust domain of the chart, which may differ from the cluster domain', () => {
    expect(sentIn({ values: { identityTrustDomain: 'corp.example' } }).identity).toEqual(
      known('client.shop.serviceaccount.identity.linkerd.corp.example'),
    );
  });

  it.each<[string, Scene]>([
    ['to a server without a proxy', { server: { controlPlane: undefined } }],
    ['to a port that the server skips', { server: { annotations: { [SKIP_IN]: '8000-9000' } } }],
    ['to a Service port that it skips itself', { client: { annotations: { [SKIP_OUT]: '80' } } }],
    ['to a Service port that the chart skips', { values: { 'proxyInit.ignoreOutboundPorts': '80' } }],
    [
      'to a pod of another control plane',
      { server: { controlPlane: 'blue' }, more: linkerdControlPlane(undefined, 'blue') },
    ],
    ['over UDP', { port: { protocol: 'UDP' } }],
  ])('sends plaintext %s', (_what, scene) => {
    expect(sentIn(scene)).toMatchObject({ wire: 'plaintext', identity: known(undefined) });
  });

  it.each<[string, Scene]>([
    [
      'the port of a Service that leads to a skipped pod port of another number',
      { server: { annotations: { [SKIP_IN]: '80' } } },
    ],
    ['a list whose entry iptables cannot read', { client: { annotations: { [SKIP_OUT]: '81, 80' } } }],
    ['a server port that the chart alone skips', { values: { 'proxyInit.ignoreInboundPorts': '8080' } }],
  ])('still speaks mutual TLS to %s', (_what, scene) => {
    expect(sentIn(scene).wire).toBe('mtls');
  });

  it.each<[string, Scene]>([
    [
      'the proxy may do something else by more environment',
      { client: { annotations: { 'config.linkerd.io/proxy-additional-env': '' } } },
    ],
    ['the chart gives it more environment', { values: { 'proxy.additionalEnv': [{ name: 'X' }] } }],
    ['it routes by headers in ingress mode', { client: { annotations: { 'linkerd.io/inject': 'ingress' } } }],
    ['it is a gateway to other clusters', { client: { annotations: { 'config.linkerd.io/enable-gateway': 'true' } } }],
    ['its control plane was not found', { client: { controlPlane: 'gone' } }],
    ['HTTPRoutes were not read', { coverage: unread('httpRoute') }],
    ['ServiceProfiles were not read', { coverage: unread('serviceProfile') }],
    [
      'a container runs as the proxy',
      {
        client: {
          containers: [
            { name: 'app', image: 'a' },
            { name: 'b', image: 'b', securityContext: { runAsUser: 2102 } },
          ],
        },
      },
    ],
  ])('is not known to send anything where %s', (_what, scene) => {
    expect(sentIn(scene).wire).toBe('unknown');
  });

  const route = (backend: string, kind = 'HTTPRoute', parent: JsonObject = {}) =>
    object('gateway.networking.k8s.io/v1', kind, {
      name: kind.toLowerCase(),
      namespace: 'shop',
      spec: {
        parentRefs: [{ group: 'core', kind: 'Service', name: 'server', port: 80, ...parent }],
        rules: [{ backendRefs: [{ name: backend, port: 80 }] }],
      },
    });

  it.each<[string, string, readonly KubeObject[]]>([
    ['mtls', 'the heavier route leads home', [route('server'), route('canary', 'TCPRoute')]],
    ['unknown', 'no other route has its parent', [route('canary', 'TCPRoute')]],
    [
      'unknown',
      'the heavier one has another port of it',
      [route('server', 'HTTPRoute', { port: 81 }), route('canary', 'TCPRoute')],
    ],
    [
      'unknown',
      'the heavier one has no parent of the core group',
      [route('server', 'HTTPRoute', { group: 'x' }), route('canary', 'TCPRoute')],
    ],
    ['unknown', 'it depends on the version which is heavier', [route('server', 'GRPCRoute'), route('canary')]],
  ])('is %s past a route that leads elsewhere where %s', (wire, _what, more) => {
    expect(sentIn({ more }).wire).toBe(wire);
  });

  it('goes past routes to the pods of a headless Service', () => {
    expect(sentIn({ service: { clusterIP: 'None' }, more: [route('canary')] }).wire).toBe('mtls');
  });

  it('is not known to reach the Service where a route leads elsewhere, in either namespace', () => {
    expect(sentIn({ more: [route('canary')] }).wire).toBe('unknown');
    expect(sentIn({ more: [route('server')] }).wire).toBe('mtls');
    expect(sentIn({ more: [route('canary')], direct: true }).wire).toBe('mtls');
  });

  it('is not known to keep its request where a backend of a route home filters it', () => {
    const filters = [{ type: 'URLRewrite' }];
    const parentRefs = [{ group: 'core', kind: 'Service', name: 'server', port: 80 }];
    const spec = { parentRefs, rules: [{ backendRefs: [{ name: 'server', port: 80, filters }] }] };
    const filtering = object('gateway.networking.k8s.io/v1', 'HTTPRoute', { name: 'r', namespace: 'shop', spec });
    expect(sentIn({ more: [filtering] })).toMatchObject({
      wire: 'unknown',
      changes: { facts: ['method', 'path', 'host'] },
    });
  });

  it('runs its init containers through a native sidecar', () => {
    expect(sentIn({ phase: 'start' }).wire).toBe('mtls');
  });
});

describe('a server-first protocol', () => {
  it('may stall where the client detects, and does where it waits without end or expects HTTP', () => {
    expect(sentIn({ serverFirst: SERVER_FIRST })).toHaveProperty('mayStall');
    const forever = { 'config.linkerd.io/proxy-disable-outbound-protocol-detect-timeout': 'true' };
    expect(sentIn({ serverFirst: SERVER_FIRST, client: { annotations: forever } })).toHaveProperty('stalls');
    expect(sentIn({ serverFirst: SERVER_FIRST, port: { appProtocol: 'http' } })).toHaveProperty('stalls');
  });

  it.each<[string, Scene]>([
    ['a default opaque Service port', { port: { port: 3306 } }],
    ['an appProtocol that Linkerd does not know', { port: { appProtocol: 'mysql' } }],
    ['a Service annotation', { more: [], service: {}, port: { appProtocol: 'linkerd.io/opaque' } }],
    ['the pod annotation, by the pod address', { direct: true, server: { annotations: { [OPAQUE]: '8080' } } }],
  ])('passes at once over %s', (_what, scene) => {
    const sent = sentIn({ ...scene, serverFirst: SERVER_FIRST });
    expect([sent.stalls, sent.mayStall]).toEqual([undefined, undefined]);
  });

  it('stays stalled behind a Service whose pods alone are annotated', () => {
    const sent = sentIn({ serverFirst: SERVER_FIRST, server: { annotations: { [OPAQUE]: '8080' } } });
    expect(sent).toHaveProperty('mayStall');
  });

  it('may stall where nobody knows who speaks first', () => {
    expect(sentIn({ serverFirst: unknown('nobody asked') }).mayStall).toContain('nobody asked');
    expect(sentIn({ serverFirst: known(false) })).not.toHaveProperty('mayStall');
  });
});
