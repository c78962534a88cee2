import { workloadRef, formatWorkload } from '../../world/workload.ts';
import type { StageParts } from '../stage-draft.ts';
import type { Cutting } from './cutting.ts';
import { ORDER, type Part, type Server } from './authorization-parts.ts';
import { MANUAL_GATES } from '../gates/any-mesh.ts';

/** What a stage of authorization says of itself. */
export function partsOf(cutting: Cutting, part: Part, servers: readonly Server[]): StageParts {
  const { namespace, isMeasured, plane } = cutting;
  const { kind, title, why, doesNotChange } = plane.parts[part];
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
      ...(part === 'allow' || part === 'deny' ? servers.flatMap((server) => server.pastWaypoints) : []),
      ...servers
        .filter(({ foreign }) => foreign.length > 0)
        .map(
          ({ workload, foreign }) =>
            `${formatWorkload(workload)} is left to ${foreign.join(', ')}: a dry run beside an enforced ALLOW misleads, so replay its calls instead.`,
        ),
      ...(isMeasured ? [] : [MANUAL_GATES]),
    ],
    entryGate: [...plane.beforePart(cutting, part, servers), plane.converged()],
    exitGate: [plane.converged()],
    abort: [plane.onDeny(namespace)],
  };
}

/** Until when its rollback is right. */
export function laterThan(part: Part, namespace: string): string {
  const later = ORDER.slice(ORDER.indexOf(part) + 1).map((next) => `${next}-${namespace}`);
  return later.length === 0
    ? 'always: putting the catch-all back admits everybody of the mesh again'
    : `not applied, or undone first: ${later.join(', ')}`;
}
