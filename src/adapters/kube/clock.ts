import { setTimeout as wait } from 'node:timers/promises';
import { cancelledError } from './api-errors.ts';

/** Time and chance as the reader needs them, so that tests can do without waiting. */
export interface Clock {
  /** Milliseconds since some fixed moment. */
  now(): number;
  /** Resolves after that many milliseconds; rejects at once when the signal says so. */
  sleep(milliseconds: number, signal: AbortSignal): Promise<void>;
  /** A number from 0 up to, but not including, 1. */
  random(): number;
}

/** The machine's own clock. */
export const systemClock: Clock = {
  now: () => performance.now(),
  sleep: async (milliseconds, signal) => {
    try {
      await wait(milliseconds, undefined, { signal });
    } catch {
      throw cancelledError();
    }
  },
  random: () => Math.random(),
};

/** Lets requests start no faster than a rate. */
export interface Pacer {
  /** Resolves when the next request may start. */
  turn(signal: AbortSignal): Promise<void>;
}

/** A pacer for `qps` requests a second that lets one second's worth start at once; 0 means no limit. */
export function createPacer(qps: number, clock: Clock): Pacer {
  if (qps <= 0) return { turn: () => Promise.resolve() };
  const interval = 1000 / qps;
  let nextAt = clock.now() - 1000;
  return {
    turn: async (signal) => {
      const now = clock.now();
      nextAt = Math.max(nextAt, now - 1000) + interval;
      if (nextAt > now) await clock.sleep(nextAt - now, signal);
    },
  };
}

const FIRST_DELAY_SECONDS = 0.5;
const LONGEST_DELAY_SECONDS = 8;
const LONGEST_RETRY_AFTER_SECONDS = 60;

/**
 * Seconds to wait before trying again: what the server asked for, else twice as long each time; with up to half as much
 * again at random, so that many clients do not come back together.
 */
export function retryDelaySeconds(
  attempt: number,
  retryAfterSeconds: number | undefined,
  random: () => number,
): number {
  const own = Math.min(FIRST_DELAY_SECONDS * 2 ** attempt, LONGEST_DELAY_SECONDS);
  const asked = Math.min(retryAfterSeconds ?? 0, LONGEST_RETRY_AFTER_SECONDS);
  return Math.max(own, asked) * (1 + random() / 2);
}
