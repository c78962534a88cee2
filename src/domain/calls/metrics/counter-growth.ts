/** A counter at a moment, in seconds since 1970. */
export type CounterSample = readonly [seconds: number, value: number];

/** By how much a counter grew, and when first and last. */
export interface CounterGrowth {
  readonly count: number;
  readonly first: number;
  readonly last: number;
}

/**
 * What samples of a counter, oldest first, say of a window that began at `from`. A counter that falls began anew; one
 * whose first sample is later than `from` by a step or more was born in between and counts from zero. Undefined where
 * it did not grow.
 */
export function counterGrowth(
  samples: readonly CounterSample[],
  from: number,
  stepSeconds: number,
): CounterGrowth | undefined {
  const [first] = samples;
  if (first === undefined) return undefined;
  const isBorn = first[0] >= from + stepSeconds;
  const before: CounterSample = isBorn ? [first[0], 0] : first;
  const steps = samples.map(([seconds, value], index) => {
    const [, previous] = (index === 0 ? undefined : samples[index - 1]) ?? before;
    return { seconds, grown: value >= previous ? value - previous : value };
  });
  const moved = steps.filter(({ grown }) => grown > 0);
  const [earliest] = moved;
  const latest = moved.at(-1);
  if (earliest === undefined || latest === undefined) return undefined;
  return { count: moved.reduce((sum, { grown }) => sum + grown, 0), first: earliest.seconds, last: latest.seconds };
}
