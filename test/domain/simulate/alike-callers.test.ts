import { describe, expect, test } from 'vitest';
import type { Call } from '../../../src/domain/calls/call.ts';
import { KIND } from '../../../src/domain/kubernetes/kinds.ts';
import type { KubeObject } from '../../../src/domain/kubernetes/object.ts';
import { fateOf } from '../../../src/domain/simulate/fate-of.ts';
import type { CoverageEntry } from '../../../src/domain/world/coverage.ts';
import type { JsonObject } from '../../../src/lib/json.ts';
import {
  ambientMesh,
  ambientPod,
  completeWorld,
  object,
  pod,
  service,
  waypoint,
} from '../../cases-runner/case-world.ts';

const NETWORKING = 'networking.istio.io/v1';
const HOST = 'web.shop.svc.cluster.local';
const SPACES = ['shop', 'red', 'blue', 'green'] as const;
type Parts = Partial<Parameters<typeof pod>[0]>;

interface Scene {
  /** What sets the client of namespace `red` apart. */
  readonly red?: Parts;
  readonly others?: Parts;
  readonly mesh?: JsonObject;
  readonly server?: KubeObject;
  /** Annotations or labels of the Service. */
  readonly web?: Partial<KubeObject['metadata']>;
  readonly more?: readonly KubeObject[];
  readonly entries?: readonly CoverageEntry[];
}

function client(namespace: string, parts: Parts = {}): KubeObject {
  const spec = { serviceAccountName: `of-${namespace}`, ...parts.spec };
  return pod({ namespace, name: 'client', labels: { app: 'client' }, sidecar: true, ...parts, spec });
}

const SERVER = { namespace: 'shop', name: 'web', labels: { app: 'web' } };
const PORTS = { container: { ports: [{ containerPort: 8080 }] } };

function objectsOf({ red, others, mesh, server, web, more }: Scene): readonly KubeObject[] {
  const found = service('shop', 'web', { ports: [{ port: 80, targetPort: 8080, name: 'http' }] });
  return [
    ...ambientMesh(mesh === undefined ? {} : { mesh }),
    ...SPACES.map((name) => object('v1', 'Namespace', { name, labels: { 'kubernetes.io/metadata.name': name } })),
    ...SPACES.map((namespace) => client(namespace, namespace === 'red' ? red : others)),
    object('apps/v1', 'DaemonSet', { name: 'calico-node', namespace: 'kube-system', spec: { template: { spec: {} } } }),
    server ?? pod({ ...SERVER, ...PORTS, sidecar: true }),
    { ...found, metadata: { ...found.metadata, ...web } },
    ...(more ?? []),
  ];
}

const REQUESTS: readonly Pick<Call, 'request' | 'phase' | 'protocol'>[] = [
  { phase: 'run' },
  { phase: 'start' },
  { phase: 'run', request: { method: 'GET', path: '/admin' } },
  { phase: 'run', request: { method: 'GET', path: '/' } },
  { phase: 'run', protocol: 'tcp' },
  { phase: 'run', protocol: 'mysql' },
  { phase: 'run', protocol: 'tls' },
  { phase: 'run', protocol: 'grpc' },
];

const CALLS = REQUESTS.flatMap((asked) =>
  SPACES.map((namespace): Call => ({
    id: `${namespace} ${asked.phase} ${asked.request?.path ?? asked.protocol ?? ''}`,
    from: { kind: 'workload', workload: { namespace, kind: 'Pod', name: 'client' } },
    to: { kind: 'service-port', namespace: 'shop', service: 'web', port: 80 },
    protocol: 'http',
    evidence: [{ kind: 'declared', source: 'alike', detail: 'alike' }],
    ...asked,
  })),
);

function written(kind: string, namespace: string, spec: JsonObject): KubeObject {
  const version = kind === 'AuthorizationPolicy' ? 'security.istio.io/v1' : NETWORKING;
  return object(kind === 'NetworkPolicy' ? 'networking.k8s.io/v1' : version, kind, { name: 'one', namespace, spec });
}

const PLAIN = { trafficPolicy: { tls: { mode: 'DISABLE' } } };
const ROUTE = { hosts: [HOST], http: [{ route: [{ destination: { host: 'other.shop.svc.cluster.local' } }] }] };
const BY_RED = { from: [{ source: { principals: ['cluster.local/ns/red/sa/of-red'] } }] };
const FROM_RED = { namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'red' } } };
const NOT_RED = { key: 'kubernetes.io/metadata.name', operator: 'NotIn', values: ['red'] };
const AMBIENT = { sidecar: false, annotations: { 'ambient.istio.io/redirection': 'enabled' } };
const INIT = { name: 'istio-init', image: 'istio/proxyv2:1.31.0' };

/** Scenes in which the client of `red`, or of the server's own namespace, is not like the others. */
const APART: readonly (readonly [string, Scene])[] = [
  ['hides the Service by a Sidecar', { more: [written('Sidecar', 'red', { egress: [{ hosts: ['./*'] }] })] }],
  [
    'is the only one that the Service is exported to',
    { web: { annotations: { 'networking.istio.io/exportTo': 'red' } } },
  ],
  ['is the only one that Services are exported to by default', { mesh: { defaultServiceExportTo: ['red'] } }],
  ['has a DestinationRule', { more: [written('DestinationRule', 'red', { host: HOST, ...PLAIN })] }],
  ['is shown one', { more: [written('DestinationRule', 'shop', { host: HOST, exportTo: ['red'], ...PLAIN })] }],
  ['has a VirtualService', { more: [written('VirtualService', 'red', { ...ROUTE, exportTo: ['.'] })] }],
  ['is shown one VirtualService', { more: [written('VirtualService', 'shop', { ...ROUTE, exportTo: ['red'] })] }],
  ['leaves the port out', { red: { annotations: { 'traffic.sidecar.istio.io/excludeOutboundPorts': '80' } } }],
  ['was made to leave it out', { red: { spec: { initContainers: [{ ...INIT, args: ['-p', '15001', '-o', '80'] }] } } }],
  ['runs as the proxy does', { red: { container: { securityContext: { runAsUser: 1337 } } } }],
  ['has no proxy', { red: { sidecar: false } }],
  ['has an EnvoyFilter', { more: [written('EnvoyFilter', 'red', { configPatches: [{ applyTo: 'CLUSTER' }] })] }],
  [
    'may not send',
    { more: [written('NetworkPolicy', 'red', { podSelector: {}, policyTypes: ['Egress'], egress: [] })] },
  ],
  [
    'is the only one that may come in',
    { more: [written('NetworkPolicy', 'shop', { podSelector: {}, ingress: [{ from: [FROM_RED] }] })] },
  ],
  [
    'is the only one that is allowed',
    { more: [written('AuthorizationPolicy', 'shop', { action: 'ALLOW', rules: [BY_RED] })] },
  ],
  ['is of an unread namespace', { entries: [unread(KIND.destinationRule, 'red')] }],
  ['may be shut in', { entries: [unread(KIND.networkPolicy, 'red')] }],
  [
    'is sent no further',
    { mesh: { discoverySelectors: [{ matchExpressions: [NOT_RED] }], outboundTrafficPolicy: { mode: 'ALLOW_ANY' } } },
  ],
  [
    'is not seen behind ztunnel',
    { red: AMBIENT, others: AMBIENT, mesh: { discoverySelectors: [{ matchExpressions: [NOT_RED] }] } },
  ],
  ['is allowed alone by a waypoint', throughWaypoint()],
  ['is like others but for its home', { web: { annotations: { 'networking.istio.io/exportTo': '.' } } }],
];

function unread(kind: CoverageEntry['kind'], namespace: string): CoverageEntry {
  const namespaces = [...SPACES, 'istio-system', 'kube-system'].filter((name) => name !== namespace);
  return { kind, state: 'partial', objects: 0, reason: 'not all was read', namespaces };
}

function throughWaypoint(): Scene {
  const labels = { 'istio.io/use-waypoint': 'way' };
  const targetRefs = [{ kind: 'Service', group: '', name: 'web' }];
  return {
    red: AMBIENT,
    others: AMBIENT,
    server: ambientPod({ ...SERVER, ...PORTS }),
    web: { labels },
    more: [
      ...waypoint('shop', 'way'),
      written('AuthorizationPolicy', 'shop', { targetRefs, action: 'ALLOW', rules: [BY_RED] }),
    ],
  };
}

describe('a caller that is not like the others', () => {
  test.each(APART)(
    '%s',
    (_what, scene) => {
      const fresh = () => completeWorld(objectsOf(scene), scene.entries);
      const alone = new Map(CALLS.map((call) => [call.id, fateOf(call, fresh())]));
      for (const calls of [CALLS, [...CALLS].reverse()]) {
        const world = fresh();
        for (const call of calls) expect(fateOf(call, world), call.id).toEqual(alone.get(call.id));
      }
      const running = [...alone.values()].slice(0, SPACES.length);
      const told = running.map(({ verdict, wire, authorization }) => `${verdict} ${wire} ${authorization}`);
      expect(new Set(told).size, 'the scene sets nobody apart').toBeGreaterThan(1);
    },
    60_000,
  );
});

test('callers that are alike show an identity of their own each', () => {
  const world = completeWorld(objectsOf({}));
  for (const namespace of SPACES) {
    const call = CALLS.find(({ id }) => id === `${namespace} run `);
    const fate = call === undefined ? undefined : fateOf(call, world);
    expect(fate).toMatchObject({ wire: 'mtls', identity: `spiffe://cluster.local/ns/${namespace}/sa/of-${namespace}` });
    expect(fate?.why).toContain(`${namespace}/Pod/client`);
  }
});

test('a policy that looks at the path decides of each request by itself', () => {
  const rules = [{ to: [{ operation: { paths: ['/admin'] } }] }];
  const world = completeWorld(
    objectsOf({ red: { sidecar: false }, more: [written('AuthorizationPolicy', 'shop', { action: 'DENY', rules })] }),
  );
  const verdicts = CALLS.filter(({ id }) => id.startsWith('red run')).map((call) => fateOf(call, world).verdict);
  expect(verdicts.slice(0, 3)).toEqual(['unknown', 'breaks', 'ok']);
});
