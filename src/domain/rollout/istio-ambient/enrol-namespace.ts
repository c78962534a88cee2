import { KIND } from '../../kubernetes/kinds.ts';
import { istio } from '../../mesh/istio/istio.ts';
import type { Step } from '../../world/step.ts';
import { formatWorkload } from '../../world/workload.ts';
import { workloadsIn } from '../../world/workloads-of.ts';
import type { World } from '../../world/world.ts';
import type { Enrolled } from '../enrolled.ts';
import type { Obstacle } from '../plan.ts';
import { addStage, tryNow, writeStage, type Planning } from '../planning.ts';
import type { StageParts } from '../stage-draft.ts';
import { noPodsFail } from '../gates/any-mesh.ts';
import { isOver } from '../waves/leave.ts';
import { ambientConverged } from './ambient-gates.ts';
import { ambientStanding, DATAPLANE_MODE } from './ambient-standing.ts';

/** Plans the label of each namespace whose workloads are all behind ztunnel or stay out for certain. */
export function planAmbientNamespaces(planning: Planning, enrolled: Enrolled): void {
  for (const namespace of enrolled.namespaces) {
    const waves = enrolled.waves.get(namespace) ?? [];
    if (waves.length > 0) planNamespace(planning, namespace, waves);
  }
}

function planNamespace(planning: Planning, namespace: string, waves: readonly string[]): void {
  const parts: StageParts = {
    id: `enrol-namespace-${namespace}`,
    kind: 'enrol',
    title: `Label namespace ${namespace}`,
    why: 'What is deployed into the namespace from now on is put behind ztunnel without asking for it.',
    doesNotChange:
      'The workloads of today are behind ztunnel by the label of their own template, or say that they stay out.',
    dependsOn: waves,
    scope: { namespaces: [namespace], workloads: [] },
    exitGate: [ambientConverged()],
    abort: [noPodsFail()],
  };
  const labels = planning.world.get({ kind: KIND.namespace, name: namespace })?.metadata.labels ?? {};
  if (labels[DATAPLANE_MODE] === 'ambient') {
    addStage(planning, parts, 'done');
    return;
  }
  const trial = tryNow(planning, parts.id, [labelStep(planning.world, namespace)]);
  writeStage(planning, {
    parts: {
      ...parts,
      notes: [
        'The node agent takes pods that run as soon as the namespace says so, not only new ones: whoever is to stay out needs the label with value none on its pod template before.',
        `Undone, the label goes and the namespace stays: the pods of today keep theirs, and new workloads are no longer taken.`,
      ],
      blockedBy: [...injects(namespace, labels), ...notSettled(planning, namespace, trial.world)],
    },
    trial,
    state: 'ready',
    timeToEffect: 'seconds (pods without a label of their own are taken, or let go, at once)',
    validWhile: 'always: workloads keep the label of their own template',
    toleratesUnknown: true,
  });
}

function labelStep(world: World, namespace: string): Step {
  const target = { kind: KIND.namespace, name: namespace };
  const labels = { [DATAPLANE_MODE]: 'ambient' };
  if (world.get(target) === undefined)
    return { step: 'apply', manifest: { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace, labels } } };
  return {
    step: 'patch',
    target,
    patch: { metadata: { labels } },
    why: 'puts all pods of the namespace behind ztunnel',
  };
}

/** With both labels new pods get a sidecar, and those that run are taken by ztunnel (istioctl analyze: IST0123). */
function injects(namespace: string, labels: Readonly<Record<string, string>>): readonly Obstacle[] {
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
