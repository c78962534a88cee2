import { workloadRef, formatWorkload, type Workload } from '../../world/workload.ts';
import type { StageKind } from '../plan.ts';
import type { StageParts } from '../stage-draft.ts';
import type { Callers } from './callers.ts';
import type { Cutting } from './cutting.ts';
import { converged, denied, MANUAL_GATES, shadowClean } from './gates.ts';

/** A server with who may call it. */
export interface Server {
  readonly workload: Workload;
  readonly callers: Callers;
  readonly foreign: readonly string[];
}

/** The stages of one namespace, in order. */
export const ORDER = ['shadow', 'allow-catch-all', 'allow', 'deny'] as const;

/** One of these stages. */
export type Part = (typeof ORDER)[number];

const TEXTS: Readonly<
  Record<
    Part,
    { readonly kind: StageKind; readonly title: string; readonly why: string; readonly doesNotChange: string }
  >
> = {
  shadow: {
    kind: 'shadow',
    title: 'Dry run of the allow rules',
    why: 'The sidecars report whom the rules would refuse, before anybody is.',
    doesNotChange: 'Nobody is refused: the policies carry istio.io/dry-run "true".',
  },
  'allow-catch-all': {
    kind: 'allow',
    title: 'Admit everybody, in so many words',
    why: 'The first enforced ALLOW refuses everybody whom it does not name; so the first one names everybody.',
    doesNotChange: 'Nobody is refused, and nobody gets in who could not before.',
  },
  allow: {
    kind: 'allow',
    title: 'Enforce the allow rules beside the catch-all',
    why: 'The rules are in force and tested while the catch-all still admits everybody else.',
    doesNotChange: 'Nobody is refused: the catch-all is there.',
  },
  deny: {
    kind: 'deny',
    title: 'Deny by default',
    why: 'The catch-all goes: whoever no rule names is refused.',
    doesNotChange:
      'Covered are captured TCP ports of pods with a sidecar. Not covered: UDP, excluded ports, host network, pods without a sidecar, ports 15020, 15021 and 15090, and everything that leaves.',
  },
};

/** What a stage of authorization says of itself. */
export function partsOf(cutting: Cutting, part: Part, servers: readonly Server[]): StageParts {
  const { namespace, rule, isMeasured } = cutting;
  const { kind, title, why, doesNotChange } = TEXTS[part];
  const index = ORDER.indexOf(part);
  const before = ORDER[index - 1];
  return {
    id: `${part}-${namespace}`,
    kind,
    title: `${title} in ${namespace}`,
    why,
    doesNotChange,
    dependsOn: [before === undefined ? `strict-${namespace}` : `${before}-${namespace}`],
    scope: { namespaces: [namespace], workloads: servers.map(({ workload }) => workloadRef(workload)) },
    notes: [
      ...servers.flatMap(({ callers }) => callers.alsoAdmits),
      ...servers
        .filter(({ foreign }) => foreign.length > 0)
        .map(
          ({ workload, foreign }) =>
            `${formatWorkload(workload)} is left to ${foreign.join(', ')}: a dry run beside an enforced ALLOW misleads, so replay its calls instead.`,
        ),
      ...(isMeasured ? [] : [MANUAL_GATES]),
    ],
    entryGate: part === 'shadow' ? [converged()] : [shadowClean(namespace, rule.minWindowSeconds), converged()],
    exitGate: [converged()],
    abort: [denied(namespace)],
  };
}

/** Until when its rollback is right. */
export function laterThan(part: Part, namespace: string): string {
  const later = ORDER.slice(ORDER.indexOf(part) + 1).map((next) => `${next}-${namespace}`);
  return later.length === 0
    ? 'always: putting the catch-all back admits everybody of the mesh again'
    : `not applied, or undone first: ${later.join(', ')}`;
}
