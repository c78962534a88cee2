import { parseIp } from '../../kubernetes/cidr.ts';
import type { Visit } from './walk.ts';

const INSIDE = /(?<![\d.])\d{1,3}(?:\.\d{1,3}){3}(?![\d.])/g;

/**
 * The visitor, but addresses become hosts that nobody has: the address of somebody's database is its name. One that stands
 * by itself keeps its number throughout, so that one caller stays one caller.
 */
export function hidingAddresses(visit: Visit): Visit {
  const numbers = new Map<string, number>();
  return (text, role) => {
    if (role === 'fixed') return visit(text, role);
    if (parseIp(text) === undefined) return visit(text.replace(INSIDE, 'address'), role);
    const number = numbers.get(text) ?? numbers.size + 1;
    numbers.set(text, number);
    return `address-${String(number)}.example`;
  };
}
