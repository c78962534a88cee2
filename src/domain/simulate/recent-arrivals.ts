import type { Arrival, Mesh, Outbound } from '../mesh/mesh.ts';
import type { RequestFacts } from '../mesh/request.ts';

/** What arrives at a door, as far as what becomes of it depends on it. */
export interface ArrivingCall {
  /** The mesh of whoever sends. */
  readonly mesh: Mesh | undefined;
  readonly outbound: Outbound;
  readonly arrival: Arrival;
  readonly request: RequestFacts;
}

/** The last few things that arrived at a door, with what became of them. */
export interface RecentArrivals<T> {
  readonly entries: { readonly asked: ArrivingCall; readonly answer: T }[];
  /** Which entry gives way to the next one. */
  next: number;
}

/** More would cost more to look through than it spares: a client's cohorts ask one after the other. */
const KEPT = 4;

/** Nothing has arrived yet. */
export function noArrivals<T>(): RecentArrivals<T> {
  return { entries: [], next: 0 };
}

/**
 * What became of the very same not long ago, else what the function finds. Cohorts of one client mostly send the same
 * object, and all that send without an identity do.
 */
export function recallOr<T>(recent: RecentArrivals<T>, asked: ArrivingCall, find: (asked: ArrivingCall) => T): T {
  for (const { asked: kept, answer } of recent.entries) {
    if (kept.outbound === asked.outbound && kept.arrival === asked.arrival && kept.request === asked.request) {
      if (kept.mesh === asked.mesh) return answer;
    }
  }
  const answer = find(asked);
  recent.entries[recent.next] = { asked, answer };
  recent.next = (recent.next + 1) % KEPT;
  return answer;
}
