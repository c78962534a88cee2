import { expect, test } from 'vitest';
import { numberStages } from '../../../src/domain/rollout/numbering.ts';
import type { StageKind } from '../../../src/domain/rollout/plan.ts';

function kinds(between: number): StageKind[] {
  return ['preflight', 'control-plane', ...Array.from({ length: between }, (): StageKind => 'enrol'), 'operate'];
}

test('a plan that fits is numbered in three digits, with operate at 900', () => {
  expect(numberStages(kinds(2))).toEqual([10, 30, 100, 110, 900]);
});

test.each([80, 81, 400, 5000])('numbers of %i stages between have one length and rise', (between) => {
  const numbers = numberStages(kinds(between));
  expect(numbers).toEqual([...numbers].sort((left, right) => left - right));
  expect(new Set(numbers).size).toBe(numbers.length);
  const lengths = new Set(numbers.map((number) => String(number).padStart(3, '0').length));
  expect(lengths.size).toBe(1);
});
