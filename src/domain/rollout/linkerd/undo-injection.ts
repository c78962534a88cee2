import { asObject, type JsonObject } from '../../../lib/json.ts';
import { KIND } from '../../kubernetes/kinds.ts';
import type { ObjectRef } from '../../kubernetes/object.ts';
import { INJECT } from '../../mesh/linkerd/names.ts';

/** Whether a patch asks Linkerd to inject the pods of a workload. */
export function asksForLinkerd(patch: JsonObject): boolean {
  return JSON.stringify(patch).includes(`"${INJECT}":"enabled"`);
}

/**
 * The patch that takes injection back, on top of what puts the other fields back: the annotation is set to the
 * opposite, because one that is only left out may be kept by another manager or come from the namespace.
 */
export function withoutInjection(target: ObjectRef, earlier: JsonObject): JsonObject {
  if (target.kind === KIND.namespace) return earlier;
  return withAnnotation(earlier, 'disabled');
}

function withAnnotation(fields: JsonObject, value: string): JsonObject {
  return Object.fromEntries(
    Object.entries(fields).map(([field, inner]): [string, unknown] => {
      if (field === INJECT) return [field, value];
      const map = asObject(inner);
      return [field, map === undefined ? inner : withAnnotation(map, value)];
    }),
  );
}

/** A patch that sets annotations on the pods that an object makes; null removes one. */
export function templateAnnotations(
  target: ObjectRef,
  annotations: Readonly<Record<string, string | null>>,
): JsonObject {
  const template = { metadata: { annotations } };
  return target.kind === KIND.cronJob ? { spec: { jobTemplate: { spec: { template } } } } : { spec: { template } };
}
