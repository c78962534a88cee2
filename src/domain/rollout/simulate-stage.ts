import type { Call } from '../calls/call.ts';
import { isKnownCall } from '../calls/call.ts';
import { admitPod } from '../mesh/registry.ts';
import { fateOf } from '../simulate/fate-of.ts';
import { compareVerdicts, cutsCalls, type Fate } from '../simulate/verdict.ts';
import { applyChange } from '../world/apply.ts';
import type { Step } from '../world/step.ts';
import type { World } from '../world/world.ts';
import { inOrder, type CallIndex } from './call-index.ts';
import { touchedBy } from './touched-calls.ts';
import { tryOrder, type TriedStep } from './try-order.ts';

/** The fates of calls, by their ids. */
export type Fates = Pick<ReadonlyMap<string, Fate>, 'get'>;

/** The fates of those calls that were looked at, by their ids. */
export type SomeFates = ReadonlyMap<string, Fate>;

/** A call that a stage makes worse at some moment of it. */
export interface WorseCall {
  readonly call: Call;
  readonly before: Fate;
  readonly after: Fate;
}

/** What becomes of the calls when steps are applied. */
export interface Trial {
  readonly steps: readonly Step[];
  /** The world after all steps. */
  readonly world: World;
  /** The fates after all steps. */
  readonly fates: Fates;
  /** Of those, the calls that the steps touch. */
  readonly settled: SomeFates;
  /** The worst fate of each call that the steps touch, over all moments. */
  readonly worst: SomeFates;
  readonly worse: readonly WorseCall[];
  readonly assumptions: readonly string[];
}

/** Where a trial starts. */
export interface Start {
  readonly world: World;
  readonly fates: Fates;
  readonly index: CallIndex;
}

/** The fates of all calls in a world. */
export function fatesIn(world: World, calls: readonly Call[]): SomeFates {
  return new Map(calls.map((call) => [call.id, fateOf(call, world)]));
}

/**
 * Applies the steps one by one, and each of them alone to the starting world, and looks at every call they touch at
 * each of these moments: a stage may stop half-way, and its objects may be applied in any order. Moments at which no call
 * that is looked at differs share a world.
 */
export function trySteps(start: Start, id: string, steps: readonly Step[]): Trial {
  const settled = new Map<string, Fate>();
  const worst = new Map<string, Fate>();
  const assumptions = new Set<string>();
  let world = start.world;
  const look = (at: World, round: readonly TriedStep[], settles: boolean): void => {
    for (const call of new Set(round.flatMap(({ touched }) => touched))) {
      const fate = fateOf(call, at);
      const before = worst.get(call.id);
      if (before === undefined || isHeavier(fate, before)) worst.set(call.id, fate);
      if (settles) settled.set(call.id, fate);
    }
  };
  const touched = touchedBy(steps, start);
  const tried = steps.map((step, position) => ({ position, step, touched: touched[position] ?? [] }));
  const { rounds, alone } = tryOrder(tried);
  for (const round of rounds) {
    const applied = applyChange(world, { id, steps: round.map(({ step }) => step) }, admitPod);
    world = applied.world;
    for (const assumption of applied.assumptions) assumptions.add(assumption);
    look(world, round, true);
  }
  for (const group of alone) {
    look(applyChange(start.world, { id, steps: group.map(({ step }) => step) }, admitPod).world, group, false);
  }
  const fates: Fates = { get: (call) => settled.get(call) ?? start.fates.get(call) };
  const worse = worseCalls(start, worst);
  return { steps, world, fates, settled, worst, worse, assumptions: [...assumptions].sort() };
}

function worseCalls({ fates, index }: Start, worst: SomeFates): readonly WorseCall[] {
  const found: WorseCall[] = [];
  for (const call of inOrder(index, worst.keys())) {
    const after = worst.get(call.id);
    const before = fates.get(call.id);
    if (after !== undefined && before !== undefined && isWorse(call, before, after))
      found.push({ call, before, after });
  }
  return found;
}

/** What cuts comes first: a moment of which nothing is known must not hide one at which pods lose their call. */
function isHeavier(left: Fate, right: Fate): boolean {
  const [cuts, cutBefore] = [cutsCalls(left.verdict), cutsCalls(right.verdict)];
  if (cuts !== cutBefore) return cuts;
  const byVerdict = compareVerdicts(left.verdict, right.verdict);
  return byVerdict > 0 || (byVerdict === 0 && cuts && breaksMore(left, right));
}

/** Whether more pairs of cohorts break, or a greater part of them: a call that was cut for a few may be cut for all. */
function breaksMore({ cohorts: left }: Fate, { cohorts: right }: Fate): boolean {
  return left.broken > right.broken || left.broken * right.looked > right.broken * left.looked;
}

/** Worse: it breaks for pods for which it did not; or a known call of which nobody can say any more that it passes. */
function isWorse(call: Call, before: Fate, after: Fate): boolean {
  if (cutsCalls(after.verdict)) {
    return (
      !cutsCalls(before.verdict) || compareVerdicts(after.verdict, before.verdict) > 0 || breaksMore(after, before)
    );
  }
  return after.verdict === 'unknown' && before.verdict !== 'unknown' && !cutsCalls(before.verdict) && isKnownCall(call);
}
