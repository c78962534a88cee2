import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  firewallPortRanges,
  goPortRanges,
  holdsPort,
  rustPortRanges,
} from '../../../../../src/domain/mesh/linkerd/opaque-ports/port-lists.ts';

const port = fc.integer({ min: 1, max: 65_535 });
const entry = fc.oneof(
  port.map(String),
  fc.tuple(port, port).map(([left, right]) => `${String(Math.min(left, right))}-${String(Math.max(left, right))}`),
);
const list = fc.array(entry, { minLength: 1, maxLength: 8 }).map((entries) => entries.join(','));
const wrong = fc.constantFrom('mysql', '2-1', '2-', '-', '65536', '1-2-3', '0x10', '1.5', '-1');

describe('lists of ports', () => {
  it('mean the same to all three readers where every entry is a number or a range', () => {
    fc.assert(
      fc.property(list, port, (text, asked) => {
        const answers = [goPortRanges, rustPortRanges, firewallPortRanges].map((read) => holdsPort(read(text), asked));
        expect(new Set(answers).size).toBe(1);
      }),
    );
  });

  it('lose the bad entry in Go, and everything in Rust', () => {
    fc.assert(
      fc.property(list, wrong, fc.boolean(), (text, bad, first) => {
        const both = first ? `${bad},${text}` : `${text},${bad}`;
        expect(goPortRanges(both)).toEqual(goPortRanges(text));
        expect(firewallPortRanges(both)).toEqual(goPortRanges(text));
        expect(rustPortRanges(both)).toEqual([]);
      }),
    );
  });

  it('never hold a port outside their bounds, whatever the text', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        for (const read of [goPortRanges, rustPortRanges, firewallPortRanges])
          for (const { first, last } of read(text)) expect(first >= 0 && first <= last && last <= 65_535).toBe(true);
      }),
    );
  });

  it.each([
    ['blanks around entries', '3306, 665', [true, true, false]],
    ['blanks around the dash', '660 - 670', [false, true, false]],
    ['port 0', '0,665', [true, false, true]],
    ['an empty entry', '3306,,665', [true, true, true]],
    ['a comma at the end', '665,', [true, true, true]],
    ['nothing', '', [false, false, false]],
  ])('differ in what they make of %s', (_what, text, expected) => {
    const readers = [goPortRanges, rustPortRanges, firewallPortRanges];
    expect(readers.map((read) => holdsPort(read(text), 665))).toEqual(expected);
  });

  it('know names in Go alone, where a name wins over the range that it looks like', () => {
    const names = new Map([['1-3', 3306]]);
    expect(goPortRanges('1-3', names)).toEqual([{ first: 3306, last: 3306 }]);
    expect(goPortRanges('1-3')).toEqual([{ first: 1, last: 3 }]);
  });
});
