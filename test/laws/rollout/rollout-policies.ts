import fc from 'fast-check';
import type { Target } from '../../../src/domain/rollout/plan.ts';
import type { Raw } from './raw-cluster.ts';

const SPACES = ['red', 'blue', 'green'];
const NAMES = ['alpha', 'beta', 'gamma', 'delta'];

function object(apiVersion: string, kind: string, parts: { namespace: string; name: string; spec: unknown }): Raw {
  return { apiVersion, kind, metadata: { namespace: parts.namespace, name: parts.name }, spec: parts.spec };
}

const space = fc.constantFrom(...SPACES);
const app = fc.constantFrom(...NAMES);
/** Never DISABLE: strangers of these laws send mutual TLS wherever there is a proxy, which no client does there. */
const mode = fc.constantFrom('STRICT', 'PERMISSIVE', 'PERMISSIVE');

const peerAuthentication = fc
  .record({
    namespace: fc.constantFrom(...SPACES, ...SPACES, 'istio-system'),
    app: fc.option(app),
    mode,
    port: fc.option(mode),
  })
  .map(({ namespace, app: one, mode: own, port }) => {
    const isWide = one === null || namespace === 'istio-system';
    const ports = port === null || isWide ? {} : { portLevelMtls: { '8080': { mode: port } } };
    return object('security.istio.io/v1', 'PeerAuthentication', {
      namespace,
      name: isWide ? 'theirs' : `theirs-${one}`,
      spec: { mtls: { mode: own }, ...(isWide ? {} : { selector: { matchLabels: { app: one } } }), ...ports },
    });
  });

const rule = fc.constantFrom<unknown>(
  {},
  { from: [{ source: { namespaces: ['red'] } }] },
  { from: [{ source: { principals: ['cluster.local/ns/blue/sa/beta'] } }] },
  { to: [{ operation: { ports: ['8080'] } }] },
  { to: [{ operation: { methods: ['GET'] } }] },
);

const authorization = fc
  .record({
    namespace: space,
    app: fc.option(app),
    action: fc.constantFrom('ALLOW', 'ALLOW', 'DENY'),
    rules: fc.array(rule, { maxLength: 2 }),
  })
  .map(({ namespace, app: one, action, rules }) =>
    object('security.istio.io/v1', 'AuthorizationPolicy', {
      namespace,
      name: `theirs-${action.toLowerCase()}`,
      spec: { action, rules, ...(one === null ? {} : { selector: { matchLabels: { app: one } } }) },
    }),
  );

const destinationRule = fc
  .record({ namespace: space, app, tls: fc.constantFrom('DISABLE', 'ISTIO_MUTUAL') })
  .map(({ namespace, app: one, tls }) =>
    object('networking.istio.io/v1', 'DestinationRule', {
      namespace,
      name: `theirs-${one}`,
      spec: { host: `${one}.${namespace}.svc.cluster.local`, trafficPolicy: { tls: { mode: tls } } },
    }),
  );

const networkPolicy = fc
  .record({
    namespace: space,
    app: fc.option(app),
    from: fc.constantFrom<unknown>(
      [{ namespaceSelector: {} }],
      [{ podSelector: {} }],
      [{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'red' } } }],
      undefined,
    ),
    ports: fc.constantFrom<unknown>([{ port: 8080 }], [{ port: 8080 }, { port: 4222 }], undefined),
  })
  .map(({ namespace, app: one, from, ports }) =>
    object('networking.k8s.io/v1', 'NetworkPolicy', {
      namespace,
      name: 'theirs',
      spec: {
        podSelector: one === null ? {} : { matchLabels: { app: one } },
        policyTypes: ['Ingress'],
        ingress: [{ ...(from === undefined ? {} : { from }), ...(ports === undefined ? {} : { ports }) }],
      },
    }),
  );

const linkerdServer = fc
  .record({
    namespace: space,
    app,
    access: fc.constantFrom('deny', 'all-unauthenticated', 'all-authenticated'),
  })
  .map(({ namespace, app: one, access }) =>
    object('policy.linkerd.io/v1beta3', 'Server', {
      namespace,
      name: `theirs-${one}`,
      spec: { podSelector: { matchLabels: { app: one } }, port: 8080, accessPolicy: access },
    }),
  );

/** A policy that somebody wrote before, in the words of the target's mesh or of Kubernetes. */
export function policyFor(target: Target): fc.Arbitrary<Raw> {
  return target === 'linkerd'
    ? fc.oneof(linkerdServer, networkPolicy)
    : fc.oneof(
        { arbitrary: peerAuthentication, weight: 3 },
        { arbitrary: authorization, weight: 3 },
        { arbitrary: destinationRule, weight: 1 },
        { arbitrary: networkPolicy, weight: 1 },
      );
}
