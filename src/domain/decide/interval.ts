/** What is known of a number: it lies between `low` and `high`, both included; a point where they are equal. */
export interface Interval {
  readonly low: number;
  readonly high: number;
}

/** Nothing is known of a value on the scale from 0 to 1. */
export const ANYTHING: Interval = { low: 0, high: 1 };

/** A known value. */
export function point(value: number): Interval {
  return { low: value, high: value };
}

/** From 0 for a point to 1 for nothing known. */
export function widthOf(interval: Interval): number {
  return interval.high - interval.low;
}

/** The middle, used where one number must stand for the range. */
export function middleOf(interval: Interval): number {
  return (interval.low + interval.high) / 2;
}

/** The value within 0 and 1. */
export function clamp01(value: number): number {
  return Math.min(1, Math.max(0, value));
}
