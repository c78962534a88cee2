import { KIND } from '../kubernetes/kinds.ts';
import type { Kind } from '../kubernetes/object.ts';
import type { JsonObject } from '../../lib/json.ts';
import { at } from '../../lib/json.ts';

/** The pod template (metadata and spec) that an object makes pods from; a Pod is its own; undefined without one. */
export function podTemplateOf(kind: Kind, object: JsonObject): unknown {
  if (kind === KIND.pod) return object;
  if (kind === KIND.cronJob) return at(object, 'spec', 'jobTemplate', 'spec', 'template');
  if (kind === 'PodTemplate') return at(object, 'template');
  return at(object, 'spec', 'template');
}

/** The spec of the pods that an object makes, or undefined. */
export function podSpecOf(kind: Kind, object: JsonObject): unknown {
  return at(podTemplateOf(kind, object), 'spec');
}
