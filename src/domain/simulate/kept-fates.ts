import type { CallerKind } from './alike-callers.ts';
import type { Fate } from './verdict.ts';

/** What becomes of the calls of one manner to one server that callers of one kind make. */
export interface AlikeFate {
  /** Its reason names no cohorts. */
  readonly fate: Fate;
  /** Which of the caller's cohorts it tells of. */
  readonly cohort: number;
  /** Whether the fate's identity is the caller's own. */
  readonly shown: boolean;
  /** The server's cohort that it tells of; undefined where there is only one pair of cohorts. */
  readonly door: string | undefined;
}

/** Fates of a manner, by who calls; undefined where that may matter beyond the identity that is shown. */
export type AlikeFates = Map<CallerKind, AlikeFate | undefined>;
