import type { Call, CallGraph } from '../calls/call.ts';
import type { World } from '../world/world.ts';
import { fateOf } from './fate-of.ts';
import { openingsBetween } from './openings.ts';
import { VERDICTS, type Fate, type Verdict } from './verdict.ts';

/** A world with the name under which its column is shown. */
export interface NamedWorld {
  readonly id: string;
  readonly title: string;
  readonly world: World;
}

export interface SimulatedCall {
  readonly call: Call;
  /** One for each world, in their order. */
  readonly fates: readonly Fate[];
}

/** Every call through every world, in order. */
export interface Simulation {
  readonly worlds: readonly { readonly id: string; readonly title: string }[];
  readonly calls: readonly SimulatedCall[];
  /** Calls by verdict, for each world. */
  readonly counts: readonly Readonly<Record<Verdict, number>>[];
  /** What each world accepts that the one before it refused; empty for the first. */
  readonly opens: readonly (readonly string[])[];
}

/** Resolves each call of the graph in each world; worlds that share most objects share most of the work. */
export function simulate(graph: CallGraph, worlds: readonly NamedWorld[]): Simulation {
  const calls = graph.calls.map((call) => ({ call, fates: worlds.map(({ world }) => fateOf(call, world)) }));
  return {
    worlds: worlds.map(({ id, title }) => ({ id, title })),
    calls,
    counts: worlds.map((_, index) => countVerdicts(calls.map(({ fates }) => fates[index]))),
    opens: worlds.map(({ world }, index) => {
      const before = worlds[index - 1];
      return before === undefined ? [] : openingsBetween(before.world, world);
    }),
  };
}

/** How many fates there are of each verdict. */
export function countVerdicts(fates: readonly (Fate | undefined)[]): Record<Verdict, number> {
  const counts: Record<Verdict, number> = { breaks: 0, unknown: 0, partial: 0, degraded: 0, ok: 0 };
  for (const fate of fates) if (fate !== undefined) counts[fate.verdict] += 1;
  return counts;
}

/** Whether the call is ok in all worlds, and so not worth a line. */
export function isOkEverywhere(simulated: SimulatedCall): boolean {
  return simulated.fates.every((fate) => fate.verdict === 'ok');
}

/** Sorts by the worst verdict in the last world, then by call. */
export function compareSimulated(left: SimulatedCall, right: SimulatedCall): number {
  const rank = ({ fates }: SimulatedCall): number => VERDICTS.indexOf(fates.at(-1)?.verdict ?? 'ok');
  return rank(left) - rank(right) || (left.call.id < right.call.id ? -1 : left.call.id > right.call.id ? 1 : 0);
}
