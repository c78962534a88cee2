import type { CohortRow } from './cohort-row.ts';
import { isInMesh } from './cohort-row.ts';

/**
 * `enrolled`: all live pods and the next ones are in a mesh; `stale`: so are they, but the live proxies are of another
 * mesh, mode, revision or version than the next; `partial`: some live pods are in a mesh; `leaving`: live pods are, the
 * next would not be; `joining`: the next pods will be, the live ones are not; `uncaptured`: they look meshed, and the
 * proxy takes no traffic; `contested`: two meshes claim the same pods; `next-unknown`: the live pods are known to be in
 * a mesh, or in none, and of the next it is not known.
 */
export const ENROLMENT_STATES = [
  'enrolled',
  'stale',
  'partial',
  'leaving',
  'joining',
  'uncaptured',
  'contested',
  'next-unknown',
  'none',
  'unknown',
] as const;

export type EnrolmentState = (typeof ENROLMENT_STATES)[number];

/** A state with the sentence that says why. */
export interface DecidedState {
  readonly state: EnrolmentState;
  readonly reason: string;
}

type Standing = 'in' | 'out' | 'uncaptured' | 'unknown';

/**
 * Where a workload stands, from its live cohorts (none where nothing lives, or in manifests) and what its template
 * would create next. What is certain of some pods is said even where other pods are not known.
 */
export function enrolmentState(live: readonly CohortRow[], next: CohortRow): DecidedState {
  const rows = live.length === 0 ? [next] : live;
  const all = [...rows, next];
  const contested = all.find(({ claimedBy }) => claimedBy !== undefined);
  if (contested !== undefined) return decided('contested', contested.reason);
  const uncaptured = rows.find((row) => standingOf(row) === 'uncaptured');
  if (uncaptured !== undefined) return decided('uncaptured', uncaptured.reason);
  const vague = rows.find((row) => standingOf(row) === 'unknown');
  if (vague !== undefined) return decided('unknown', whyUnknown(vague, next));
  const inside = rows.filter((row) => standingOf(row) === 'in');
  if (inside.length > 0 && inside.length < rows.length) return decided('partial', podsIn(inside, rows));
  if (standingOf(next) === 'unknown') return decided('next-unknown', whyUnknown(next, next));
  return knownState(rows, next);
}

/** Every cohort's standing is known here; the live ones are all in a mesh, or all in none. */
function knownState(rows: readonly CohortRow[], next: CohortRow): DecidedState {
  const nextIn = standingOf(next) === 'in';
  if (!rows.some((row) => standingOf(row) === 'in')) return decided(nextIn ? 'joining' : 'none', next.reason);
  if (!nextIn) return decided('leaving', `the next pods: ${next.reason}`);
  const old = rows.map((row) => differenceFrom(row, next)).find((each) => each !== undefined);
  return old === undefined ? decided('enrolled', next.reason) : decided('stale', old);
}

function podsIn(inside: readonly CohortRow[], rows: readonly CohortRow[]): string {
  const count = (some: readonly CohortRow[]): string => String(some.reduce((sum, { pods }) => sum + pods, 0));
  return `${count(inside)} of ${count(rows)} live pods are in a mesh`;
}

/** A gateway or a gRPC library takes calls by itself: nothing is to be captured for it. */
function standingOf({ mode, captured }: CohortRow): Standing {
  if (mode === 'unknown') return 'unknown';
  if (!isInMesh(mode)) return 'out';
  if (mode !== 'sidecar' && mode !== 'ambient') return 'in';
  if (!captured.known) return 'unknown';
  return captured.value ? 'in' : 'uncaptured';
}

function whyUnknown(row: CohortRow, next: CohortRow): string {
  const reason = row.mode === 'unknown' || row.captured.known ? row.reason : row.captured.reason;
  return row === next ? `the next pods: ${reason}` : reason;
}

/** What a live cohort has that the next pods will have otherwise; undefined where nothing that is known differs. */
function differenceFrom(row: CohortRow, next: CohortRow): string | undefined {
  const fields = ['mesh', 'mode', 'revision', 'version'] as const;
  const field = fields.find((each) => row[each] !== undefined && next[each] !== undefined && row[each] !== next[each]);
  if (field === undefined) return undefined;
  return `live pods have ${field} ${row[field] ?? ''}, the next will have ${next[field] ?? ''}`;
}

function decided(state: EnrolmentState, reason: string): DecidedState {
  return { state, reason };
}
