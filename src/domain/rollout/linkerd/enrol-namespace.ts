import { linkerd } from '../../mesh/linkerd/linkerd.ts';
import { INJECT } from '../../mesh/linkerd/names.ts';
import { formatWorkload } from '../../world/workload.ts';
import { workloadsIn } from '../../world/workloads-of.ts';
import type { World } from '../../world/world.ts';
import type { Enrolled } from '../enrolled.ts';
import type { Obstacle } from '../plan.ts';
import type { Planning } from '../planning.ts';
import { isOver } from '../waves/leave.ts';
import { planNamespaceMarks } from '../waves/namespace-mark.ts';
import { converged } from './gates.ts';
import { linkerdStanding } from './linkerd-standing.ts';

/** Plans the annotation of each namespace whose workloads are all enrolled or stay out for certain. */
export function planNamespaceAnnotations(planning: Planning, enrolled: Enrolled): void {
  planNamespaceMarks(planning, enrolled, (namespace) => ({
    verb: 'Annotate',
    isThere: ({ annotations }) => annotations[INJECT] === 'enabled' || annotations[INJECT] === 'ingress',
    metadata: { annotations: { [INJECT]: 'enabled' } },
    asks: 'asks for proxies in all new pods of the namespace',
    why: 'What is deployed into the namespace from now on gets a proxy without asking for it.',
    doesNotChange: 'No running pod changes, and no workload of today changes its answer.',
    converged: converged(),
    notes: ['Undone, the annotation goes and the namespace stays; workloads keep that of their own template.'],
    blockedBy: (after) => notSettled(planning.world, namespace, after),
    timeToEffect: 'seconds (new pods only)',
    validWhile: 'always: workloads keep the annotation of their own template',
  }));
}

/** Workloads to which the annotation would do something that no wave planned. */
function notSettled(before: World, namespace: string, after: World): readonly Obstacle[] {
  return workloadsIn(before, namespace).flatMap((workload): readonly Obstacle[] => {
    if (isOver(workload) || linkerdStanding(before, workload).kind === 'enrolled') return [];
    const decided = (world: World): string => linkerd.enrolment(namespace, workload.template, world).decision;
    const [now, later] = [decided(before), decided(after)];
    if (later === 'skip' || later === now) return [];
    return [
      {
        kind: 'object',
        what: `${formatWorkload(workload)} is not enrolled, and the annotation would inject its next pods`,
        remedy: `annotate its pod template ${INJECT}: disabled, or clear what keeps it out of the waves`,
      },
    ];
  });
}
