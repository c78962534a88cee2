/** Gives the next number of a stream in [0, 1). */
export type Random = () => number;

/**
 * A stream of numbers in [0, 1) that is the same for the same seed (an integer) on every machine. Not for secrets.
 * Source: mulberry32, Tommy Ettinger, https://gist.github.com/tommyettinger/46a874533244883189143505d203312c.
 */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

/** A standard normal number, from two of the stream (Box and Muller 1958). */
export function nextNormal(random: Random): number {
  const radius = Math.sqrt(-2 * Math.log(1 - random()));
  return radius * Math.cos(2 * Math.PI * random());
}
