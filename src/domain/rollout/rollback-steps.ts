import { asObject, type JsonObject } from '../../lib/json.ts';
import { KIND } from '../kubernetes/kinds.ts';
import { kindOf, type KubeObject, type ObjectRef } from '../kubernetes/object.ts';
import type { ApplyStep, Manifest, PatchStep, RestartStep, Step } from '../world/step.ts';
import type { World } from '../world/world.ts';

const WHY = 'puts back what the stage changed';

/**
 * The steps that undo others, last first: what was created is deleted, what was changed gets its earlier fields. A
 * sidecar is taken away by an explicit label, because a label that is only left out may be kept by another manager.
 * A namespace is never deleted, even where nobody read it and the stage's manifest seems to make it: its label is taken
 * away, by null. Not `istio-injection: disabled`, which would keep sidecars from the next pods of workloads that ask for
 * one by their own label. What commands outside the manifests made stays.
 */
export function rollbackSteps(world: World, steps: readonly Step[]): readonly Step[] {
  const restarts = new Map(
    steps.flatMap((step): [string, RestartStep][] => (step.step === 'restart' ? [[keyOf(step.workload), step]] : [])),
  );
  const patched = new Set(steps.flatMap((step) => (step.step === 'patch' ? [keyOf(step.target)] : [])));
  return [...steps].reverse().flatMap((step): readonly Step[] => {
    switch (step.step) {
      case 'apply':
        return undoApply(world, step);
      case 'patch': {
        const restart = restarts.get(keyOf(step.target));
        return [undoPatch(world, step), ...(restart === undefined ? [] : [restart])];
      }
      case 'restart':
        return patched.has(keyOf(step.workload)) ? [] : [optOut(step.workload), step];
      case 'delete':
      case 'external':
        return [];
    }
  });
}

function keyOf(ref: ObjectRef): string {
  return `${ref.kind}|${ref.namespace ?? ''}|${ref.name}`;
}

function undoApply(world: World, { manifest }: ApplyStep): readonly Step[] {
  const target = refOfManifest(manifest);
  const existing = world.get(target);
  if (existing === undefined && target.kind !== KIND.namespace) return [{ step: 'delete', target }];
  const { apiVersion: _version, kind: _kind, metadata, ...fields } = manifest;
  const changed = { metadata: labelsAndAnnotations(metadata), ...fields };
  return [{ step: 'patch', target, patch: earlier(existing ?? {}, changed), why: WHY }];
}

/** The reference of the object that a manifest makes. */
export function refOfManifest(manifest: Manifest): ObjectRef {
  const { name, namespace } = manifest.metadata;
  return { kind: kindOf(manifest), ...(namespace === undefined ? {} : { namespace }), name };
}

function labelsAndAnnotations({ labels, annotations }: Manifest['metadata']): JsonObject {
  return { ...(labels === undefined ? {} : { labels }), ...(annotations === undefined ? {} : { annotations }) };
}

const SHARED_MAPS: ReadonlySet<string> = new Set(['metadata', 'labels', 'annotations']);

/**
 * What the object holds in the places that the change names; null where it holds nothing. Labels and annotations go one
 * by one, because others put theirs beside ours.
 */
function earlier(current: JsonObject | KubeObject, changed: JsonObject): JsonObject {
  const entries = Object.entries(changed).map(([field, value]): [string, unknown] => {
    const before = (current as JsonObject)[field];
    const map = asObject(value);
    const mapBefore = asObject(before) ?? (SHARED_MAPS.has(field) ? {} : undefined);
    if (map !== undefined && mapBefore !== undefined) return [field, earlier(mapBefore, map)];
    return [field, before ?? null];
  });
  return Object.fromEntries(entries);
}

function undoPatch(world: World, step: PatchStep): PatchStep {
  const existing = world.get(step.target);
  if (step.target.kind !== KIND.namespace && asksForSidecar(step.patch)) return optOut(step.target);
  return { step: 'patch', target: step.target, patch: earlier(existing ?? {}, step.patch), why: WHY };
}

function asksForSidecar(patch: JsonObject): boolean {
  const text = JSON.stringify(patch);
  return text.includes('"sidecar.istio.io/inject":"true"') || text.includes('"istio.io/rev":"');
}

/** The patch that keeps new pods of the workload out of the mesh. */
export function optOut(target: ObjectRef): PatchStep {
  return {
    step: 'patch',
    target,
    patch: templateLabels(target, { 'sidecar.istio.io/inject': 'false' }),
    why: 'keeps new pods out of the mesh',
  };
}

/** A patch that sets labels on the pods that an object makes; null removes one. */
export function templateLabels(
  target: ObjectRef,
  labels: Readonly<Record<string, string | null>>,
): Readonly<Record<string, unknown>> {
  const template = { metadata: { labels } };
  return target.kind === KIND.cronJob ? { spec: { jobTemplate: { spec: { template } } } } : { spec: { template } };
}
