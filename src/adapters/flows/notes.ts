import { compareText } from '../../lib/order.ts';

/** Where a line stands, as `FILE:LINE`. */
export type Place = string;

/** What was left out of a reading, by reason, with the first places of each. */
export interface Notes {
  readonly leftOut: (reason: string, place: Place) => void;
  /** How many lines were left out in all. */
  readonly count: () => number;
  /** One sentence for each reason, sorted. */
  readonly sentences: () => readonly string[];
}

const PLACES = 3;

/** Nothing left out yet. */
export function createNotes(): Notes {
  const reasons = new Map<string, { count: number; readonly places: Place[] }>();
  let count = 0;
  return {
    leftOut(reason, place) {
      count += 1;
      let found = reasons.get(reason);
      if (found === undefined) reasons.set(reason, (found = { count: 0, places: [] }));
      found.count += 1;
      if (found.places.length < PLACES) found.places.push(place);
    },
    count: () => count,
    sentences: () =>
      [...reasons]
        .sort(([left], [right]) => compareText(left, right))
        .map(([reason, found]) => {
          const lines = found.count === 1 ? '1 line' : `${String(found.count)} lines`;
          const more = found.count > found.places.length ? ', ...' : '';
          return `${lines} left out: ${reason} (${found.places.join(', ')}${more})`;
        }),
  };
}
