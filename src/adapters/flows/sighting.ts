import type { SeenCall } from '../../domain/calls/call.ts';
import type { Place } from './notes.ts';

/** What a line says of the ends and the request of a call. */
export type SeenEnds = Omit<SeenCall, 'source' | 'count' | 'firstSeen' | 'lastSeen' | 'denied' | 'seesUnmeshed'>;

/** One line that tells of a call. */
export interface Sighting {
  readonly place: Place;
  readonly ends: SeenEnds;
  /** Milliseconds. */
  readonly time: number | undefined;
  /** Calls that both ends log are counted at each, and count once. */
  readonly side: 'client' | 'server';
  /** Whether it is a call of its own and not one more line on a call that was counted. */
  readonly isNew: boolean;
  readonly denied: boolean;
  readonly seesUnmeshed?: boolean;
  /** An end that only an address tells of: such ends are many, and beyond a number of them they count together. */
  readonly onlyAddress?: 'client' | 'service';
}
