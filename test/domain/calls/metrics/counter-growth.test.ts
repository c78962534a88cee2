import { test } from '@fast-check/vitest';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { counterGrowth, type CounterSample } from '../../../../src/domain/calls/metrics/counter-growth.ts';

describe('the growth of a counter', () => {
  it('is nothing where it stands still from the beginning', () => {
    const samples: CounterSample[] = [
      [0, 5],
      [60, 5],
    ];
    expect(counterGrowth(samples, 0, 60)).toBeUndefined();
  });

  it('begins with the first sample of one that was born later', () => {
    const samples: CounterSample[] = [
      [600, 1],
      [660, 1],
    ];
    expect(counterGrowth(samples, 0, 60)).toEqual({ count: 1, first: 600, last: 600 });
  });

  it('goes on after a counter began anew', () => {
    const samples: CounterSample[] = [
      [0, 10],
      [60, 12],
      [120, 1],
      [180, 1],
    ];
    expect(counterGrowth(samples, 0, 60)).toEqual({ count: 3, first: 60, last: 120 });
  });

  test.prop([
    fc.array(fc.nat({ max: 20 }), { minLength: 1, maxLength: 30 }),
    fc.array(fc.boolean(), { maxLength: 30 }),
  ])('is what was counted, whatever began anew in between', (counts, restarts) => {
    let value = 0;
    let total = 0;
    const samples = counts.map((count, index): CounterSample => {
      // A counter that begins anew below its last value is the only one that can be told from the samples.
      const isAnew = restarts[index] === true && count < value;
      value = isAnew ? count : value + count;
      total += count;
      return [1000 + index * 60, value];
    });
    expect(counterGrowth(samples, 0, 60)?.count ?? 0).toBe(total);
  });
});
