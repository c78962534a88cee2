import fc from 'fast-check';
import type { JsonObject } from '../../src/lib/json.ts';
import { anySpace, app, maybeSelector, rarely, space, SPACES, type Draft } from './rich-draft.ts';

const SECURITY = 'security.istio.io/v1';
const NETWORKING = 'networking.istio.io/v1';

const modes = fc.constantFrom('STRICT', 'STRICT', 'PERMISSIVE', 'DISABLE', 'UNSET');

/** PeerAuthentication at each of its levels; ports only beside a selector, as the API server has it. */
const peerAuthentication: fc.Arbitrary<Draft> = fc
  .record({ namespace: anySpace, selector: maybeSelector, mode: fc.option(modes), port: fc.option(modes) })
  .map(({ namespace, selector, mode, port }) => ({
    apiVersion: SECURITY,
    kind: 'PeerAuthentication',
    namespace,
    spec: {
      ...selector,
      ...(mode === null ? {} : { mtls: { mode } }),
      ...(port === null || !('selector' in selector) ? {} : { portLevelMtls: { '8080': { mode: port } } }),
    },
  }));

const tls = fc.constantFrom<JsonObject | undefined>(
  undefined,
  { mode: 'DISABLE' },
  { mode: 'ISTIO_MUTUAL' },
  { mode: 'SIMPLE' },
);
const exportTo = fc.constantFrom<readonly string[] | undefined>(undefined, undefined, ['.'], ['*'], ['blue'], ['~']);

const destinationRule: fc.Arbitrary<Draft> = fc
  .record({
    namespace: anySpace,
    host: fc.oneof(
      fc.tuple(app, space).map(([name, at]) => `${name}.${at}.svc.cluster.local`),
      space.map((at) => `*.${at}.svc.cluster.local`),
      fc.constantFrom('*.local', '*.svc.cluster.local'),
      app,
    ),
    tls,
    perPort: fc.option(tls, { nil: undefined }),
    exportTo,
    selector: fc.option(maybeSelector, { nil: undefined }),
  })
  .map(({ namespace, host, tls: wide, perPort, exportTo: shown, selector }) => ({
    apiVersion: NETWORKING,
    kind: 'DestinationRule',
    namespace,
    spec: {
      host,
      trafficPolicy: {
        ...(wide === undefined ? {} : { tls: wide }),
        ...(perPort === undefined ? {} : { portLevelSettings: [{ port: { number: 80 }, tls: perPort }] }),
      },
      ...(shown === undefined ? {} : { exportTo: shown }),
      ...(selector === undefined || !('selector' in selector) ? {} : { workloadSelector: selector['selector'] }),
    },
  }));

const sidecar: fc.Arbitrary<Draft> = fc
  .record({
    namespace: anySpace,
    selector: maybeSelector,
    hosts: fc.constantFrom(['./*', 'istio-system/*'], ['*/*'], ['red/*'], ['blue/web.blue.svc.cluster.local']),
    policy: fc.option(fc.constantFrom('REGISTRY_ONLY', 'ALLOW_ANY'), { nil: undefined }),
  })
  .map(({ namespace, selector, hosts, policy }) => ({
    apiVersion: NETWORKING,
    kind: 'Sidecar',
    namespace,
    spec: {
      ...('selector' in selector ? { workloadSelector: { labels: { app: 'web' } } } : {}),
      egress: [{ hosts }],
      ...(policy === undefined ? {} : { outboundTrafficPolicy: { mode: policy } }),
    },
  }));

const source: fc.Arbitrary<JsonObject> = fc.oneof(
  space.map((at) => ({ namespaces: [at] })),
  space.map((at) => ({ notNamespaces: [at] })),
  fc.tuple(space, app).map(([at, name]) => ({ principals: [`cluster.local/ns/${at}/sa/${name}`] })),
  fc.constantFrom({ principals: ['*'] }, { notPrincipals: ['*'] }, { ipBlocks: ['10.0.0.0/8'] }),
  fc.constant({ requestPrincipals: ['*'] }),
);
const operation: fc.Arbitrary<JsonObject> = fc.constantFrom(
  { methods: ['GET'] },
  { methods: ['POST'] },
  { paths: ['/*'] },
  { ports: ['8080'] },
  { notPorts: ['8080'] },
  { hosts: ['web.red'] },
);
/** A rule of an AuthorizationPolicy. */
export const authorizationRule: fc.Arbitrary<JsonObject> = fc.oneof(
  fc.constant({}),
  source.map((from) => ({ from: [{ source: from }] })),
  operation.map((to) => ({ to: [{ operation: to }] })),
  fc.tuple(source, operation).map(([from, to]) => ({ from: [{ source: from }], to: [{ operation: to }] })),
  fc.constantFrom(
    { when: [{ key: 'request.headers[x]', values: ['1'] }] },
    { when: [{ key: 'source.namespace', values: ['red'] }] },
  ),
);

/** AuthorizationPolicy of every action, bound by selector, by namespace or to what a waypoint serves. */
const authorizationPolicy: fc.Arbitrary<Draft> = fc
  .record({
    namespace: anySpace,
    selector: maybeSelector,
    action: fc.constantFrom('ALLOW', 'ALLOW', 'ALLOW', 'DENY', 'DENY', 'AUDIT', 'CUSTOM'),
    rules: fc.array(authorizationRule, { maxLength: 2 }),
    dryRun: rarely(8),
    target: fc.option(app, { nil: undefined, freq: 1 }),
    isTargeted: rarely(5),
  })
  .map(({ namespace, selector, action, rules, dryRun, target, isTargeted }) => ({
    apiVersion: SECURITY,
    kind: 'AuthorizationPolicy',
    namespace,
    annotations: dryRun ? { 'istio.io/dry-run': 'true' } : {},
    spec: {
      ...(isTargeted && target !== undefined
        ? { targetRefs: [{ kind: 'Service', group: '', name: target }] }
        : selector),
      action,
      ...(action === 'CUSTOM' ? { provider: { name: 'ext' } } : {}),
      ...(rules.length === 0 ? {} : { rules }),
    },
  }));

const virtualService: fc.Arbitrary<Draft> = fc
  .record({ namespace: space, from: app, to: app, at: space, exportTo })
  .map(({ namespace, from, to, at, exportTo: shown }) => ({
    apiVersion: NETWORKING,
    kind: 'VirtualService',
    namespace,
    spec: {
      hosts: [`${from}.${namespace}.svc.cluster.local`],
      http: [{ route: [{ destination: { host: `${to}.${at}.svc.cluster.local`, port: { number: 80 } } }] }],
      ...(shown === undefined ? {} : { exportTo: shown }),
    },
  }));

/** Objects that change a proxy in ways that nobody follows. */
const modifier: fc.Arbitrary<Draft> = fc
  .record({
    what: fc.constantFrom(
      { apiVersion: 'networking.istio.io/v1alpha3', kind: 'EnvoyFilter' },
      { apiVersion: 'extensions.istio.io/v1alpha1', kind: 'WasmPlugin' },
      { apiVersion: 'networking.istio.io/v1beta1', kind: 'ProxyConfig' },
      { apiVersion: SECURITY, kind: 'RequestAuthentication' },
    ),
    namespace: anySpace,
    selector: maybeSelector,
  })
  .map(({ what, namespace, selector }) => ({ ...what, namespace, spec: selector }));

const serviceEntry: fc.Arbitrary<Draft> = fc.constantFrom(...SPACES).map((namespace) => ({
  apiVersion: NETWORKING,
  kind: 'ServiceEntry',
  namespace,
  spec: { hosts: ['example.com'], ports: [{ number: 443, name: 'tls', protocol: 'TLS' }], resolution: 'DNS' },
}));

/** What people write for Istio. */
export const istioPolicy: fc.Arbitrary<Draft> = fc.oneof(
  { arbitrary: peerAuthentication, weight: 5 },
  { arbitrary: authorizationPolicy, weight: 5 },
  { arbitrary: destinationRule, weight: 4 },
  { arbitrary: sidecar, weight: 2 },
  { arbitrary: virtualService, weight: 1 },
  { arbitrary: modifier, weight: 1 },
  { arbitrary: serviceEntry, weight: 1 },
);
