import type { Evidence } from '../world/evidence.ts';

/** How a call fares, in order of weight. `partial`: it breaks for some cohorts of its ends and not for others. */
export type Verdict = 'breaks' | 'unknown' | 'partial' | 'degraded' | 'ok';

const WEIGHT = { breaks: 4, unknown: 3, partial: 2, degraded: 1, ok: 0 } as const satisfies Record<Verdict, number>;

/** The verdicts by weight, heaviest first. */
export const VERDICTS = ['breaks', 'unknown', 'partial', 'degraded', 'ok'] as const satisfies readonly Verdict[];

/** Above zero where the left verdict weighs more. */
export function compareVerdicts(left: Verdict, right: Verdict): number {
  return WEIGHT[left] - WEIGHT[right];
}

/** Whether pods that worked would stop working: a call that breaks for some cohorts breaks. */
export function cutsCalls(verdict: Verdict): boolean {
  return verdict === 'breaks' || verdict === 'partial';
}

/** What becomes of a call in one world. Wire, identity and authorization are three answers, kept apart. */
export interface Fate {
  readonly verdict: Verdict;
  readonly wire: string;
  /** The identity that the server sees; `none`, or `unknown`. */
  readonly identity: string;
  readonly authorization: string;
  readonly why: string;
  readonly decidedBy: readonly Evidence[];
  /** How many pairs of client and server cohorts were looked at, and how many of them break. */
  readonly cohorts: { readonly looked: number; readonly broken: number };
}

/** The verdict over all cohort pairs: broken for all that are known to be otherwise, or only for some. */
export function verdictOverCohorts(verdicts: readonly Verdict[]): Verdict {
  const broken = verdicts.filter((verdict) => verdict === 'breaks').length;
  const passing = verdicts.filter((verdict) => verdict === 'ok' || verdict === 'degraded').length;
  if (broken > 0) return passing > 0 ? 'partial' : 'breaks';
  return verdicts.reduce<Verdict>((worst, verdict) => (compareVerdicts(verdict, worst) > 0 ? verdict : worst), 'ok');
}
