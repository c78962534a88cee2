import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { capabilitiesOf } from '../../../src/domain/decide/data/capabilities.ts';
import { CRITERIA, type NeedId } from '../../../src/domain/decide/data/criteria.ts';
import { forEachOption, OPTION_IDS } from '../../../src/domain/decide/option.ts';
import { firstOf, scoredAt, utilities, type Point } from '../../../src/domain/decide/score.ts';
import { topsisFirst } from '../../../src/domain/decide/topsis.ts';

const MATRIX = capabilitiesOf('now');
const NEEDS = CRITERIA.filter((criterion) => criterion.role === 'need').map((criterion) => criterion.id as NeedId);
const unit = fc.double({ min: 0, max: 1, noNaN: true });
const points = fc.record(Object.fromEntries(CRITERIA.map(({ id }) => [id, unit]))) as unknown as fc.Arbitrary<Point>;
const nothingThere = forEachOption(() => 0);

const at = (point: Point) => utilities(scoredAt(point, MATRIX, nothingThere));

describe('the additive score', () => {
  it('never ranks the option that serves a need best lower when the need grows', () => {
    fc.assert(
      fc.property(points, fc.constantFrom(...NEEDS), unit, (point, need, other) => {
        const best = firstOf(MATRIX[need]) ?? 'none';
        const low = at({ ...point, [need]: Math.min(point[need], other) });
        const high = at({ ...point, [need]: Math.max(point[need], other) });
        for (const rival of OPTION_IDS) {
          if (low[best] > low[rival] + 1e-9) expect(high[best]).toBeGreaterThanOrEqual(high[rival] - 1e-9);
        }
      }),
    );
  });

  it('stays within 0 and 1', () => {
    fc.assert(
      fc.property(points, (point) => {
        const values = Object.values(at(point));
        expect(Math.min(...values)).toBeGreaterThanOrEqual(0);
        expect(Math.max(...values)).toBeLessThanOrEqual(1 + 1e-9);
      }),
    );
  });

  it('puts none first where nothing is needed', () => {
    const zero = Object.fromEntries(CRITERIA.map(({ id }) => [id, 0])) as Point;
    expect(firstOf(at(zero))).toBe('none');
    expect(topsisFirst(scoredAt(zero, MATRIX, nothingThere), OPTION_IDS)).toBe('none');
  });

  it('grades every option of every scored criterion within 0 and 1', () => {
    const grades = Object.values(MATRIX).flatMap((row) => Object.values(row));
    expect(grades).toHaveLength(14 * 6);
    expect(grades.every((grade) => grade >= 0 && grade <= 1)).toBe(true);
  });
});
