import { KIND } from '../../kubernetes/kinds.ts';
import { istio } from '../../mesh/istio/istio.ts';
import { formatWorkload } from '../../world/workload.ts';
import { workloadsIn } from '../../world/workloads-of.ts';
import type { World } from '../../world/world.ts';
import type { Enrolled } from '../enrolled.ts';
import type { Obstacle } from '../plan.ts';
import type { Planning } from '../planning.ts';
import { isOver } from '../waves/leave.ts';
import { planNamespaceMarks } from '../waves/namespace-mark.ts';
import { ambientConverged } from './ambient-gates.ts';
import { ambientStanding, DATAPLANE_MODE } from './ambient-standing.ts';

/** Plans the label of each namespace whose workloads are all behind ztunnel or stay out for certain. */
export function planAmbientNamespaces(planning: Planning, enrolled: Enrolled): void {
  planNamespaceMarks(planning, enrolled, (namespace) => ({
    verb: 'Label',
    isThere: ({ labels }) => labels[DATAPLANE_MODE] === 'ambient',
    metadata: { labels: { [DATAPLANE_MODE]: 'ambient' } },
    asks: 'puts all pods of the namespace behind ztunnel',
    why: 'What is deployed into the namespace from now on is put behind ztunnel without asking for it.',
    doesNotChange:
      'The workloads of today are behind ztunnel by the label of their own template, or say that they stay out.',
    converged: ambientConverged(),
    notes: [
      'The node agent takes pods that run as soon as the namespace says so, not only new ones: whoever is to stay out needs the label with value none on its pod template before.',
      `Undone, the label goes and the namespace stays: the pods of today keep theirs, and new workloads are no longer taken.`,
    ],
    blockedBy: (after) => [...injects(planning.world, namespace), ...notSettled(planning, namespace, after)],
    timeToEffect: 'seconds (pods without a label of their own are taken, or let go, at once)',
    validWhile: 'always: workloads keep the label of their own template',
  }));
}

/** With both labels new pods get a sidecar, and those that run are taken by ztunnel (istioctl analyze: IST0123). */
function injects(world: World, namespace: string): readonly Obstacle[] {
  const labels = world.get({ kind: KIND.namespace, name: namespace })?.metadata.labels ?? {};
  const key = ['istio.io/rev', 'istio-injection'].find(
    (name) => labels[name] !== undefined && labels[name] !== 'disabled',
  );
  if (key === undefined) return [];
  return [
    {
      kind: 'object',
      what: `Namespace ${namespace} has label ${key}: ${labels[key] ?? ''}, so its new pods get a sidecar, which wins over ambient mode`,
      remedy: 'take that label away once no workload of the namespace needs it, and plan again',
    },
  ];
}

/** Workloads to which the label would do something that no wave planned. */
function notSettled(planning: Planning, namespace: string, after: World): readonly Obstacle[] {
  return workloadsIn(planning.world, namespace).flatMap((workload): readonly Obstacle[] => {
    if (isOver(workload) || ambientStanding(planning.world, workload).kind === 'enrolled') return [];
    const later = istio.enrolment(namespace, workload.template, after).decision;
    if (later === 'skip' || later === 'inject') return [];
    return [
      {
        kind: 'object',
        what: `${formatWorkload(workload)} is not enrolled, and the label would put its pods behind ztunnel at once`,
        remedy: `label its pod template ${DATAPLANE_MODE}: none, or clear what keeps it out of the waves`,
      },
    ];
  });
}
