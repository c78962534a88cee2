import type { KubeObject, ObjectRef } from '../kubernetes/object.ts';
import { KIND } from '../kubernetes/kinds.ts';
import type { Evidence } from '../world/evidence.ts';
import type { World } from '../world/world.ts';

/**
 * Evidence from a world ahead, put so that nobody takes it for read: where the object is not in the world itself, or is
 * another there, the reference is dropped and the rule begins with what is assumed, as `what if: STRICT in shop-web`.
 */
export function markPlanned(evidence: Evidence, world: World, ahead: World): Evidence {
  const { object } = evidence;
  if (object === undefined || !isPlanned(object, world, ahead)) return evidence;
  const { value, rule, source } = evidence;
  const what = value ?? `${object.kind} ${object.name}`;
  const where = object.kind === KIND.namespace ? object.name : object.namespace;
  return {
    rule: `what if: ${what}${where === undefined ? '' : ` in ${where}`}: ${rule}`,
    ...(source === undefined ? {} : { source }),
  };
}

function isPlanned(ref: ObjectRef, world: World, ahead: World): boolean {
  const planned = ahead.get(ref);
  if (planned === undefined) return false;
  const read = world.get(ref);
  return read === undefined || contentOf(read) !== contentOf(planned);
}

function contentOf({ spec, metadata, data, decoded }: KubeObject): string {
  return JSON.stringify([spec, metadata.labels, metadata.annotations, data, decoded]);
}
