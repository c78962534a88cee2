import type { SimulatedCall, Simulation } from '../domain/simulate/simulate.ts';
import type { Fate } from '../domain/simulate/verdict.ts';
import type { CallGraph } from '../domain/calls/call.ts';
import type { CallCoverage } from '../domain/calls/coverage.ts';
import type { ResultHead } from '../domain/world/result-head.ts';
import { formatRef } from '../domain/kubernetes/object.ts';

/** What a rendering needs of a simulation's result. */
export type SimulationView = ResultHead &
  Simulation & {
    readonly cluster: string;
    readonly followed: number;
    readonly callCoverage: CallCoverage;
    readonly unresolved: CallGraph['unresolved'];
  };

const SHOWN_UNRESOLVED = 10;

/** What could not be used to find calls: a sentence with the count, then the first few; nothing where all was used. */
export function unresolvedLines({ unresolved }: Pick<SimulationView, 'unresolved'>): readonly string[] {
  if (unresolved.length === 0) return [];
  const shown = unresolved.slice(0, SHOWN_UNRESOLVED).map(({ source, reason }) => `${source}: ${reason}`);
  const hidden = unresolved.length - shown.length;
  return [
    `Mentions of calls that were not understood in full: ${String(unresolved.length)}. These calls are unknown, or missing:`,
    ...shown,
    ...(hidden > 0 ? [`and ${String(hidden)} more (-o json lists them)`] : []),
  ];
}

/** One stretch of worlds in which a call fares alike. */
export interface Stretch {
  /** The world in which it begins. */
  readonly world: string;
  readonly fate: Fate;
}

/** The worlds at which the call's fate changes, the first one included. */
export function stretchesOf({ fates }: SimulatedCall, worlds: readonly { readonly id: string }[]): readonly Stretch[] {
  return fates.flatMap((fate, index) => {
    const before = fates[index - 1];
    const same = before?.verdict === fate.verdict && before.why === fate.why;
    return same ? [] : [{ world: worlds[index]?.id ?? '', fate }];
  });
}

/** The objects and fields that decide, each once, as people write them. */
export function decidersOf(fate: Fate): readonly string[] {
  const named = fate.decidedBy.flatMap(({ object, field, value }) => {
    if (object === undefined) return [];
    const what = field === undefined ? '' : ` ${field}${value === undefined ? '' : `=${value}`}`;
    return [`${formatRef(object)}${what}`];
  });
  return [...new Set(named)];
}

/** How much of who calls whom the answer rests on, in one sentence. */
export function evidenceSentence(counts: { readonly ports: number; readonly observedPorts: number }): string {
  return `${String(counts.observedPorts)} of ${String(counts.ports)} ports were observed; what nobody has seen is not cleared by this`;
}
