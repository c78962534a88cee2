import { asObject, asObjects, type JsonObject } from '../../lib/json.ts';
import { KIND } from '../kubernetes/kinds.ts';
import { kindOf, type KubeObject, type ObjectRef } from '../kubernetes/object.ts';
import type { ApplyStep, Manifest, PatchStep, RestartStep, Step } from '../world/step.ts';
import type { World } from '../world/world.ts';
import { asksForLinkerd, withoutInjection } from './linkerd/undo-injection.ts';

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
    if (field === 'ports' && Array.isArray(value))
      return [field, asObjects(value).map((port) => earlierPort(before, port))];
    const mapBefore = asObject(before) ?? (SHARED_MAPS.has(field) ? {} : undefined);
    if (map !== undefined && mapBefore !== undefined) return [field, earlier(mapBefore, map)];
    return [field, before ?? null];
  });
  return Object.fromEntries(entries);
}

/** Ports of a Service merge by number and protocol: what the change did not name stays, and what it added goes by null. */
function earlierPort(before: unknown, changed: JsonObject): JsonObject {
  const keys = { port: changed['port'], protocol: changed['protocol'] ?? 'TCP' };
  const own = asObjects(before).find(
    (port) => port['port'] === keys.port && (port['protocol'] ?? 'TCP') === keys.protocol,
  );
  return { ...earlier(own ?? {}, changed), ...keys };
}

function undoPatch(world: World, step: PatchStep): PatchStep {
  const { target } = step;
  const before = earlier(world.get(target) ?? {}, step.patch);
  if (target.kind !== KIND.namespace && asksForSidecar(step.patch)) return over(before, optOut(target));
  if (target.kind !== KIND.namespace && asksForAmbient(step.patch)) return over(before, leaveAmbient(target));
  if (asksForLinkerd(step.patch)) return { ...step, patch: withoutInjection(target, before), why: WHY };
  return { step: 'patch', target, patch: before, why: WHY };
}

/** What was there before, and the word that keeps new pods out: a label that is only left out may be kept by another manager. */
function over(before: JsonObject, out: PatchStep): PatchStep {
  return { ...out, patch: overlaid(before, out.patch) };
}

function overlaid(below: JsonObject, above: JsonObject): JsonObject {
  const entries = Object.entries(above).map(([field, value]): [string, unknown] => {
    const [under, map] = [asObject(below[field]), asObject(value)];
    return [field, under === undefined || map === undefined ? value : overlaid(under, map)];
  });
  return { ...below, ...Object.fromEntries(entries) };
}

function asksForSidecar(patch: JsonObject): boolean {
  const text = JSON.stringify(patch);
  return text.includes('"sidecar.istio.io/inject":"true"') || text.includes('"istio.io/rev":"');
}

function asksForAmbient(patch: JsonObject): boolean {
  return JSON.stringify(patch).includes('"istio.io/dataplane-mode":"ambient"');
}

/** The patch that keeps new pods of the workload out of ambient mode, whatever their namespace says. */
export function leaveAmbient(target: ObjectRef): PatchStep {
  return {
    step: 'patch',
    target,
    patch: templateLabels(target, { 'istio.io/dataplane-mode': 'none' }),
    why: 'keeps new pods out of ambient mode',
  };
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
