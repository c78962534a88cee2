import { KIND } from '../../kubernetes/kinds.ts';
import type { ObjectMeta } from '../../kubernetes/object.ts';
import type { Step } from '../../world/step.ts';
import type { World } from '../../world/world.ts';
import type { Enrolled } from '../enrolled.ts';
import { noPodsFail } from '../gates/any-mesh.ts';
import type { Condition, Obstacle } from '../plan.ts';
import { addStage, tryNow, writeStage, type Planning } from '../planning.ts';
import type { StageParts } from '../stage-draft.ts';

/** What on a Namespace asks for the mesh, in all pods that come. */
export interface NamespaceMark {
  /** As `Label`. */
  readonly verb: string;
  /** Whether the Namespace bears it, or another one that does the same. */
  readonly isThere: (marks: Pick<ObjectMeta, 'labels' | 'annotations'>) => boolean;
  readonly metadata: Partial<Pick<ObjectMeta, 'labels' | 'annotations'>>;
  /** What it does, as `asks for sidecars in all new pods of the namespace`. */
  readonly asks: string;
  readonly why: string;
  readonly doesNotChange: string;
  readonly converged: Condition;
  readonly notes: readonly string[];
  /** What it would do in the given world, with the mark, that no wave planned. */
  readonly blockedBy: (after: World) => readonly Obstacle[];
  readonly timeToEffect: string;
  readonly validWhile: string;
}

/** Plans the mark of each namespace whose workloads are all enrolled or stay out for certain. */
export function planNamespaceMarks(
  planning: Planning,
  enrolled: Enrolled,
  markOf: (namespace: string) => NamespaceMark,
): void {
  for (const namespace of enrolled.namespaces) {
    const waves = enrolled.waves.get(namespace) ?? [];
    if (waves.length > 0) planMark(planning, markOf(namespace), { namespace, waves });
  }
}

interface Marked {
  readonly namespace: string;
  readonly waves: readonly string[];
}

function planMark(planning: Planning, mark: NamespaceMark, { namespace, waves }: Marked): void {
  const parts: StageParts = {
    id: `enrol-namespace-${namespace}`,
    kind: 'enrol',
    title: `${mark.verb} namespace ${namespace}`,
    why: mark.why,
    doesNotChange: mark.doesNotChange,
    dependsOn: waves,
    scope: { namespaces: [namespace], workloads: [] },
    exitGate: [mark.converged],
    abort: [noPodsFail()],
  };
  const { labels = {}, annotations = {} } =
    planning.world.get({ kind: KIND.namespace, name: namespace })?.metadata ?? {};
  if (mark.isThere({ labels, annotations })) {
    addStage(planning, parts, 'done');
    return;
  }
  const trial = tryNow(planning, parts.id, [markStep(planning.world, namespace, mark)]);
  writeStage(planning, {
    parts: { ...parts, notes: mark.notes, blockedBy: mark.blockedBy(trial.world) },
    trial,
    state: 'ready',
    timeToEffect: mark.timeToEffect,
    validWhile: mark.validWhile,
    toleratesUnknown: true,
  });
}

function markStep(world: World, namespace: string, { metadata, asks }: NamespaceMark): Step {
  const target = { kind: KIND.namespace, name: namespace };
  if (world.get(target) === undefined) {
    const manifest = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace, ...metadata } };
    return { step: 'apply', manifest };
  }
  return { step: 'patch', target, patch: { metadata }, why: asks };
}
