import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { columnsOf, ranksOf, type Arrow } from '../../../src/render/graph/ranks.ts';

const ids = ['a', 'b', 'c', 'd', 'e', 'f', 'g'];
const arrows = fc.array(fc.tuple(fc.constantFrom(...ids), fc.constantFrom(...ids)), { maxLength: 20 });

describe('ranks', () => {
  it('are the longest way from what nothing points to', () => {
    const ranks = ranksOf(
      ['a', 'b', 'c', 'd'],
      [
        ['a', 'd'],
        ['a', 'b'],
        ['b', 'c'],
        ['c', 'd'],
      ],
    );
    expect([...ranks.values()]).toEqual([0, 1, 2, 3]);
  });

  it('rise along every arrow where there is no circle', () => {
    fc.assert(
      fc.property(arrows, (found) => {
        const forward: readonly Arrow[] = found.filter(([from, to]) => from < to);
        const ranks = ranksOf(ids, forward);
        for (const [from, to] of forward) expect(ranks.get(to)).toBeGreaterThan(ranks.get(from) ?? Infinity);
      }),
    );
  });

  it('come to an end in circles, and put every id into one column', () => {
    fc.assert(
      fc.property(arrows, fc.integer({ min: 1, max: 9 }), (found, most) => {
        const columns = columnsOf(ids, found, most);
        expect(columns.flat().sort()).toEqual(ids);
        expect(columns.length).toBeLessThanOrEqual(most);
      }),
    );
  });
});
