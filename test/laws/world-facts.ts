import fc from 'fast-check';

export const NAMESPACES = ['red', 'blue'] as const;
export const NAMES = ['a', 'b'] as const;
type Namespace = (typeof NAMESPACES)[number];
type Name = (typeof NAMES)[number];

/** One workload in the plain words from which its objects, and the naive judge's answer, are made. */
export interface WorkloadFacts {
  readonly namespace: Namespace;
  readonly name: Name;
  readonly account: string;
  /** Live pods: with a sidecar, without, some of both, or none yet. */
  readonly live: 'proxy' | 'bare' | 'mixed' | 'none';
  /** What the template says about injection: nothing, or the label. */
  readonly inject: 'unset' | 'true' | 'false';
  readonly excludesInbound: boolean;
  readonly portName: 'http' | 'tcp' | 'custom';
  readonly headless: boolean;
}

export interface PolicyFacts {
  readonly name: string;
  readonly namespace: Namespace | 'istio-system';
  /** Name of the selected app; undefined for all. */
  readonly app: Name | undefined;
}

export interface ModeFacts extends PolicyFacts {
  readonly mode: 'STRICT' | 'PERMISSIVE' | 'DISABLE' | 'UNSET';
  readonly portMode: 'STRICT' | 'PERMISSIVE' | 'DISABLE' | undefined;
}

export interface RuleFacts {
  readonly name: string;
  readonly namespace: Namespace | 'istio-system';
  readonly host: { readonly namespace: Namespace; readonly name: Name };
  readonly tls: 'DISABLE' | 'ISTIO_MUTUAL' | 'SIMPLE' | undefined;
}

export interface AuthorizationFacts extends PolicyFacts {
  readonly action: 'ALLOW' | 'DENY';
  /** One rule by the caller's namespace or account; `all`: `rules: [{}]`; `none`: no rules. */
  readonly rule:
    | 'all'
    | 'none'
    | { readonly from: Namespace }
    | { readonly principal: string }
    | { readonly method: 'GET' | 'POST' };
}

export interface WorldFacts {
  readonly injected: Readonly<Record<Namespace, boolean>>;
  readonly workloads: readonly WorkloadFacts[];
  readonly modes: readonly ModeFacts[];
  readonly rules: readonly RuleFacts[];
  readonly authorizations: readonly AuthorizationFacts[];
  /** Namespaces whose Sidecar resource shows them only themselves. */
  readonly scoped: readonly Namespace[];
  readonly autoMtls: boolean;
}

const namespace = fc.constantFrom(...NAMESPACES);
const anyNamespace = fc.constantFrom(...NAMESPACES, 'istio-system' as const);
const name = fc.constantFrom(...NAMES);
const app = fc.option(name, { nil: undefined });

const workload = fc.record({
  account: fc.constantFrom('default', 'special'),
  live: fc.constantFrom('proxy' as const, 'proxy' as const, 'bare' as const, 'mixed' as const, 'none' as const),
  inject: fc.constantFrom('unset' as const, 'unset' as const, 'true' as const, 'false' as const),
  excludesInbound: fc.integer({ min: 0, max: 9 }).map((value) => value === 0),
  portName: fc.constantFrom('http' as const, 'tcp' as const, 'custom' as const),
  headless: fc.integer({ min: 0, max: 4 }).map((value) => value === 0),
});

const authorizationRule = fc.oneof(
  fc.constantFrom('all' as const, 'none' as const),
  namespace.map((from) => ({ from })),
  fc
    .tuple(namespace, fc.constantFrom('default', 'special'))
    .map(([space, account]) => ({ principal: `cluster.local/ns/${space}/sa/${account}` })),
  fc.constantFrom('GET' as const, 'POST' as const).map((method) => ({ method })),
);

/** Worlds of four workloads in two namespaces, with a few policies of each kind; names keep rivals apart. */
export const worldFacts: fc.Arbitrary<WorldFacts> = fc
  .record({
    injected: fc.record({ red: fc.boolean(), blue: fc.boolean() }),
    shapes: fc.tuple(workload, workload, workload, workload),
    modes: fc.array(
      fc.record({
        namespace: anyNamespace,
        app,
        mode: fc.constantFrom('STRICT' as const, 'PERMISSIVE' as const, 'DISABLE' as const, 'UNSET' as const),
        portMode: fc.option(fc.constantFrom('STRICT' as const, 'PERMISSIVE' as const, 'DISABLE' as const), {
          nil: undefined,
        }),
      }),
      { maxLength: 4 },
    ),
    rules: fc.array(
      fc.record({
        namespace: anyNamespace,
        host: fc.record({ namespace, name }),
        tls: fc.constantFrom('DISABLE' as const, 'ISTIO_MUTUAL' as const, 'SIMPLE' as const, undefined),
      }),
      { maxLength: 2 },
    ),
    authorizations: fc.array(
      fc.record({
        namespace: anyNamespace,
        app,
        action: fc.constantFrom('ALLOW' as const, 'DENY' as const),
        rule: authorizationRule,
      }),
      { maxLength: 3 },
    ),
    scoped: fc.subarray([...NAMESPACES], { maxLength: 1 }),
    autoMtls: fc.integer({ min: 0, max: 5 }).map((value) => value > 0),
  })
  .map(({ shapes, modes, rules, authorizations, ...rest }) => ({
    ...rest,
    workloads: NAMESPACES.flatMap((space, outer) =>
      NAMES.map((called, inner) => {
        const shape = shapes[outer * 2 + inner];
        if (shape === undefined) throw new Error('one shape for each workload');
        return { ...shape, namespace: space, name: called };
      }),
    ),
    modes: modes.map((mode, index) => ({
      ...mode,
      // The API server refuses port modes without a selector.
      portMode: mode.app === undefined ? undefined : mode.portMode,
      name: `mode-${String(index)}`,
    })),
    rules: rules.map((rule, index) => ({ ...rule, name: `rule-${String(index)}` })),
    authorizations: authorizations.map((policy, index) => ({ ...policy, name: `authz-${String(index)}` })),
  }));
