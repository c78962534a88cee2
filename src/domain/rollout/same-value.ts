import { asObject } from '../../lib/json.ts';
import { sortedUnique } from '../../lib/order.ts';

/** Whether two JSON values are equal; the order of fields does not count, that of lists does. */
export function sameValue(left: unknown, right: unknown): boolean {
  if (Array.isArray(left) || Array.isArray(right)) {
    if (!Array.isArray(left) || !Array.isArray(right) || left.length !== right.length) return false;
    return left.every((member, index) => sameValue(member, right[index]));
  }
  const [one, other] = [asObject(left), asObject(right)];
  if (one === undefined || other === undefined) return left === right;
  return sortedUnique([...Object.keys(one), ...Object.keys(other)]).every((key) => sameValue(one[key], other[key]));
}
