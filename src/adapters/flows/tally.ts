import type { CallsFile, SeenCall } from '../../domain/calls/call.ts';
import { usageError } from '../../lib/errors.ts';
import { compareBy } from '../../lib/order.ts';
import type { Place } from './notes.ts';
import type { SeenEnds, Sighting } from './sighting.ts';
import { createLimits } from './tally-limits.ts';

/** Sightings counted by what they say of ends and request. */
export interface Tally {
  readonly add: (sighting: Sighting) => void;
  /** The rows, sorted by place, after each end was given the name that `rename` knows for it. */
  readonly rows: (rename?: (ends: SeenEnds) => SeenEnds) => readonly SeenCall[];
  readonly window: () => CallsFile['window'];
  /** What had to be counted together, or left out, for being too much. */
  readonly gaps: () => readonly string[];
}

interface Counted {
  readonly place: Place;
  readonly ends: SeenEnds;
  first: number | undefined;
  last: number | undefined;
  readonly count: { client: number; server: number };
  readonly denied: { client: number; server: number };
  seesUnmeshed: boolean;
}

const MOST_CALLS = 300_000;

/** Counts without end in a memory that has one: paths and addresses beyond a number of them are counted together. */
export function createTally(path: string): Tally {
  const counted = new Map<string, Counted>();
  const limits = createLimits();
  let first: number | undefined;
  let last: number | undefined;
  return {
    add(sighting) {
      const ends = limits.apply(sighting);
      if (ends === undefined) return;
      const key = keyOf(ends);
      let found = counted.get(key);
      if (found === undefined) {
        if (counted.size >= MOST_CALLS) throw tooMany(path);
        counted.set(key, (found = nothingOf(sighting.place, ends)));
      }
      count(found, sighting);
      first = least(first, sighting.time);
      last = most(last, sighting.time);
    },
    rows: (rename) => [...merged(counted, rename)].map(toRow).sort(compareBy((row) => paddedPlace(row.source))),
    window: () =>
      first === undefined || last === undefined || first === last ? undefined : { from: iso(first), to: iso(last) },
    gaps: () => limits.gaps(),
  };
}

function tooMany(path: string): Error {
  return usageError(
    'too-many-calls',
    `${path}: more than ${String(MOST_CALLS)} different calls`,
    'give the files of some namespaces at a time',
  );
}

function keyOf(ends: SeenEnds): string {
  return JSON.stringify(Object.entries(ends).sort(([left], [right]) => (left < right ? -1 : 1)));
}

function nothingOf(place: Place, ends: SeenEnds): Counted {
  const zero = { client: 0, server: 0 };
  return {
    place,
    ends,
    first: undefined,
    last: undefined,
    count: { ...zero },
    denied: { ...zero },
    seesUnmeshed: false,
  };
}

function count(found: Counted, { time, side, isNew, denied, seesUnmeshed }: Sighting): void {
  if (isNew) found.count[side] += 1;
  if (denied) found.denied[side] += 1;
  found.first = least(found.first, time);
  found.last = most(found.last, time);
  if (seesUnmeshed === true) found.seesUnmeshed = true;
}

function least(one: number | undefined, other: number | undefined): number | undefined {
  return one === undefined ? other : other === undefined ? one : Math.min(one, other);
}

function most(one: number | undefined, other: number | undefined): number | undefined {
  return one === undefined ? other : other === undefined ? one : Math.max(one, other);
}

function iso(time: number): string {
  return new Date(time).toISOString();
}

function merged(
  counted: ReadonlyMap<string, Counted>,
  rename: ((ends: SeenEnds) => SeenEnds) | undefined,
): Iterable<Counted> {
  if (rename === undefined) return counted.values();
  const result = new Map<string, Counted>();
  for (const one of counted.values()) {
    const ends = rename(one.ends);
    const key = keyOf(ends);
    const found = result.get(key);
    if (found === undefined) result.set(key, { ...one, ends, count: { ...one.count }, denied: { ...one.denied } });
    else join(found, one);
  }
  return result.values();
}

function join(found: Counted, other: Counted): void {
  for (const side of ['client', 'server'] as const) {
    found.count[side] += other.count[side];
    found.denied[side] += other.denied[side];
  }
  found.first = least(found.first, other.first);
  found.last = most(found.last, other.last);
  found.seesUnmeshed ||= other.seesUnmeshed;
}

function toRow({ place, ends, first, last, count: counts, denied, seesUnmeshed }: Counted): SeenCall {
  const refused = Math.max(denied.client, denied.server);
  return {
    source: place,
    ...ends,
    count: Math.max(counts.client, counts.server),
    ...(first === undefined ? {} : { firstSeen: iso(first) }),
    ...(last === undefined ? {} : { lastSeen: iso(last) }),
    ...(refused === 0 ? {} : { denied: refused }),
    ...(seesUnmeshed ? { seesUnmeshed } : {}),
  };
}

/** Line 9 before line 10. */
function paddedPlace(place: Place): string {
  return place.replace(/\d+$/, (digits) => digits.padStart(12, '0'));
}
