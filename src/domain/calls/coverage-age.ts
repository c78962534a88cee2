import { compareBy } from '../../lib/order.ts';
import { formatWorkload, workloadRef, type Workload, type WorkloadRef } from '../world/workload.ts';
import { workloadsOf } from '../world/workloads-of.ts';
import type { World } from '../world/world.ts';
import type { Call, CallEvidence, CallGraph, ObservationWindow } from './call.ts';
import type { ServerPort } from './server-ports.ts';
import { createdAt, templateSince } from './template-age.ts';
import { isObservation, latest, windowsOf } from './sightings.ts';

/** A workload that the longest window did not see whole, or of which nobody can say whether it did. */
export interface YoungWorkload {
  readonly workload: WorkloadRef;
  /** RFC 3339: since when it is there, or has its present template; absent where that is not known. */
  readonly since?: string;
  readonly reason: string;
}

/** What was seen of a workload only before it had its present template. */
export interface StaleSighting {
  readonly workload: WorkloadRef;
  /** Container port that was called; absent where the workload is the one that calls. */
  readonly port?: number;
  /** RFC 3339, the latest sighting. */
  readonly lastSeen: string;
  /** RFC 3339, since when the workload has its present template. */
  readonly since: string;
}

/**
 * The workloads that are younger than the longest window that sees callers outside a mesh, or whose template is, and
 * those of which neither is known: their calls of that time were not made by what runs now. None where no such window
 * says when it began.
 */
export function youngWorkloads(world: World, windows: readonly ObservationWindow[]): readonly YoungWorkload[] {
  const from = beginningOf(windows);
  if (from === undefined) return [];
  return workloadsOf(world).flatMap((workload): readonly YoungWorkload[] => {
    const ref = workloadRef(workload);
    const created = createdAt(workload);
    if (created.known && Date.parse(created.value) > from) {
      return [{ workload: ref, since: created.value, reason: 'it was made after the longest window began' }];
    }
    const template = templateSince(world, workload);
    if (!template.known) return [{ workload: ref, reason: template.reason }];
    if (Date.parse(template.value) <= from) return [];
    return [{ workload: ref, since: template.value, reason: 'its template is younger than the longest window' }];
  });
}

function beginningOf(windows: readonly ObservationWindow[]): number | undefined {
  const spans = windows
    .filter(({ seesUnmeshed }) => seesUnmeshed)
    .map(({ from, to }) => ({ from: Date.parse(from ?? ''), length: Date.parse(to ?? '') - Date.parse(from ?? '') }))
    .filter(({ length }) => length >= 0)
    .sort((left, right) => right.length - left.length || left.from - right.from);
  return spans[0]?.from;
}

/** Servers by port, and clients, that nobody saw called or calling since they have their present template. */
export function staleSightings(
  world: World,
  graph: CallGraph,
  servers: readonly ServerPort[],
): readonly StaleSighting[] {
  const asServers = servers.flatMap(({ workload, port, calls }) =>
    staleAt({ world, workload, calls, windows: graph.windows }).map((stale) => ({ ...stale, port })),
  );
  const byName = new Map(workloadsOf(world).map((workload) => [formatWorkload(workload), workload]));
  const asClients = [...callsByClient(graph.calls)].flatMap(([name, calls]) => {
    const workload = byName.get(name);
    return workload === undefined ? [] : staleAt({ world, workload, calls, windows: graph.windows });
  });
  return [...asServers, ...asClients.sort(compareBy(({ workload }) => formatWorkload(workload)))];
}

function callsByClient(calls: readonly Call[]): ReadonlyMap<string, readonly Call[]> {
  const found = new Map<string, Call[]>();
  for (const call of calls) {
    if (call.from.kind !== 'workload') continue;
    const name = formatWorkload(call.from.workload);
    const own = found.get(name);
    if (own === undefined) found.set(name, [call]);
    else own.push(call);
  }
  return found;
}

interface Sighted {
  readonly world: World;
  readonly workload: Workload;
  readonly calls: readonly Call[];
  readonly windows: readonly ObservationWindow[];
}

function staleAt({ world, workload, calls, windows }: Sighted): readonly StaleSighting[] {
  const seen = calls.flatMap(({ evidence }) => evidence.filter(isObservation));
  if (seen.length === 0) return [];
  const times = seen.map((each) => lastTime(each, windows));
  const lastSeen = latest(times);
  const since = templateSince(world, workload);
  if (lastSeen === undefined || times.includes(undefined) || !since.known) return [];
  if (Date.parse(lastSeen) >= Date.parse(since.value)) return [];
  return [{ workload: workloadRef(workload), lastSeen, since: since.value }];
}

/** No sighting is later than the window that it was made in. */
function lastTime(evidence: CallEvidence, windows: readonly ObservationWindow[]): string | undefined {
  return evidence.lastSeen ?? latest(windowsOf(evidence, windows).map(({ to }) => to));
}
