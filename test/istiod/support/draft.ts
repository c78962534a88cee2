import fc from 'fast-check';
import { ACCOUNTS, NAMESPACES } from './names.ts';

const ROOT = 'istio-system';
const MODES = ['STRICT', 'PERMISSIVE', 'DISABLE', 'UNSET'] as const;
const TLS = ['DISABLE', 'ISTIO_MUTUAL', 'SIMPLE', 'MUTUAL'] as const;
export type Tls = (typeof TLS)[number];
export type Mode = (typeof MODES)[number];

/** A port of a Service, which leads to the target port; several may lead to the same. */
export interface PortDraft {
  readonly name: string | undefined;
  readonly port: number;
  readonly targetPort: number;
  readonly appProtocol: string | undefined;
}

/** A Deployment, its Service and its pods. */
export interface WorkloadDraft {
  readonly namespace: string;
  readonly name: string;
  readonly account: string;
  /** Pods with a sidecar, without one, both, or behind ztunnel. */
  readonly pods: readonly ('sidecar' | 'bare' | 'ambient')[];
  readonly tier: 'front' | 'back';
  readonly headless: boolean;
  readonly exportTo: string | undefined;
  /** `security.istio.io/tlsMode` where the template says it. */
  readonly tlsMode: string | undefined;
  readonly ports: readonly PortDraft[];
  /** Ports of a second Service over the same pods; none without one. */
  readonly otherPorts: readonly PortDraft[];
}

/** Where a policy lies and whom it selects. */
export interface Placed {
  readonly namespace: string;
  readonly selector: Readonly<Record<string, string>> | undefined;
}

export interface ModeDraft extends Placed {
  readonly mode: Mode | undefined;
  readonly ports: readonly { readonly port: number; readonly mode: Mode }[];
}

export interface RuleDraft extends Placed {
  readonly host: string;
  readonly tls: Tls | undefined;
  readonly passthrough: boolean;
  readonly port: { readonly number: number; readonly tls: Tls | undefined } | undefined;
  readonly exportTo: readonly string[] | undefined;
}

export interface ScopeDraft extends Placed {
  readonly hosts: readonly string[];
  readonly outbound: 'ALLOW_ANY' | 'REGISTRY_ONLY' | undefined;
}

export interface AuthorizationDraft extends Placed {
  readonly action: 'ALLOW' | 'DENY' | 'AUDIT';
  readonly rules: readonly unknown[] | undefined;
  readonly dryRun: boolean;
}

/** A small world, from which its objects are made. */
export interface WorldDraft {
  readonly ambient: boolean;
  readonly workloads: readonly WorkloadDraft[];
  readonly modes: readonly ModeDraft[];
  readonly rules: readonly RuleDraft[];
  readonly scopes: readonly ScopeDraft[];
  readonly authorizations: readonly AuthorizationDraft[];
  readonly enableAutoMtls: boolean;
  readonly registryOnly: boolean;
  readonly trustDomain: string | undefined;
  /** Whether certificates of `cluster.local` count as those of the trust domain. */
  readonly alias: boolean;
  readonly serviceExport: string | undefined;
  readonly ruleExport: string | undefined;
}

const rarely = (outOf: number): fc.Arbitrary<boolean> => fc.integer({ min: 1, max: outOf }).map((drawn) => drawn === 1);
const seldom = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.oneof({ arbitrary: fc.constant(undefined), weight: 4 }, { arbitrary: value, weight: 1 });
const maybe = <T>(value: fc.Arbitrary<T>, freq = 1): fc.Arbitrary<T | undefined> =>
  fc.option(value, { nil: undefined, freq });

const PORTS: readonly PortDraft[] = [
  { name: 'http', port: 80, targetPort: 8080, appProtocol: undefined },
  { name: 'tcp', port: 80, targetPort: 8080, appProtocol: undefined },
  { name: 'web', port: 80, targetPort: 8080, appProtocol: undefined },
  { name: 'web', port: 80, targetPort: 8080, appProtocol: 'http' },
  { name: 'http', port: 80, targetPort: 8080, appProtocol: 'tcp' },
  { name: 'grpc-api', port: 81, targetPort: 8080, appProtocol: undefined },
  { name: 'tcp-db', port: 5432, targetPort: 5432, appProtocol: undefined },
  { name: 'metrics', port: 9090, targetPort: 9090, appProtocol: undefined },
  { name: 'http-admin', port: 8080, targetPort: 9090, appProtocol: undefined },
  { name: 'https', port: 443, targetPort: 8443, appProtocol: undefined },
  { name: 'tls-raw', port: 444, targetPort: 8443, appProtocol: undefined },
  { name: 'mysql', port: 3306, targetPort: 3306, appProtocol: undefined },
];

const ports = fc
  .uniqueArray(fc.constantFrom(...PORTS), { minLength: 1, maxLength: 2, selector: ({ port }) => port })
  .map((drawn) => drawn.map((port, index) => ({ ...port, name: port.name ?? `p${String(index)}` })))
  .chain((drawn) => {
    const [only, ...others] = drawn;
    if (only === undefined || others.length > 0) {
      const isNamedTwice = new Set(drawn.map(({ name }) => name)).size < drawn.length;
      return fc.constant(isNamedTwice ? drawn.slice(0, 1) : drawn);
    }
    return rarely(5).map((unnamed) => [unnamed ? { ...only, name: undefined } : only]);
  });

const selector = fc.constantFrom({ tier: 'front' }, { tier: 'back' }, { app: 'a' }, { app: 'b' }, { app: 'c' });
const anywhere = fc.constantFrom(...NAMESPACES.slice(0, 3), ROOT);

const placed = fc.record({ namespace: anywhere, selector: maybe(selector) }).map((drawn): Placed => drawn);

function workloads(ambient: boolean): fc.Arbitrary<readonly WorkloadDraft[]> {
  const pods = ambient
    ? fc.constantFrom(['ambient'], ['ambient'], ['sidecar'], ['bare'], ['ambient', 'bare'])
    : fc.constantFrom(['sidecar'], ['sidecar'], ['sidecar'], ['bare'], ['sidecar', 'bare']);
  const one = fc.record({
    namespace: fc.constantFrom(...NAMESPACES),
    account: fc.constantFrom(...ACCOUNTS),
    pods: pods as fc.Arbitrary<WorkloadDraft['pods']>,
    tier: fc.constantFrom('front' as const, 'back' as const),
    headless: rarely(6),
    exportTo: seldom(fc.constantFrom('.', '*', 'red', '~')),
    tlsMode: rarely(8).map((drawn) => (drawn ? 'disabled' : undefined)),
    ports,
    otherPorts: fc.oneof({ arbitrary: fc.constant([]), weight: 4 }, { arbitrary: ports, weight: 1 }),
  });
  return fc.array(one, { minLength: 3, maxLength: 6 }).map((drawn) =>
    drawn.map((each, index) => ({
      ...each,
      name: 'abcdef'.charAt(index),
      ports: portsOf(each, each.ports),
      otherPorts: portsOf({ headless: false }, each.otherPorts),
    })),
  );
}

/** Nobody translates the port of a headless Service. */
function portsOf({ headless }: { readonly headless: boolean }, drawn: readonly PortDraft[]): readonly PortDraft[] {
  return headless ? drawn.map((port) => ({ ...port, targetPort: port.port })) : drawn;
}

const mode = fc.record({
  placed,
  mode: maybe(fc.constantFrom(...MODES), 4),
  ports: fc.uniqueArray(fc.record({ port: fc.constantFrom(8080, 9090, 5432, 80), mode: fc.constantFrom(...MODES) }), {
    maxLength: 2,
    selector: ({ port }) => port,
  }),
});

const host = fc.record({ of: fc.nat(5), form: fc.integer({ min: 0, max: 9 }) });

/** Half of the hosts name a workload's Service in full; the others are wildcards and names that Istio reads otherwise. */
function hostOf({ namespace, name }: WorkloadDraft, form: number): string {
  if (form === 0) return name;
  if (form === 1) return `${name}.${namespace}`;
  if (form === 2) return `*.${namespace}.svc.cluster.local`;
  if (form === 3) return '*.local';
  return form === 4 ? '*' : `${name}.${namespace}.svc.cluster.local`;
}

const rule = fc.record({
  placed,
  host,
  tls: maybe(fc.constantFrom(...TLS), 3),
  passthrough: rarely(10),
  port: maybe(fc.record({ number: fc.constantFrom(80, 81, 9090, 443), tls: maybe(fc.constantFrom(...TLS), 2) })),
  exportTo: seldom(fc.constantFrom(['.'], ['*'], ['red'], ['red', 'blue'])),
});

const scope = fc.record({
  placed,
  hosts: fc.constantFrom(
    ['./*'],
    ['*/*'],
    ['./*', 'istio-system/*'],
    ['red/*', './*'],
    ['*/a.red.svc.cluster.local'],
    ['~/*'],
  ),
  outbound: seldom(fc.constantFrom('ALLOW_ANY' as const, 'REGISTRY_ONLY' as const)),
});

/** Whole worlds; ambient ones have ztunnel, and pods of all kinds. */
export function worldDrafts(ambient: boolean, rules: fc.Arbitrary<readonly unknown[] | undefined>) {
  const authorization = fc.record({
    placed,
    action: fc.constantFrom('ALLOW' as const, 'ALLOW' as const, 'DENY' as const, 'AUDIT' as const),
    rules,
    dryRun: rarely(8),
  });
  return fc
    .record({
      workloads: workloads(ambient),
      modes: fc.array(mode, { maxLength: 4 }),
      rules: fc.array(rule, { maxLength: 3 }),
      scopes: fc.array(scope, { maxLength: 2 }),
      authorizations: fc.array(authorization, { maxLength: 3 }),
      enableAutoMtls: rarely(6).map((off) => !off),
      registryOnly: rarely(8),
      trustDomain: seldom(fc.constant('td.example')),
      alias: fc.boolean(),
      serviceExport: rarely(10).map((drawn) => (drawn ? '.' : undefined)),
      ruleExport: rarely(10).map((drawn) => (drawn ? '.' : undefined)),
    })
    .map((drawn): WorldDraft => ({
      ...drawn,
      ambient,
      modes: drawn.modes.map(({ placed: at, ...rest }) => ({
        ...rest,
        ...at,
        // The API server refuses port modes without a selector.
        ports: at.selector === undefined ? [] : rest.ports,
      })),
      rules: drawn.rules.flatMap(({ placed: at, host: { of, form }, ...rest }) => {
        const named = drawn.workloads[of % drawn.workloads.length];
        return named === undefined ? [] : [{ ...rest, ...at, host: hostOf(named, form) }];
      }),
      scopes: drawn.scopes.map(({ placed: at, ...rest }) => ({ ...rest, ...at })),
      authorizations: drawn.authorizations.map(({ placed: at, ...rest }) => ({ ...rest, ...at })),
    }));
}
