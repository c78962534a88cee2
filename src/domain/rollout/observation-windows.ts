import type { Call, ObservationWindow } from '../calls/call.ts';
import { isObservation, windowsOf } from '../calls/sightings.ts';
import type { RolloutInput } from './rollout-input.ts';

const DAY = 86_400_000;

/**
 * How long before the reading of the world a window may have ended. Callers come with every release, and what is not
 * released within a month is rare: an older window shows a cluster that is no more.
 */
const OLDEST_WINDOW_DAYS = 30;

/** The windows that still tell something of the world and were watched whole, and why the others do not. */
export interface JudgedWindows {
  readonly recent: readonly ObservationWindow[];
  readonly notes: readonly string[];
}

/** Sorts out the windows that ended too long before the world was read, and those in which somebody could not be seen. */
export function usableWindows({ world, graph, taken }: Pick<RolloutInput, 'world' | 'graph' | 'taken'>): JudgedWindows {
  const whole = graph.windows.filter(({ gaps = [] }) => gaps.length === 0);
  const blind = graph.windows.flatMap(({ source, gaps = [] }) => gaps.map((gap) => `${source}: ${gap}`));
  const { recent, notes } = recentWindows(whole, Date.parse((world.asOf.known ? world.asOf.value : taken) ?? ''));
  return { recent, notes: [...blind, ...notes] };
}

function recentWindows(windows: readonly ObservationWindow[], readAt: number): JudgedWindows {
  const dated = windows.filter(({ to }) => !Number.isNaN(Date.parse(to ?? '')));
  if (Number.isNaN(readAt)) {
    const notes = dated.map(
      ({ source, to }) => `${source}: the window ended ${to ?? ''}, and when the world was read is not known`,
    );
    return { recent: windows, notes };
  }
  const isStale = ({ to }: ObservationWindow): boolean => readAt - Date.parse(to ?? '') > OLDEST_WINDOW_DAYS * DAY;
  const notes = dated.filter(isStale).map(({ source, to }) => {
    const days = String(Math.floor((readAt - Date.parse(to ?? '')) / DAY));
    return `${source}: the window ended ${to ?? ''}, ${days} days before the world was read (${String(OLDEST_WINDOW_DAYS)} at most count)`;
  });
  return { recent: windows.filter((window) => !isStale(window)), notes };
}

/** How long a window is, in seconds; zero where it does not say. */
export function lengthOf({ from, to }: ObservationWindow): number {
  const length = (Date.parse(to ?? '') - Date.parse(from ?? '')) / 1000;
  return Number.isFinite(length) ? length : 0;
}

/** The windows in which callers outside a mesh were seen, by their watcher or at least by some of its sightings. */
export function seeingOutside(
  windows: readonly ObservationWindow[],
  calls: readonly Call[],
): readonly ObservationWindow[] {
  const seeing = new Set(calls.flatMap(({ evidence }) => evidence.filter(({ seesUnmeshed }) => seesUnmeshed === true)));
  return windows.filter(
    (window) => window.seesUnmeshed || [...seeing].some((evidence) => windowsOf(evidence, [window]).length > 0),
  );
}

/** Whether the call was seen in one of these windows, where callers outside a mesh would have been seen too. */
export function wasWatched(call: Call, windows: readonly ObservationWindow[]): boolean {
  return call.evidence.some(
    (evidence) =>
      evidence.kind === 'observed' &&
      isObservation(evidence) &&
      windowsOf(evidence, windows).some((window) => evidence.seesUnmeshed ?? window.seesUnmeshed),
  );
}
