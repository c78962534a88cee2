import fc from 'fast-check';
import type { JsonObject } from '../../src/lib/json.ts';
import { app, rarely, space, type Draft } from './rich-draft.ts';

const LINKERD = 'policy.linkerd.io';

/** The default policies of Linkerd, and of a Server. */
export const ACCESS = [
  'all-unauthenticated',
  'all-authenticated',
  'cluster-unauthenticated',
  'cluster-authenticated',
  'deny',
  'audit',
] as const;

const podSelector = fc
  .option(app, { nil: undefined })
  .map((name): JsonObject => (name === undefined ? {} : { matchLabels: { app: name } }));

/** One Server a namespace and app, so that policies can name it. */
const server: fc.Arbitrary<Draft> = fc
  .record({
    namespace: space,
    name: app,
    podSelector,
    port: fc.constantFrom(8080, 8080, 'main', 9090),
    access: fc.option(fc.constantFrom(...ACCESS), { nil: undefined }),
    protocol: fc.option(fc.constantFrom('HTTP/1', 'opaque', 'TLS'), { nil: undefined }),
  })
  .map(({ namespace, name, podSelector: selector, port, access, protocol }) => ({
    apiVersion: `${LINKERD}/v1beta3`,
    kind: 'Server',
    namespace,
    name,
    spec: {
      podSelector: selector,
      port,
      ...(access === undefined ? {} : { accessPolicy: access }),
      ...(protocol === undefined ? {} : { proxyProtocol: protocol }),
    },
  }));

const authentication: fc.Arbitrary<Draft> = fc.oneof(
  fc
    .record({ namespace: space, name: app, who: fc.constantFrom('*', 'web.red', 'api.blue', 'web.green') })
    .map(({ namespace, name, who }) => ({
      apiVersion: `${LINKERD}/v1alpha1`,
      kind: 'MeshTLSAuthentication',
      namespace,
      name,
      spec: { identities: [who === '*' ? who : `${who}.serviceaccount.identity.linkerd.cluster.local`] },
    })),
  fc.record({ namespace: space, name: app, cidr: fc.constantFrom('0.0.0.0/0', '10.0.0.0/8') }).map((drawn) => ({
    apiVersion: `${LINKERD}/v1alpha1`,
    kind: 'NetworkAuthentication',
    namespace: drawn.namespace,
    name: drawn.name,
    spec: { networks: [{ cidr: drawn.cidr }] },
  })),
);

const ref = fc.oneof(
  app.map((name): JsonObject => ({ kind: 'MeshTLSAuthentication', group: LINKERD, name })),
  app.map((name): JsonObject => ({ kind: 'NetworkAuthentication', group: LINKERD, name })),
  fc.tuple(app, space).map(([name, namespace]): JsonObject => ({ kind: 'ServiceAccount', name, namespace })),
);

/** A policy that admits somebody to a Server, or to all of a namespace. */
export const linkerdAuthorization: fc.Arbitrary<Draft> = fc
  .record({ namespace: space, target: app, isWide: rarely(3), refs: fc.array(ref, { maxLength: 1 }) })
  .map(({ namespace, target, isWide, refs }) => ({
    apiVersion: `${LINKERD}/v1alpha1`,
    kind: 'AuthorizationPolicy',
    namespace,
    spec: {
      targetRef: isWide ? { kind: 'Namespace', name: namespace } : { group: LINKERD, kind: 'Server', name: target },
      requiredAuthenticationRefs: refs,
    },
  }));

const legacy: fc.Arbitrary<Draft> = fc.record({ namespace: space, name: app, open: fc.boolean() }).map((drawn) => ({
  apiVersion: `${LINKERD}/v1beta1`,
  kind: 'ServerAuthorization',
  namespace: drawn.namespace,
  spec: {
    server: { name: drawn.name },
    client: drawn.open ? { unauthenticated: true } : { meshTLS: { identities: ['*'] } },
  },
}));

const linkerdRoute: fc.Arbitrary<Draft> = fc
  .record({ namespace: space, name: app, path: fc.constantFrom('/', '/x') })
  .map(({ namespace, name, path }) => ({
    apiVersion: `${LINKERD}/v1beta3`,
    kind: 'HTTPRoute',
    namespace,
    spec: {
      parentRefs: [{ group: LINKERD, kind: 'Server', name }],
      rules: [{ matches: [{ path: { type: 'Exact', value: path } }] }],
    },
  }));

const egress: fc.Arbitrary<Draft> = space.map((namespace) => ({
  apiVersion: `${LINKERD}/v1alpha1`,
  kind: 'EgressNetwork',
  namespace,
  spec: { trafficPolicy: 'Deny' },
}));

/** What people write for Linkerd. */
export const linkerdPolicy: fc.Arbitrary<Draft> = fc.oneof(
  { arbitrary: server, weight: 4 },
  { arbitrary: linkerdAuthorization, weight: 4 },
  { arbitrary: authentication, weight: 3 },
  { arbitrary: legacy, weight: 1 },
  { arbitrary: linkerdRoute, weight: 1 },
  { arbitrary: egress, weight: 1 },
);

const peer: fc.Arbitrary<JsonObject> = fc.oneof(
  app.map((name) => ({ podSelector: { matchLabels: { app: name } } })),
  space.map((name) => ({ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': name } } })),
  fc.constantFrom({ namespaceSelector: {} }, { ipBlock: { cidr: '0.0.0.0/0' } }, { ipBlock: { cidr: '10.0.0.0/8' } }),
);
const ports = fc.constantFrom<readonly JsonObject[]>(
  [],
  [{ port: 8080 }],
  [{ port: 'main' }],
  [{ port: 8080 }, { port: 15008 }],
  [{ port: 4143 }],
);

/** NetworkPolicies on the application's port and on those of the meshes, for either direction. */
export const networkPolicy: fc.Arbitrary<Draft> = fc
  .record({
    namespace: space,
    podSelector,
    isEgress: fc.boolean(),
    rules: fc.array(fc.record({ peers: fc.array(peer, { maxLength: 1 }), ports }), { maxLength: 2 }),
  })
  .map(({ namespace, podSelector: selector, isEgress, rules }) => {
    const written = rules.map(({ peers, ports: at }) => ({ [isEgress ? 'to' : 'from']: peers, ports: at }));
    return {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'NetworkPolicy',
      namespace,
      spec: {
        podSelector: selector,
        policyTypes: [isEgress ? 'Egress' : 'Ingress'],
        [isEgress ? 'egress' : 'ingress']: written,
      },
    };
  });
