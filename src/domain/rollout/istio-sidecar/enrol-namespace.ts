import { istio } from '../../mesh/istio/istio.ts';
import { formatWorkload } from '../../world/workload.ts';
import { workloadsIn } from '../../world/workloads-of.ts';
import type { World } from '../../world/world.ts';
import type { Obstacle } from '../plan.ts';
import type { Planning } from '../planning.ts';
import { isOver } from '../waves/leave.ts';
import { planNamespaceMarks } from '../waves/namespace-mark.ts';
import { eligibilityOf } from './eligible.ts';
import type { Enrolled } from '../enrolled.ts';
import { converged } from '../istio/gates.ts';
import type { InjectionLabel, MeshFacts } from '../istio/mesh-facts.ts';

/** Plans the label of each namespace whose workloads are all enrolled or stay out for certain. */
export function planNamespaceLabels(planning: Planning, facts: MeshFacts, enrolled: Enrolled): void {
  planNamespaceMarks(planning, enrolled, (namespace) => {
    const [key, value] = labelInUse(planning, facts, namespace).namespace;
    return {
      verb: 'Label',
      isThere: ({ labels }) => labels['istio-injection'] === 'enabled' || labels['istio.io/rev'] !== undefined,
      metadata: { labels: { [key]: value } },
      asks: 'asks for sidecars in all new pods of the namespace',
      why: 'What is deployed into the namespace from now on gets a sidecar without asking for it.',
      doesNotChange: 'No running pod changes, and no workload of today changes its answer.',
      converged: converged(),
      notes: [
        `Undone, the label ${key} goes and the namespace stays. It is not set to the opposite: that would keep sidecars from the next pods of workloads that ask for one by the label of their own template.`,
      ],
      blockedBy: (after) => notSettled(planning, facts, { namespace, after }),
      timeToEffect: 'seconds (new pods only)',
      validWhile: 'always: workloads keep the label of their own template',
    };
  });
}

/** The label that the namespace's workloads carry already, so that one webhook answers for both. */
function labelInUse(planning: Planning, facts: MeshFacts, namespace: string): InjectionLabel {
  const templates = workloadsIn(planning.world, namespace).map(({ template }) => template.labels);
  const used = facts.labels.find(({ pod: [key, value] }) => templates.some((labels) => labels[key] === value));
  return (
    used ?? facts.labels[0] ?? { pod: ['sidecar.istio.io/inject', 'true'], namespace: ['istio-injection', 'enabled'] }
  );
}

/** Workloads to which the label would do something that no wave planned. */
function notSettled(
  { world: before }: Planning,
  facts: MeshFacts,
  { namespace, after }: { readonly namespace: string; readonly after: World },
): readonly Obstacle[] {
  return workloadsIn(before, namespace).flatMap((workload): readonly Obstacle[] => {
    if (isOver(workload) || eligibilityOf(before, facts, workload).kind === 'enrolled') return [];
    const [now, later] = [before, after].map((world) => istio.enrolment(namespace, workload.template, world).decision);
    if (later === 'skip' || later === now) return [];
    return [
      {
        kind: 'object',
        what: `${formatWorkload(workload)} is not enrolled, and the label would inject its next pods`,
        remedy: 'label its pod template sidecar.istio.io/inject: "false", or clear what keeps it out of the waves',
      },
    ];
  });
}
