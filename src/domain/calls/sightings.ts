import { compareBy } from '../../lib/order.ts';
import type { CallEvidence, ObservationWindow } from './call.ts';

/** Whether the evidence is that somebody saw the call go through; one that was always refused shows nobody at work. */
export function isObservation({ kind, denied = 0, count = Infinity }: CallEvidence): boolean {
  return (kind === 'observed' || kind === 'exercised') && (denied === 0 || denied < count);
}

/** The windows of the watcher that the evidence comes from; none where it had none. */
export function windowsOf(
  { source }: CallEvidence,
  windows: readonly ObservationWindow[],
): readonly ObservationWindow[] {
  return windows.filter((window) => source === window.source || source.startsWith(`${window.source}:`));
}

/** Whether the sighting was made where callers outside a mesh are seen too. */
export function sawUnmeshed(evidence: CallEvidence, windows: readonly ObservationWindow[]): boolean {
  if (!isObservation(evidence)) return false;
  return evidence.seesUnmeshed ?? windowsOf(evidence, windows).some((window) => window.seesUnmeshed);
}

/** The latest of some RFC 3339 times; those that cannot be read do not count. */
export function latest(times: readonly (string | undefined)[]): string | undefined {
  const valid = times.filter((time): time is string => time !== undefined && !Number.isNaN(Date.parse(time)));
  return valid.sort(compareBy((time) => new Date(time).toISOString())).at(-1);
}
