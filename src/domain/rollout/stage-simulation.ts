import { compareText } from '../../lib/order.ts';
import { compareVerdicts, type Fate, type Verdict } from '../simulate/verdict.ts';
import type { StageSimulation } from './plan.ts';
import type { SomeFates } from './simulate-stage.ts';

const SHOWN = 20;

/** How all calls fare, kept as stages change some of them. */
export interface Tally {
  readonly counts: Record<Verdict, number>;
  /** The calls that are not ok. */
  readonly notOk: Map<string, Fate>;
}

/** Counts the fates of all calls. */
export function tallyOf(fates: SomeFates): Tally {
  const tally: Tally = { counts: { breaks: 0, unknown: 0, partial: 0, degraded: 0, ok: 0 }, notOk: new Map() };
  for (const [call, fate] of fates) {
    tally.counts[fate.verdict] += 1;
    if (fate.verdict !== 'ok') tally.notOk.set(call, fate);
  }
  return tally;
}

/** Takes the call's new fate into the tally, in place of the one that it had. */
export function recount(
  tally: Tally,
  call: string,
  change: { readonly before: Fate | undefined; readonly after: Fate },
): void {
  const { before, after } = change;
  if (before !== undefined) tally.counts[before.verdict] -= 1;
  tally.counts[after.verdict] += 1;
  if (after.verdict === 'ok') tally.notOk.delete(call);
  else tally.notOk.set(call, after);
}

/** The calls that a stage touches: as they end up, and at the worst moment of it. */
export interface Touched {
  readonly settled: SomeFates;
  readonly worst: SomeFates;
  /** How they fared before. */
  readonly before: (call: string) => Fate | undefined;
}

/** What a stage that touches no call is told by. */
export const UNTOUCHED: Touched = { settled: new Map(), worst: new Map(), before: () => undefined };

/** The summary of all calls after a stage, each at the worst moment of it, with what the stage opens. */
export function stageSimulation(tally: Tally, touched: Touched, opens: readonly string[]): StageSimulation {
  const counts = { ...tally.counts };
  const changed = new Map<string, Fate>();
  for (const [call, worst] of touched.worst) {
    const before = touched.before(call);
    const after = heavier(touched.settled.get(call) ?? before ?? worst, worst);
    if (before !== undefined) counts[before.verdict] -= 1;
    counts[after.verdict] += 1;
    changed.set(call, after);
  }
  const kept = [...tally.notOk].filter(([call]) => !changed.has(call));
  const notOk = [...kept, ...changed]
    .filter(([, { verdict }]) => verdict !== 'ok')
    .sort(([left, one], [right, other]) => compareVerdicts(other.verdict, one.verdict) || compareText(left, right))
    .slice(0, SHOWN)
    .map(([call, { verdict, why }]) => ({ call, verdict, why }));
  return { ...counts, opens, notOk };
}

function heavier(settled: Fate, worst: Fate): Fate {
  return compareVerdicts(worst.verdict, settled.verdict) > 0 ? worst : settled;
}
