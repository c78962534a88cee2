import { describe, expect, test } from 'vitest';
import type { Call } from '../../../../../src/domain/calls/call.ts';
import { KIND } from '../../../../../src/domain/kubernetes/kinds.ts';
import type { JsonObject } from '../../../../../src/lib/json.ts';
import { object } from '../../../../cases-runner/case-world.ts';
import { fateIn, istioObject, STRICT, type Scene } from './scene.ts';

const ROUTED = { hosts: ['server'], http: [{ route: [{ destination: { host: 'server', subset: 'v1' } }] }] };
const TO_KUBELET: Partial<Call> = {
  from: { kind: 'outsider', who: 'kubelet' },
  to: { kind: 'pod-port', workload: { namespace: 'shop', kind: 'Pod', name: 'server' }, port: 8080 },
  phase: 'probe',
  protocol: 'http',
};
const direct = { container: { livenessProbe: { httpGet: { path: '/', port: 8080 } } } };
const external: Partial<Call> = { to: { kind: 'external-host', host: 'api.example.com', port: 443 } };
const registryOnly = { mesh: { outboundTrafficPolicy: { mode: 'REGISTRY_ONLY' } } };

describe('a probe by TCP that is not rewritten', () => {
  const server = { container: { livenessProbe: { tcpSocket: { port: 8080 } } } };
  const call: Partial<Call> = { ...TO_KUBELET, protocol: 'tcp' };
  const denyAll = istioObject('security/AuthorizationPolicy', {});

  test('says nothing of the application in any mode, and is never refused', () => {
    for (const more of [[], [STRICT], [STRICT, denyAll]])
      expect(fateIn({ server, call, more })).toMatchObject({ verdict: 'degraded' });
  });

  test('that asks by HTTP is refused under STRICT', () => {
    expect(fateIn({ server, call: { ...call, protocol: 'http' }, more: [STRICT] }).verdict).toBe('breaks');
  });
});

describe('a call between two sidecars', () => {
  test('is mutual TLS and ok under STRICT', () => {
    const fate = fateIn({ more: [STRICT] });
    expect(fate).toMatchObject({ verdict: 'ok', wire: 'mtls', identity: 'spiffe://cluster.local/ns/shop/sa/default' });
  });

  test.each<[string, Scene]>([
    [
      'a Sidecar resource hides the service',
      { more: [STRICT, istioObject('networking/Sidecar', { egress: [{ hosts: ['other/*'] }] })] },
    ],
    ['the client excludes the port', { client: { annotations: exclude('Outbound', '80') }, more: [STRICT] }],
    [
      'the chart excludes the port for everybody',
      { mesh: { values: { global: { proxy: { excludeOutboundPorts: '80' } } } }, more: [STRICT] },
    ],
    [
      'the client runs as the proxy user',
      { client: { spec: { securityContext: { runAsUser: 1337 } } }, more: [STRICT] },
    ],
    ['it is made before the proxy runs', { call: { phase: 'start' }, more: [STRICT] }],
    ['a probe goes straight to a port in mode STRICT', { server: direct, call: TO_KUBELET, more: [STRICT] }],
    [
      'the server speaks first on a port that proxies detect',
      { service: { ports: [{ port: 13306, targetPort: 8080 }] }, call: mysqlAt(13306) },
    ],
    [
      'the server speaks first, has no proxy, and the port is detected by the client',
      { server: { sidecar: false }, service: { ports: [{ port: 13306, targetPort: 8080 }] }, call: mysqlAt(13306) },
    ],
  ])('breaks where %s', (_why, scene) => {
    expect(fateIn(scene)).toMatchObject({ verdict: 'breaks' });
  });

  test.each<[string, Scene]>([
    ['an EnvoyFilter touches the server', { more: [istioObject('networking/EnvoyFilter', {})] }],
    [
      'a ProxyConfig sets the environment',
      { more: [istioObject('networking/ProxyConfig', { environmentVariables: { A: 'b' } })] },
    ],
    ['istiod is newer than the rules', { more: [newerControlPlane()] }],
    ['the mesh configuration was not read', { mesh: { revision: 'canary' } }],
    ['a VirtualService of a third namespace leads to a subset that nobody defines', routedFrom('third', ROUTED)],
    ['a VirtualService aborts requests', routedFrom('shop', { ...ROUTED, http: [{ ...ROUTED.http[0], fault: {} }] })],
    [
      'a VirtualService has no route for other requests',
      routedFrom('shop', {
        hosts: ['server'],
        http: [{ match: [{ uri: { prefix: '/a' } }], route: [{ destination: { host: 'server' } }] }],
      }),
    ],
    [
      'a route of the Gateway API leads away',
      {
        more: [
          object('gateway.networking.k8s.io/v1', 'HTTPRoute', {
            name: 'it',
            namespace: 'shop',
            spec: { parentRefs: [{ kind: 'Service', name: 'server' }] },
          }),
        ],
      },
    ],
    [
      'a ServiceEntry takes the host of the service',
      { more: [istioObject('networking/ServiceEntry', { hosts: ['server.shop.svc.cluster.local'] })] },
    ],
    [
      'a Sidecar hides the service and only registered hosts may be called',
      { mesh: registryOnly, more: [istioObject('networking/Sidecar', { egress: [{ hosts: ['other/*'] }] })] },
    ],
    [
      'a DestinationRule adds TLS and nobody says that the application serves TLS',
      {
        service: { ports: [{ port: 80, targetPort: 8080, name: 'tcp' }] },
        more: [
          istioObject('networking/DestinationRule', { host: 'server', trafficPolicy: { tls: { mode: 'SIMPLE' } } }),
        ],
      },
    ],
    [
      'the discovery selectors leave out the namespace of the service',
      {
        client: { namespace: 'seen' },
        mesh: { mesh: { discoverySelectors: [{ matchLabels: { mesh: 'on' } }] } },
        more: [
          object('v1', 'Namespace', { name: 'seen', labels: { mesh: 'on' } }),
          object('v1', 'Namespace', { name: 'istio-system', labels: { mesh: 'on' } }),
          object('v1', 'Namespace', { name: 'shop' }),
          istioObject('security/PeerAuthentication', { mtls: { mode: 'STRICT' } }, 'istio-system'),
        ],
      },
    ],
    ['only some pods were read', { coverage: [{ kind: KIND.pod, state: 'partial', objects: 2 }] }],
    ['StatefulSets, which may answer too, were not read', { coverage: [unread(KIND.statefulSet)] }],
    ['it leaves for a host that only a registry would let out', { mesh: registryOnly, call: external }],
  ])('is unknown where %s', (_why, scene) => {
    expect(fateIn(scene)).toMatchObject({ verdict: 'unknown' });
  });

  test('to a host outside is let out with ALLOW_ANY', () => {
    expect(fateIn({ call: external })).toMatchObject({ verdict: 'ok' });
  });

  test('to a live pod whose probe was rewritten passes STRICT even where the annotation says otherwise', () => {
    const probe = { livenessProbe: { httpGet: { path: '/app-health/app/livez', port: 15020 } } };
    const annotations = { 'sidecar.istio.io/rewriteAppHTTPProbers': 'false' };
    const fate = fateIn({ server: { container: probe, annotations }, call: TO_KUBELET, more: [STRICT] });
    expect(fate).toMatchObject({ verdict: 'ok' });
  });
});

function exclude(direction: 'Inbound' | 'Outbound', ports: string): Readonly<Record<string, string>> {
  return { [`traffic.sidecar.istio.io/exclude${direction}Ports`]: ports };
}

function mysqlAt(port: number): Partial<Call> {
  return { to: { kind: 'service-port', namespace: 'shop', service: 'server', port }, protocol: 'mysql' };
}

function routedFrom(namespace: string, spec: JsonObject): Scene {
  const hosts = ['server.shop.svc.cluster.local'];
  const routes = JSON.parse(
    JSON.stringify({ ...spec, hosts }).replaceAll('"host":"server"', '"host":"server.shop.svc.cluster.local"'),
  ) as unknown;
  return { more: [istioObject('networking/VirtualService', routes, namespace)] };
}

function unread(kind: string): { readonly kind: string; readonly state: 'unread'; readonly objects: 0 } {
  return { kind, state: 'unread', objects: 0 };
}

function newerControlPlane(): ReturnType<typeof object> {
  const labels = { app: 'istiod', 'istio.io/rev': 'default' };
  const containers = [{ name: 'discovery', image: 'istio/pilot:1.99.0' }];
  const template = { metadata: { labels }, spec: { containers } };
  return object('apps/v1', 'Deployment', { name: 'istiod', namespace: 'istio-system', labels, spec: { template } });
}
