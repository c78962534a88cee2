import { formatRef } from '../kubernetes/object.ts';
import type { Fact } from '../world/fact.ts';
import type { Finding, WaivedBy, Waiver } from './check.ts';

/**
 * The waiver that covers a finding, one still in force before an expired one; undefined where none does. Without a time
 * none is in force, as an end that nobody can check would never come.
 */
export function waiverOf(
  finding: Pick<Finding, 'check' | 'object'>,
  waivers: readonly Waiver[],
  asOf: Fact<string>,
): WaivedBy | undefined {
  const name = formatRef(finding.object);
  const covering = waivers
    .filter(({ check, object }) => check === finding.check && (object === undefined || object === name))
    .map((waiver) => judge(waiver, asOf));
  return covering.find(({ expired }) => !expired) ?? covering[0];
}

/** What cannot be right about waivers: unknown checks, dates that are none, no time to hold them against. */
export function waiverWarnings(
  waivers: readonly Waiver[],
  known: ReadonlySet<string>,
  asOf: Fact<string>,
): readonly string[] {
  const strange = waivers.flatMap(({ check, expires }) => [
    ...(known.has(check) ? [] : [`a waiver names ${check}, which is no check`]),
    ...(Number.isNaN(Date.parse(expires))
      ? [`the waiver of ${check} expires at "${expires}", which is no date, so it does not hold`]
      : []),
  ]);
  const timeless = waivers.length > 0 && !asOf.known ? [`${TIMELESS}, so no waiver holds`] : [];
  return [...new Set([...timeless, ...strange])];
}

const TIMELESS = 'no time given (--at)';

function judge({ reason, owner, expires }: Waiver, asOf: Fact<string>): WaivedBy {
  const end = Date.parse(expires);
  const base = { reason, owner, expires };
  if (Number.isNaN(end)) return { ...base, expired: true, warning: 'its end is no date' };
  if (!asOf.known) return { ...base, expired: true, warning: TIMELESS };
  return { ...base, expired: Date.parse(asOf.value) > end };
}
