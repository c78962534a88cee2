import type { Manifest, Step } from '../../domain/world/step.ts';
import type { RolloutPlan, Stage } from '../../domain/rollout/plan.ts';
import { groupOf, keyOf, type ObjectRef } from '../../domain/kubernetes/object.ts';
import { compareText } from '../../lib/order.ts';
import { safePathSegment } from '../escape.ts';
import { holdsOthers, shortKind } from './commands.ts';
import { appliedManifests, refOfManifest } from './manifest-files.ts';
import { isWritten } from './stage-state.ts';

export const LAYOUTS = ['kustomize', 'argocd', 'flux'] as const;

/** Who applies the stages: people with kubectl, Argo CD or Flux. */
export type Layout = (typeof LAYOUTS)[number];

/** How a bundle is laid out, and where it will lie. */
export interface BundleLayout {
  readonly layout: Layout;
  /** The folder of the bundle in its repository, without slashes at its ends. */
  readonly repoPath: string;
  /** Where Argo CD finds the repository. */
  readonly repoUrl?: string;
}

export const KUSTOMIZE: BundleLayout = { layout: 'kustomize', repoPath: 'rollout' };

/** The folder of the objects that a stage created. It is named by the id alone: numbers may move when a plan is made again, and the objects must not. */
export function homeFolder(stageId: string): string {
  return `live/${safePathSegment(stageId)}`;
}

/** The file of an object in its home: kind, group, namespace and name, no two objects alike. */
export function homeFile(ref: ObjectRef): string {
  const group = ref.kind.includes('/') ? groupOf(ref.kind) : '';
  const parts = [shortKind(ref.kind).toLowerCase(), group, ref.namespace ?? '', ref.name];
  return `${parts.map((part) => (part === '' ? '' : safePathSegment(part).replaceAll('_', '%5F'))).join('_')}.yaml`;
}

/** Whether a file of a home is one of its objects. */
export function isHomeFile(name: string): boolean {
  return /^[^_]+_[^_]*_[^_]*_[^_]+\.yaml$/.test(name);
}

/** The objects of a stage that a controller may apply and prune. What would take others with it when it goes, as a Namespace does, is applied by hand. */
export function liveManifests(steps: readonly Step[]): readonly Manifest[] {
  return appliedManifests(steps).filter((manifest) => !holdsOthers(refOfManifest(manifest)));
}

/** Every page of a plan asks where its objects are born, and a plan has thousands of both. */
const HOMES = new WeakMap<RolloutPlan, ReadonlyMap<string, Stage>>();

/** For each object that a written stage applies, the stage that creates it, by the object's key. */
export function homesOf(plan: RolloutPlan): ReadonlyMap<string, Stage> {
  const known = HOMES.get(plan) ?? findHomes(plan);
  HOMES.set(plan, known);
  return known;
}

function findHomes(plan: RolloutPlan): ReadonlyMap<string, Stage> {
  const homes = new Map<string, Stage>();
  for (const stage of plan.stages.filter(isWritten)) {
    for (const manifest of liveManifests(stage.steps)) {
      const key = keyOf(refOfManifest(manifest));
      if (!homes.has(key)) homes.set(key, stage);
    }
  }
  return homes;
}

/** The stages in whose homes lie the objects that the stage applies or deletes, in the order of the plan. */
export function homesTouched(plan: RolloutPlan, stage: Stage): readonly Stage[] {
  const homes = homesOf(plan);
  const keys = stage.steps.flatMap((step) => {
    if (step.step === 'apply') return [keyOf(refOfManifest(step.manifest))];
    return step.step === 'delete' ? [keyOf(step.target)] : [];
  });
  const touched = new Set(keys.map((key) => homes.get(key)?.id));
  return plan.stages.filter(({ id }) => touched.has(id));
}

/** The objects that are born in a stage. */
export function bornIn(plan: RolloutPlan, stage: Stage): readonly Manifest[] {
  const homes = homesOf(plan);
  return liveManifests(stage.steps).filter((manifest) => homes.get(keyOf(refOfManifest(manifest)))?.id === stage.id);
}

/** The kustomization of a home with these files; none of them builds to nothing. */
export function homeKustomization(files: readonly string[]): object {
  return {
    apiVersion: 'kustomize.config.k8s.io/v1beta1',
    kind: 'Kustomization',
    resources: [...files].sort(compareText),
  };
}
