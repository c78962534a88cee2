import { compareText } from '../../../lib/order.ts';
import type { CallIndex } from '../call-index.ts';
import { formatWorkload, type Workload } from '../../world/workload.ts';

/** How much hangs on a workload: who calls it, and how often, as far as that was counted. */
export function weightOf(index: CallIndex, workload: Workload): number {
  const key = formatWorkload(workload);
  const calls = (index.byWorkload.get(key) ?? []).filter((call) =>
    (index.servers.get(call.id) ?? []).some((server) => formatWorkload(server.workload) === key),
  );
  const counted = calls.flatMap(({ evidence }) => evidence.map(({ count }) => count ?? 0));
  const traffic = counted.reduce((sum, count) => sum + count, 0);
  return calls.length + Math.log10(1 + Math.max(0, traffic));
}

/** The workloads on which least hangs first. */
export function byWeight(index: CallIndex, workloads: readonly Workload[]): readonly Workload[] {
  const weighed = workloads.map((workload) => ({ workload, weight: weightOf(index, workload) }));
  return weighed
    .sort(
      (left, right) =>
        left.weight - right.weight || compareText(formatWorkload(left.workload), formatWorkload(right.workload)),
    )
    .map(({ workload }) => workload);
}

/** The namespaces on which least hangs first. */
export function namespacesByWeight(
  index: CallIndex,
  namespaces: ReadonlyMap<string, readonly Workload[]>,
): readonly string[] {
  const weighed = [...namespaces].map(([namespace, workloads]) => ({
    namespace,
    weight: workloads.reduce((sum, workload) => sum + weightOf(index, workload), 0),
  }));
  return weighed
    .sort((left, right) => left.weight - right.weight || compareText(left.namespace, right.namespace))
    .map(({ namespace }) => namespace);
}

/** The list in pieces of at most that size. */
export function chunksOf<T>(list: readonly T[], size: number): readonly (readonly T[])[] {
  const chunks: T[][] = [];
  for (let start = 0; start < list.length; start += size) chunks.push(list.slice(start, start + size));
  return chunks;
}

/** The workloads with those that call another of them before it, as far as they do not call each other in a circle. */
export function clientsFirst(index: CallIndex, workloads: readonly Workload[]): readonly Workload[] {
  const waiting = [...workloads];
  const ordered: Workload[] = [];
  while (waiting.length > 0) {
    const names = new Set(waiting.map(formatWorkload));
    const free = waiting.findIndex((workload) => !clientsOf(index, workload).some((client) => names.has(client)));
    ordered.push(...waiting.splice(Math.max(0, free), 1));
  }
  return ordered;
}

/** Other workloads that call it, formatted. */
export function clientsOf(index: CallIndex, workload: Workload): readonly string[] {
  const key = formatWorkload(workload);
  return (index.byWorkload.get(key) ?? []).flatMap(({ id, from }) => {
    if (from.kind !== 'workload' || formatWorkload(from.workload) === key) return [];
    const isServer = (index.servers.get(id) ?? []).some((server) => formatWorkload(server.workload) === key);
    return isServer ? [formatWorkload(from.workload)] : [];
  });
}
