import type { Evidence } from '../world/evidence.ts';

/** How a call fares, in order of weight. `partial`: it breaks for some cohorts of its ends, and not surely for all. */
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
  /** Of the worst pair of cohorts, and of those the one with the weakest. */
  readonly wire: string;
  /** Where not all pairs of cohorts have the same on the wire: what, and how many of them. */
  readonly wires?: Readonly<Record<string, number>>;
  /** The identity that the server sees; `none`, or `unknown`. */
  readonly identity: string;
  readonly authorization: string;
  readonly why: string;
  readonly decidedBy: readonly Evidence[];
  /** How many pairs of client and server cohorts were looked at, how many of them break, and of how many nobody knows. */
  readonly cohorts: { readonly looked: number; readonly broken: number; readonly unknown: number };
}

/** The verdict over all cohort pairs: it breaks only where it breaks for each of them; for some it is partial. */
export function verdictOverCohorts(verdicts: readonly Verdict[]): Verdict {
  const broken = verdicts.filter((verdict) => verdict === 'breaks').length;
  if (broken > 0) return broken < verdicts.length ? 'partial' : 'breaks';
  return verdicts.reduce<Verdict>((worst, verdict) => (compareVerdicts(verdict, worst) > 0 ? verdict : worst), 'ok');
}
