import { formatRef, type ObjectRef } from '../../kubernetes/object.ts';
import type { Condition } from '../plan.ts';

/** Every controller of the wave has all pods that it asks for, of its newest template. */
export function allAvailable(objects: readonly ObjectRef[]): Condition {
  return {
    id: 'available',
    text: `All pods of ${objects.map(formatRef).join(', ')} are of the newest template and ready.`,
    state: { check: 'available', objects },
  };
}
