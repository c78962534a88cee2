import { sortedUnique } from '../../../lib/order.ts';
import type { CallIndex } from '../call-index.ts';
import { oncePer } from '../../world/derived.ts';
import { formatWorkload, type Workload, type WorkloadRef } from '../../world/workload.ts';

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
export function clientsOf(index: CallIndex, workload: WorkloadRef): readonly string[] {
  return clientsOfNamed(index, formatWorkload(workload));
}

/** Other workloads that call the one of that formatted reference, each once. */
export const clientsOfNamed = oncePer((index: CallIndex, key: string): readonly string[] => {
  const clients = (index.byWorkload.get(key) ?? []).flatMap(({ id, from }) => {
    if (from.kind !== 'workload' || formatWorkload(from.workload) === key) return [];
    const isServer = (index.servers.get(id) ?? []).some((server) => formatWorkload(server.workload) === key);
    return isServer ? [formatWorkload(from.workload)] : [];
  });
  return sortedUnique(clients);
});
