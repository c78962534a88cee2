import { formatWorkload, workloadRef, type Workload } from '../../world/workload.ts';
import { MANUAL_GATES } from '../gates/any-mesh.ts';
import type { Condition, StageKind } from '../plan.ts';
import { refusedCalls } from '../refused-callers.ts';
import type { StageParts } from '../stage-draft.ts';
import type { UnitCallers } from './callers.ts';
import type { LinkerdCutting } from './cutting.ts';
import { converged, onlyCallers, refused, stillScraped } from './gates.ts';
import { formatUnit, type ServerUnit } from './server-units.ts';
import { judgedPorts } from './sort-units.ts';
import { isProbed } from './strict-texts.ts';

/** A Server with who calls it. */
export interface Authorized {
  readonly unit: ServerUnit;
  readonly callers: UnitCallers;
  /** Whether nobody gets in without an identity. */
  readonly isStrict: boolean;
}

/** The stages of one namespace, in order. */
export const DENY_ORDER = ['shadow', 'allow', 'deny'] as const;

/** One of these stages. */
export type DenyPart = (typeof DENY_ORDER)[number];

const TEXTS: Readonly<
  Record<
    DenyPart,
    { readonly kind: StageKind; readonly title: string; readonly why: string; readonly doesNotChange: string }
  >
> = {
  shadow: {
    kind: 'shadow',
    title: 'Replay of the policies',
    why: "What the policies would refuse is known before anybody is refused. Linkerd's own audit is not used: it would let callers without an identity in again, and counts more than it should.",
    doesNotChange: 'Nothing in the cluster changes: this is reading, and watching who calls.',
  },
  allow: {
    kind: 'allow',
    title: 'Policies that name the callers',
    why: 'The policies are there before the Server that makes them matter: a Server with deny and without policies refuses everybody at once.',
    doesNotChange:
      "Nobody is refused and nobody is let in: every identity of the mesh still gets in by the Server's own accessPolicy.",
  },
  deny: {
    kind: 'deny',
    title: 'Deny by default at known ports',
    why: 'The Servers say deny: whoever no policy names is refused. The change of this one field is the deny, and putting it back is the rollback.',
    doesNotChange:
      "Covered are the ports with a Server. Not covered: other ports (the pods' default policy), skipped ports, UDP, the kubelet's HTTP probes, loopback, pods without a proxy, and everything that leaves. Linkerd knows no rule that refuses: a policy on the whole namespace, a Server or a route adds to the others.",
  },
};

/** What a stage of authorization says of itself. */
export function denyParts(cutting: LinkerdCutting, part: DenyPart, all: readonly Authorized[]): StageParts {
  const { namespace, isMeasured } = cutting;
  const { kind, title, why, doesNotChange } = TEXTS[part];
  const before = DENY_ORDER[DENY_ORDER.indexOf(part) - 1];
  const callers = callerGates(cutting, all);
  return {
    id: `${part}-${namespace}`,
    kind,
    title: `${title} in ${namespace}`,
    why,
    doesNotChange,
    dependsOn: [before === undefined ? `strict-${namespace}` : `${before}-${namespace}`],
    scope: { namespaces: [namespace], workloads: workloadsOf(all).map(workloadRef) },
    notes: [
      ...(part === 'shadow' ? all.map((one) => whoCalls(cutting, one)) : []),
      ...all.flatMap(({ callers: { alsoAdmits } }) => alsoAdmits),
      ...(part === 'deny' ? withoutCallers(cutting, all) : []),
      ...(isMeasured ? [] : [MANUAL_GATES]),
    ],
    entryGate: part === 'deny' ? [...callers, converged()] : [converged()],
    exitGate:
      part === 'shadow' ? callers : [...(part === 'deny' ? denied(all) : []), converged(), stillScraped(namespace)],
    abort: [refused(namespace)],
  };
}

function workloadsOf(all: readonly Authorized[]): readonly Workload[] {
  const workloads = all.flatMap(({ unit }) => unit.workloads);
  return [...new Map(workloads.map((workload) => [formatWorkload(workload), workload])).values()];
}

function whoCalls(cutting: LinkerdCutting, { unit, callers }: Authorized): string {
  const accounts = callers.accounts.map(({ namespace, name }) => `${namespace}/${name}`);
  const nobody = isRefused(cutting, unit)
    ? 'whoever is known to call it is refused today'
    : 'nobody is known to call it';
  return `${formatUnit(unit)}: ${accounts.length === 0 ? nobody : `called as ${accounts.join(', ')}`}.`;
}

/** Whether somebody was seen calling it whom the world as it was read refuses. */
function isRefused({ planning, rule }: LinkerdCutting, unit: ServerUnit): boolean {
  return refusedCalls(planning, judgedPorts(rule, unit)).length > 0;
}

function callerGates({ rule }: LinkerdCutting, all: readonly Authorized[]): readonly Condition[] {
  return all.flatMap(({ unit, callers }) =>
    unit.workloads.flatMap((workload) =>
      unit.ports.map((port) =>
        onlyCallers(
          { workload: workloadRef(workload), port, isProbed: isProbed(workload, port) },
          callers.identities,
          rule.minWindowSeconds,
        ),
      ),
    ),
  );
}

function withoutCallers(cutting: LinkerdCutting, all: readonly Authorized[]): readonly string[] {
  const silent = all
    .filter(({ unit, callers }) => callers.accounts.length === 0 && !isRefused(cutting, unit))
    .map(({ unit }) => formatUnit(unit));
  if (silent.length === 0) return [];
  return [
    `Without any caller, and refused to everybody afterwards unless a policy of others names them: ${silent.join(', ')}.`,
  ];
}

function denied(all: readonly Authorized[]): readonly Condition[] {
  return all.map(({ unit }) => ({
    id: `denies-${unit.name}`,
    text: `Server ${unit.namespace}/${unit.name} says deny.`,
    command: [
      'kubectl',
      'get',
      'server.policy.linkerd.io',
      unit.name,
      '-n',
      unit.namespace,
      '-o',
      'jsonpath={.spec.accessPolicy}',
    ],
    state: {
      check: 'holds' as const,
      object: { kind: 'policy.linkerd.io/Server' as const, namespace: unit.namespace, name: unit.name },
      fields: { spec: { accessPolicy: 'deny' } },
    },
  }));
}
