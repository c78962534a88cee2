import fc from 'fast-check';
import type { NaiveCall, NaiveResource } from './naive.ts';

const NAMESPACE = 'ns-a';
const POLICIES = [
  'all-unauthenticated',
  'all-authenticated',
  'cluster-unauthenticated',
  'cluster-authenticated',
  'deny',
  'audit',
] as const;
const IDENTITIES = [
  '*',
  '*.ns-a.serviceaccount.identity.linkerd.cluster.local',
  '*.ns-b.serviceaccount.identity.linkerd.cluster.local',
  'curl.ns-a.serviceaccount.identity.linkerd.cluster.local',
  'spiffe://root/vm-1',
] as const;
const CLIENTS = [
  null,
  'curl.ns-a.serviceaccount.identity.linkerd.cluster.local',
  'curl.ns-b.serviceaccount.identity.linkerd.cluster.local',
  'spiffe://root/vm-1',
] as const;
const BLOCKS = ['10.42.0.0/16', '10.42.0.8/32', '203.0.113.0/24', '0.0.0.0/0'] as const;
const PATHS = ['/', '/api', '/live'] as const;
const NAMES = ['a', 'b'] as const;

const network = fc.record({
  cidr: fc.constantFrom(...BLOCKS),
  except: fc.subarray(['10.42.0.8/32'], { minLength: 0 }),
});
const created = fc.constantFrom('2026-01-01T00:00:00Z', '2026-02-01T00:00:00Z');
const named = { name: fc.constantFrom(...NAMES) };

const server = fc.record({
  kind: fc.constant('Server'),
  name: fc.constantFrom('web', 'web-2'),
  podSelector: fc.constantFrom<Record<string, string>>({ app: 'web' }, {}, { app: 'other' }),
  port: fc.constantFrom<number | string>(80, 'http', 81),
  creationTimestamp: created,
  accessPolicy: fc.constantFrom(undefined, ...POLICIES),
});
const meshTls = fc.record({
  kind: fc.constant('MeshTLSAuthentication'),
  ...named,
  identities: fc.uniqueArray(fc.constantFrom(...IDENTITIES), { minLength: 1, maxLength: 2 }),
});
const networks = fc.record({
  kind: fc.constant('NetworkAuthentication'),
  ...named,
  networks: fc.array(network, { minLength: 1, maxLength: 2 }),
});
const identityRef = fc.oneof(
  fc.record({ kind: fc.constant('MeshTLSAuthentication'), name: fc.constantFrom(...NAMES) }),
  fc.record({ kind: fc.constant('ServiceAccount'), name: fc.constant('curl') }),
  fc.record({ kind: fc.constant('ServiceAccount'), name: fc.constant('curl'), namespace: fc.constant('ns-b') }),
);
const networkRef = fc.record({ kind: fc.constant('NetworkAuthentication'), name: fc.constantFrom(...NAMES) });
const policy = fc.record({
  kind: fc.constant('AuthorizationPolicy'),
  name: fc.constantFrom('p', 'q', 'r'),
  targetRef: fc.constantFrom(
    { kind: 'Server', name: 'web' },
    { kind: 'Namespace', name: NAMESPACE },
    { kind: 'HTTPRoute', name: 'root' },
  ),
  requiredAuthenticationRefs: fc
    .tuple(fc.option(identityRef, { nil: undefined }), fc.option(networkRef, { nil: undefined }))
    .map((refs) => refs.filter((ref) => ref !== undefined)),
});
const legacy = fc.record({
  kind: fc.constant('ServerAuthorization'),
  name: fc.constantFrom('s', 't'),
  server: fc.constantFrom({ name: 'web' }, { name: 'web-2' }),
  client: fc.oneof(
    fc.record({ unauthenticated: fc.constant(true) }),
    fc.record({ unauthenticated: fc.constant(true), networks: fc.array(network, { minLength: 1, maxLength: 1 }) }),
    fc.record({ meshTLS: fc.record({ identities: fc.constantFrom([IDENTITIES[0]], [IDENTITIES[3]]) }) }),
  ),
});
const route = fc.record({
  kind: fc.constant('HTTPRoute'),
  name: fc.constantFrom('root', 'other'),
  parent: fc.constantFrom('web', 'web-2'),
  pathExact: fc.constantFrom(...PATHS),
  accepted: fc.boolean(),
});

/** Calls to one pod under random policies of every kind. */
export const randomCalls: fc.Arbitrary<NaiveCall> = fc
  .record({
    clusterDefault: fc.constantFrom(...POLICIES),
    clusterNetworks: fc.constant(['10.0.0.0/8']),
    port: fc.constant(80),
    client: fc.record({
      ip: fc.constantFrom('10.42.0.7', '10.42.0.8', '203.0.113.9', '127.0.0.1'),
      tls: fc.constantFrom(...CLIENTS),
    }),
    request: fc.record({
      protocol: fc.constant('HTTP'),
      method: fc.constantFrom('GET', 'POST'),
      path: fc.constantFrom(...PATHS),
    }),
    resources: fc.array(
      fc.oneof<fc.Arbitrary<NaiveResource>[]>(server, server, meshTls, networks, policy, policy, legacy, route),
      { maxLength: 9 },
    ),
    pod: fc.record({
      namespace: fc.constant(NAMESPACE),
      labels: fc.constant({ app: 'web' }),
      ports: fc.constant([{ name: 'http', containerPort: 80 }]),
      probes: fc.constantFrom([], [{ httpGet: { port: 80, path: '/live' } }]),
    }),
  })
  .map((call) => ({ ...call, resources: eachOnce(call.resources) }));

/** The API server keeps one object of a kind and name. */
function eachOnce(resources: readonly NaiveResource[]): readonly NaiveResource[] {
  return [...new Map(resources.map((one) => [`${one.kind} ${one.name}`, one])).values()];
}
