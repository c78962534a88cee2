import { KIND } from '../../kubernetes/kinds.ts';
import { linkerd } from '../../mesh/linkerd/linkerd.ts';
import { INJECT } from '../../mesh/linkerd/names.ts';
import type { Step } from '../../world/step.ts';
import { formatWorkload } from '../../world/workload.ts';
import { workloadsIn } from '../../world/workloads-of.ts';
import type { World } from '../../world/world.ts';
import type { Enrolled } from '../enrolled.ts';
import { noPodsFail } from '../gates/any-mesh.ts';
import type { Obstacle } from '../plan.ts';
import { addStage, tryNow, writeStage, type Planning } from '../planning.ts';
import type { StageParts } from '../stage-draft.ts';
import { converged } from './gates.ts';
import { linkerdStanding } from './linkerd-standing.ts';

/** Plans the annotation of each namespace whose workloads are all enrolled or stay out for certain. */
export function planNamespaceAnnotations(planning: Planning, enrolled: Enrolled): void {
  for (const namespace of enrolled.namespaces) {
    const waves = enrolled.waves.get(namespace) ?? [];
    if (waves.length > 0) planNamespace(planning, namespace, waves);
  }
}

function planNamespace(planning: Planning, namespace: string, waves: readonly string[]): void {
  const parts: StageParts = {
    id: `enrol-namespace-${namespace}`,
    kind: 'enrol',
    title: `Annotate namespace ${namespace}`,
    why: 'What is deployed into the namespace from now on gets a proxy without asking for it.',
    doesNotChange: 'No running pod changes, and no workload of today changes its answer.',
    dependsOn: waves,
    scope: { namespaces: [namespace], workloads: [] },
    exitGate: [converged()],
    abort: [noPodsFail()],
  };
  const said = planning.world.get({ kind: KIND.namespace, name: namespace })?.metadata.annotations[INJECT];
  if (said === 'enabled' || said === 'ingress') {
    addStage(planning, parts, 'done');
    return;
  }
  const trial = tryNow(planning, parts.id, [annotate(planning.world, namespace)]);
  writeStage(planning, {
    parts: {
      ...parts,
      notes: ['Undone, the annotation goes and the namespace stays; workloads keep that of their own template.'],
      blockedBy: notSettled(planning.world, namespace, trial.world),
    },
    trial,
    state: 'ready',
    timeToEffect: 'seconds (new pods only)',
    validWhile: 'always: workloads keep the annotation of their own template',
    toleratesUnknown: true,
  });
}

function annotate(world: World, namespace: string): Step {
  const target = { kind: KIND.namespace, name: namespace };
  const annotations = { [INJECT]: 'enabled' };
  if (world.get(target) === undefined) {
    const manifest = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace, annotations } };
    return { step: 'apply', manifest };
  }
  return {
    step: 'patch',
    target,
    patch: { metadata: { annotations } },
    why: 'asks for proxies in all new pods of the namespace',
  };
}

/** Workloads to which the annotation would do something that no wave planned. */
function notSettled(before: World, namespace: string, after: World): readonly Obstacle[] {
  return workloadsIn(before, namespace).flatMap((workload): readonly Obstacle[] => {
    if (linkerdStanding(before, workload).kind === 'enrolled') return [];
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
