import type { CallsFile } from '../../domain/calls/call.ts';
import { usageError } from '../../lib/errors.ts';
import { asObject, type JsonObject } from '../../lib/json.ts';
import { createNotes, type Notes, type Place } from './notes.ts';
import type { SeenEnds } from './sighting.ts';
import { createTally, type Tally } from './tally.ts';

/** What was read of a log so far. */
export interface Reading {
  readonly path: string;
  readonly tally: Tally;
  readonly notes: Notes;
  /** The JSON object of a line; undefined where it is none, which is noted. */
  readonly parse: (text: string | undefined, place: Place) => JsonObject | undefined;
  /** Lines that are of the format, whether or not they tell of a call. */
  recognised: number;
}

/** How a reading ends. */
export interface ReadingEnd {
  /** What its lines should be, with an article. */
  readonly what: string;
  /** How to get such lines. */
  readonly hint: string;
  readonly seesUnmeshed: boolean;
  readonly gaps: readonly string[];
  /** Names of ends that were learnt from other lines. */
  readonly rename?: (ends: SeenEnds) => SeenEnds;
}

/** Nothing read yet. */
export function openReading(path: string): Reading {
  const notes = createNotes();
  return {
    path,
    tally: createTally(path),
    notes,
    parse: (text, place) => parseLine(text, place, notes),
    recognised: 0,
  };
}

/**
 * The object that a line of JSON holds; undefined, and noted, where it holds none. The messages of the engine quote the
 * text, which may be anybody's secret.
 */
function parseLine(text: string | undefined, place: Place, notes: Notes): JsonObject | undefined {
  if (text === undefined) {
    notes.leftOut('longer than a record can be', place);
    return undefined;
  }
  const record = parseObject(text);
  if (record === undefined) notes.leftOut(text.includes('{{') ? 'an unrendered template' : 'not a JSON object', place);
  return record;
}

/** The JSON object that a text is; undefined for all else. */
export function parseObject(text: string): JsonObject | undefined {
  try {
    return asObject(JSON.parse(text));
  } catch {
    return undefined;
  }
}

/** What the log says of calls; a usage error where it has lines and not one of them is what was asked for. */
export function closeReading(reading: Reading, end: ReadingEnd): CallsFile {
  const { path, tally, notes } = reading;
  if (reading.recognised === 0 && notes.count() > 0)
    throw usageError('no-calls-found', `${path}: none of its lines is ${end.what}`, ...notes.sentences(), end.hint);
  const window = tally.window();
  const rows = tally.rows(end.rename);
  return {
    source: path,
    ...(window === undefined ? {} : { window }),
    seesUnmeshed: end.seesUnmeshed,
    gaps: [windowGap(window, rows.length), ...end.gaps, ...tally.gaps(), ...notes.sentences()],
    rows,
  };
}

function windowGap(window: CallsFile['window'], rows: number): string {
  if (rows === 0) return 'no call is in it';
  return window === undefined
    ? 'it does not say how long calls were watched'
    : 'the window is guessed: it is that of the first and the last call';
}
