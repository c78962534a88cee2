import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { pointAt, routerAround, type Port } from '../../../src/render/graph/routes.ts';

const LEFT = { x: 0, y: 100, width: 80, height: 36 };
const MIDDLE = { x: 220, y: 100, width: 80, height: 36 };
const RIGHT = { x: 440, y: 100, width: 80, height: 36 };
const start: Port = { x: 80, y: 118, towards: 1 };
const end: Port = { x: 440, y: 118, towards: -1 };

function heights(path: readonly { readonly x: number; readonly y: number }[], box: typeof MIDDLE): readonly number[] {
  const points = Array.from({ length: 201 }, (_, step) => pointAt(path, step / 200));
  return points.filter(({ x }) => x > box.x && x < box.x + box.width).map(({ y }) => y);
}

describe('the ways of lines in a drawing', () => {
  it('are straight where no node is between', () => {
    expect(routerAround([LEFT, RIGHT], 1)(start, end)).toHaveLength(4);
  });

  it('lead around a node, and not twice along one lane', () => {
    const route = routerAround([LEFT, MIDDLE, RIGHT], 2);
    const [first, second] = [heights(route(start, end), MIDDLE), heights(route(start, end), MIDDLE)];
    for (const y of [...first, ...second]) expect(y < MIDDLE.y || y > MIDDLE.y + MIDDLE.height).toBe(true);
    expect(first.some((y) => second.includes(y))).toBe(false);
  });

  it('begin and end where they should, whatever stands between', () => {
    const box = fc.record({
      x: fc.integer({ min: 0, max: 500 }),
      y: fc.integer({ min: 0, max: 300 }),
      width: fc.constant(60),
      height: fc.constant(36),
    });
    fc.assert(
      fc.property(fc.array(box, { maxLength: 8 }), (boxes) => {
        const path = routerAround(boxes, 1)(start, end);
        expect(pointAt(path, 0)).toEqual({ x: start.x, y: start.y });
        expect(pointAt(path, 1)).toEqual({ x: end.x, y: end.y });
      }),
      { numRuns: 50 },
    );
  });
});
