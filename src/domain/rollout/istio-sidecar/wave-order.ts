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
