import { describe, expect, it } from 'vitest';
import { nextNormal, seededRandom } from '../../src/lib/seeded-random.ts';

const take = (seed: number, count: number): number[] => {
  const random = seededRandom(seed);
  return Array.from({ length: count }, random);
};
const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

describe('seededRandom', () => {
  it('gives the same stream for the same seed and another for another', () => {
    expect(take(7, 5)).toEqual(take(7, 5));
    expect(take(7, 5)).not.toEqual(take(8, 5));
  });

  it('stays within 0 and 1 and spreads evenly', () => {
    const values = take(1, 10_000);
    expect(values.every((value) => value >= 0 && value < 1)).toBe(true);
    expect(mean(values)).toBeCloseTo(0.5, 1);
  });

  it('gives normal numbers of mean 0 and variance 1', () => {
    const random = seededRandom(3);
    const values = Array.from({ length: 10_000 }, () => nextNormal(random));
    expect(mean(values)).toBeCloseTo(0, 1);
    expect(mean(values.map((value) => value * value))).toBeCloseTo(1, 1);
  });
});
