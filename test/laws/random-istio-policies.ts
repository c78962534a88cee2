import fc from 'fast-check';
import type { Fields, NaiveCall, NaiveCondition, NaivePolicy, NaiveRule } from './naive-istio-policy.ts';

const VALUES: Readonly<Record<string, readonly string[]>> = {
  principals: [
    'cluster.local/ns/red/sa/web',
    '*',
    'cluster.local/ns/red/*',
    '*/sa/web',
    'spiffe://cluster.local/ns/red/sa/web',
    'corp/ns/red/sa/web',
  ],
  namespaces: ['red', 'blue', 're*', '*ed', '*'],
  serviceAccounts: ['red/web', 'web', 'blue/api'],
  ipBlocks: ['10.0.0.0/8', '10.1.2.3', '192.168.0.0/16', '10.7.0.0/16'],
  remoteIpBlocks: ['10.0.0.0/8'],
  requestPrincipals: ['*', 'issuer/subject'],
  methods: ['GET', 'POST', '*', 'G*', 'get'],
  paths: ['/', '/api/*', '*/x', '/api/x', '*', '/api/{*}'],
  hosts: ['web.red', '*.red', 'WEB.red', 'web.*', 'web.red:80'],
  ports: ['8080', '9090'],
  'source.ip': ['10.0.0.0/8', '192.168.5.5'],
  'source.namespace': ['red', 'b*'],
  'source.principal': ['cluster.local/ns/red/sa/web', '*'],
  'destination.port': ['8080', '9090'],
  'destination.ip': ['10.0.0.0/8'],
  'remote.ip': ['10.0.0.0/8'],
  'connection.sni': ['*.red'],
  'request.headers[x-a]': ['1', '*'],
  'request.auth.claims[iss]': ['issuer'],
};
const SOURCES = [
  'principals',
  'principals',
  'namespaces',
  'namespaces',
  'serviceAccounts',
  'ipBlocks',
  'remoteIpBlocks',
  'requestPrincipals',
];
const OPERATIONS = ['methods', 'methods', 'paths', 'hosts', 'ports', 'ports'];
const CONDITIONS = Object.keys(VALUES).filter((key) => key.includes('.'));

function valuesOf(key: string): fc.Arbitrary<readonly string[]> {
  return fc.subarray([...(VALUES[key] ?? [])], { minLength: 1, maxLength: Math.min(2, VALUES[key]?.length ?? 0) });
}

/** One or two fields, each as it is or negated; an account stands beside neither principal nor namespace. */
function fieldsOf(names: readonly string[]): fc.Arbitrary<Fields> {
  const field = fc
    .tuple(fc.constantFrom(...names), fc.integer({ min: 0, max: 3 }))
    .chain(([name, drawn]) =>
      valuesOf(name).map((values): readonly [string, readonly string[]] => [
        drawn === 0 ? `not${name.charAt(0).toUpperCase()}${name.slice(1)}` : name,
        values,
      ]),
    );
  return fc
    .array(field, { minLength: 1, maxLength: 2 })
    .map((drawn) => (drawn.some(([name]) => /erviceAccounts/.test(name)) ? drawn.slice(0, 1) : drawn))
    .map((drawn) => Object.fromEntries(drawn));
}

const condition: fc.Arbitrary<NaiveCondition> = fc
  .constantFrom(...CONDITIONS)
  .chain((key) =>
    fc
      .tuple(valuesOf(key), fc.boolean())
      .map(([values, isNot]) => (isNot ? { key, notValues: values } : { key, values })),
  );

const source = fieldsOf(SOURCES).map((drawn) => ({ source: drawn }));
const operation = fieldsOf(OPERATIONS).map((drawn) => ({ operation: drawn }));

export const naiveRule: fc.Arbitrary<NaiveRule> = fc.oneof(
  { arbitrary: fc.constant({}), weight: 1 },
  {
    arbitrary: fc.record(
      {
        from: fc.array(source, { minLength: 1, maxLength: 2 }),
        to: fc.array(operation, { minLength: 1, maxLength: 2 }),
        when: fc.array(condition, { minLength: 1, maxLength: 2 }),
      },
      { requiredKeys: [] },
    ),
    weight: 9,
  },
);

/** Policies around a server `web` in namespace `red`; most attach to it. */
export const naivePolicy: fc.Arbitrary<NaivePolicy> = fc
  .record({
    namespace: fc.constantFrom('red', 'red', 'red', 'istio-system', 'blue'),
    app: fc.constantFrom(undefined, undefined, 'web', 'web', 'api'),
    action: fc.constantFrom('ALLOW', 'ALLOW', 'ALLOW', 'DENY', 'DENY', 'DENY', 'AUDIT', 'CUSTOM'),
    dryRun: fc.integer({ min: 0, max: 9 }).map((drawn) => drawn === 0),
    rules: fc.array(naiveRule, { maxLength: 3 }),
  })
  .map(({ rules, app, dryRun, ...rest }) => {
    const isShadow = dryRun && (rest.action === 'ALLOW' || rest.action === 'DENY');
    const base = { ...rest, dryRun: isShadow, ...(app === undefined ? {} : { app }) };
    // The API server takes nothing but ALLOW without rules.
    if (rules.length === 0) return rest.action === 'ALLOW' ? base : { ...base, rules: [{}] };
    return { ...base, rules };
  });

/** What a call may leave unsaid; of the first group the seam is never told. */
export const UNSAYABLE = ['headers', 'remoteIp', 'destinationIp', 'serverName', 'external'] as const;
export const SAYABLE = ['method', 'path', 'host', 'sourceIp'] as const;
export type Unsaid = (typeof UNSAYABLE)[number] | (typeof SAYABLE)[number];

/** The values that may stand for what is not said: enough of them to meet each rule and to miss it. */
export const POSSIBLE: { readonly [Key in Unsaid]: readonly NaiveCall[Key][] } = {
  headers: [{}, { 'x-a': '1' }, { 'x-a': '2' }],
  remoteIp: ['10.1.2.3', '172.16.0.1'],
  destinationIp: ['10.9.9.9', '172.16.0.9'],
  serverName: ['', 'outbound_.80_._.web.red', 'other'],
  external: [true, false],
  method: ['GET', 'POST', 'PUT', 'get'],
  path: ['/', '/x/y', '/api/x', '/api/y', '/api/y/z', '/other', '/y/x'],
  host: ['web.red', 'web.red:80', 'api.red', 'web.other', 'other'],
  sourceIp: ['10.1.2.3', '10.7.7.7', '192.168.5.5', '172.16.0.1'],
};

const known = Object.fromEntries(
  [...SAYABLE, ...UNSAYABLE].map((key) => [key, fc.constantFrom<unknown>(...POSSIBLE[key])]),
);

export interface AskedCall {
  readonly call: NaiveCall;
  /** What of the call is not said to the seam, beside what cannot be. */
  readonly unsaid: readonly (typeof SAYABLE)[number][];
}

export const askedCall: fc.Arbitrary<AskedCall> = fc.record({
  call: fc
    .record({
      ...(known as unknown as { readonly [Key in Unsaid]: fc.Arbitrary<NaiveCall[Key]> }),
      enforcer: fc.constantFrom('sidecar', 'sidecar', 'ztunnel'),
      handledAs: fc.constantFrom('http', 'http', 'tcp'),
      caller: fc.constantFrom(
        undefined,
        { domain: 'cluster.local', namespace: 'red', account: 'web' },
        { domain: 'cluster.local', namespace: 'blue', account: 'api' },
        { domain: 'cluster.local', namespace: 'red', account: 'web-2' },
      ),
      port: fc.constantFrom(8080, 9090),
    })
    .map(({ caller, ...rest }) => ({ ...rest, ...(caller === undefined ? {} : { caller }) })),
  unsaid: fc.oneof(fc.constant([]), fc.subarray([...SAYABLE], { maxLength: 2 })),
});
