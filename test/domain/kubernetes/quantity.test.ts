import { fc, test as property } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { cpuMillicores, memoryBytes, parseQuantity } from '../../../src/domain/kubernetes/quantity.ts';

describe('parseQuantity', () => {
  it.each([
    ['100m', 0.1],
    ['1', 1],
    [2, 2],
    [0.5, 0.5],
    ['1.5', 1.5],
    ['.5', 0.5],
    ['1.', 1],
    ['1e3', 1000],
    ['1E3', 1000],
    ['1E', 1e18],
    ['1k', 1000],
    ['1Gi', 1_073_741_824],
    ['1.5Gi', 1_610_612_736],
    ['-1Ki', -1024],
    ['250n', 2.5e-7],
    ['1e-3', 0.001],
  ])('reads %j as %d', (raw, expected) => {
    expect(parseQuantity(raw)).toBe(expected);
  });

  it.each(['', 'm', '1K', '1ki', '1 Gi', '1GiB', '1mi', 'one', '1e', '0x10', '1e999', NaN, Infinity, null, {}, true])(
    'refuses %j',
    (raw) => {
      expect(parseQuantity(raw)).toBeUndefined();
    },
  );
});

describe('cpuMillicores and memoryBytes', () => {
  it.each([
    ['1.1', 1100],
    ['100m', 100],
    ['1', 1000],
    ['1u', 1],
    ['0', 0],
    ['2.0005', 2001],
  ])('gives %s of CPU as %d millicores, rounded up', (raw, expected) => {
    expect(cpuMillicores(raw)).toBe(expected);
  });

  it('rounds part of a byte up', () => {
    expect(memoryBytes('128Mi')).toBe(134_217_728);
    expect(memoryBytes('1500m')).toBe(2);
    expect(memoryBytes('lots')).toBeUndefined();
  });

  property.prop([fc.integer({ min: 0, max: 1_000_000 })])('agrees however the same CPU is written', (millicores) => {
    const cores = (millicores / 1000).toFixed(3);
    expect(cpuMillicores(`${String(millicores)}m`)).toBe(millicores);
    expect(cpuMillicores(cores)).toBe(millicores);
  });
});
