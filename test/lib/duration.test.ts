import { describe, expect, it } from 'vitest';
import { parseDuration } from '../../src/lib/duration.ts';

describe('a length of time', () => {
  it('is read as Prometheus writes it', () => {
    expect(['7d', '36h', '1h30m', '1w', '90s', ' 2d '].map(parseDuration)).toEqual([
      604_800, 129_600, 5400, 604_800, 90, 172_800,
    ]);
  });

  it('is none where the text says nothing, no unit, a negative or units out of order', () => {
    expect(['', '7', '0d', '-1d', '5m1h', '1y', '1.5h', '9999999d'].map(parseDuration)).toEqual(
      Array.from({ length: 8 }, () => undefined),
    );
  });
});
