import type { SimulatedCall } from '../domain/simulate/simulate.ts';
import type { Fate } from '../domain/simulate/verdict.ts';
import { formatRef } from '../domain/kubernetes/object.ts';

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
