import fc from 'fast-check';
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

test('further stages of a kind that has a number follow it closely, and the others keep theirs', () => {
  expect(numberStages(['preflight', 'preflight', 'trust', 'node-agents', 'node-agents', 'enrol', 'operate'])).toEqual([
    10, 12, 20, 40, 42, 100, 900,
  ]);
});

test('numbers rise with any order and number of stages', () => {
  const kind = fc.constantFrom<StageKind>('preflight', 'trust', 'telemetry', 'enrol', 'deny', 'operate');
  fc.assert(
    fc.property(fc.array(kind, { maxLength: 150 }), (stages) => {
      const numbers = numberStages(stages);
      for (const [index, number] of numbers.entries()) expect(number).toBeGreaterThan(numbers[index - 1] ?? 0);
      const lengths = new Set(numbers.map((number) => String(number).padStart(3, '0').length));
      expect(lengths.size).toBeLessThanOrEqual(1);
    }),
  );
});
