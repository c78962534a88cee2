import type { SeenCall } from '../../domain/calls/call.ts';
import { compareText } from '../../lib/order.ts';

/** Rows in an order that does not depend on the server's. */
export function inOrder(rows: readonly SeenCall[]): readonly SeenCall[] {
  return rows
    .map((row) => ({ row, key: JSON.stringify(row) }))
    .sort((left, right) => compareText(left.key, right.key))
    .map(({ row }) => row);
}

/** RFC 3339 in UTC, to the second. */
export function timeOf(seconds: number): string {
  return new Date(Math.floor(seconds) * 1000).toISOString().replace(/\.\d+Z$/, 'Z');
}
