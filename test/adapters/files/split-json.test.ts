import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { faultOffset } from '../../../src/adapters/files/json-fault.ts';
import { splitJson } from '../../../src/adapters/files/split-json.ts';

describe('splitJson', () => {
  it('gives the values of a text one after the other, with their lines', () => {
    expect([...splitJson('{"a":1}\n\n[2]')]).toEqual([
      { line: 1, value: { a: 1 } },
      { line: 3, value: [2] },
    ]);
  });

  it.each([
    ['{"a": hunter}', 1, 'unexpected text (column 7)'],
    ['{\n  "a": 1,\n  "b" "hunter"}', 3, 'unexpected text (column 3)'],
    ['{"a":1}\n{"b":\n "hunter" x}', 3, 'unexpected text (column 11)'],
    ['{"a": "hunter"', 1, 'it ends too soon'],
  ])('tells of %j where it ends to be JSON, and nothing of what stands there', (text, line, error) => {
    expect([...splitJson(text)].at(-1)).toEqual({ line, error });
  });

  it('finds a fault before the end exactly where the text is no JSON', () => {
    fc.assert(
      fc.property(fc.json(), (json) => {
        expect(faultOffset(json)).toBe(json.length);
        expect(faultOffset(`${json}x`)).toBeLessThanOrEqual(json.length);
        expect(faultOffset(`[${json},}`)).toBe(json.length + 2);
      }),
    );
  });
});
