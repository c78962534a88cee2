import { kindOf, type ObjectRef } from '../kubernetes/object.ts';
import type { Workload } from '../world/workload.ts';

/** The reference of the object that a workload was read from. */
export function objectRefOf({ object, namespace, name }: Workload): ObjectRef {
  return { kind: kindOf(object), namespace, name };
}
