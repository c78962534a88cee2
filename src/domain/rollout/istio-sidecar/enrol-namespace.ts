import { KIND } from '../../kubernetes/kinds.ts';
import { istio } from '../../mesh/istio/istio.ts';
import type { Step } from '../../world/step.ts';
import { formatWorkload } from '../../world/workload.ts';
import { workloadsIn } from '../../world/workloads-of.ts';
import type { Obstacle } from '../plan.ts';
import { addStage, tryNow, writeStage, type Planning } from '../planning.ts';
import type { StageParts } from '../stage-draft.ts';
import { isOver } from '../waves/leave.ts';
import { eligibilityOf } from './eligible.ts';
import type { Enrolled } from '../enrolled.ts';
import { converged } from '../istio/gates.ts';
import { noPodsFail } from '../gates/any-mesh.ts';
import type { InjectionLabel, MeshFacts } from '../istio/mesh-facts.ts';

/** Plans the label of each namespace whose workloads are all enrolled or stay out for certain. */
export function planNamespaceLabels(planning: Planning, facts: MeshFacts, enrolled: Enrolled): void {
  for (const namespace of enrolled.namespaces) {
    const waves = enrolled.waves.get(namespace) ?? [];
    if (waves.length > 0) planNamespaceLabel(planning, facts, { namespace, waves });
  }
}

interface Labelled {
  readonly namespace: string;
  readonly waves: readonly string[];
}

function planNamespaceLabel(planning: Planning, facts: MeshFacts, { namespace, waves }: Labelled): void {
  const parts: StageParts = {
    id: `enrol-namespace-${namespace}`,
    kind: 'enrol',
    title: `Label namespace ${namespace}`,
    why: 'What is deployed into the namespace from now on gets a sidecar without asking for it.',
    doesNotChange: 'No running pod changes, and no workload of today changes its answer.',
    dependsOn: waves,
    scope: { namespaces: [namespace], workloads: [] },
    exitGate: [converged()],
    abort: [noPodsFail()],
  };
  const labels = planning.world.get({ kind: KIND.namespace, name: namespace })?.metadata.labels ?? {};
  if (labels['istio-injection'] === 'enabled' || labels['istio.io/rev'] !== undefined) {
    addStage(planning, parts, 'done');
    return;
  }
  const label = labelInUse(planning, facts, namespace);
  const steps = [labelStep(planning, namespace, label)];
  const trial = tryNow(planning, parts.id, steps);
  writeStage(planning, {
    parts: {
      ...parts,
      notes: [
        `Undone, the label ${label.namespace[0]} goes and the namespace stays. It is not set to the opposite: that would keep sidecars from the next pods of workloads that ask for one by the label of their own template.`,
      ],
      blockedBy: notSettled(planning, facts, { namespace, world: trial.world }),
    },
    trial,
    state: 'ready',
    timeToEffect: 'seconds (new pods only)',
    validWhile: 'always: workloads keep the label of their own template',
    toleratesUnknown: true,
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

function labelStep(planning: Planning, namespace: string, { namespace: [key, value] }: InjectionLabel): Step {
  const target = { kind: KIND.namespace, name: namespace };
  const labels = { [key]: value };
  if (planning.world.get(target) === undefined) {
    return { step: 'apply', manifest: { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace, labels } } };
  }
  return {
    step: 'patch',
    target,
    patch: { metadata: { labels } },
    why: 'asks for sidecars in all new pods of the namespace',
  };
}

/** Workloads to which the label would do something that no wave planned. */
function notSettled(
  planning: Planning,
  facts: MeshFacts,
  after: { readonly namespace: string; readonly world: Planning['world'] },
): readonly Obstacle[] {
  return workloadsIn(planning.world, after.namespace).flatMap((workload): readonly Obstacle[] => {
    if (isOver(workload) || eligibilityOf(planning.world, facts, workload).kind === 'enrolled') return [];
    const enrolment = (world: Planning['world']) =>
      istio.enrolment(workload.namespace, workload.template, world).decision;
    const now = enrolment(planning.world);
    const later = enrolment(after.world);
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
