import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { displayWidth, truncate } from '../../../src/render/text/width.ts';
import { wrapLines, wrapText } from '../../../src/render/text/wrap.ts';

describe('wrapText', () => {
  it('breaks at spaces and indents further lines', () => {
    expect(wrapText('one two three four', { width: 11, indent: '- ', hanging: '  ' })).toBe(
      ['- one two', '  three', '  four'].join('\n'),
    );
  });

  it('leaves a word whole that is longer than a line, unless told to cut it', () => {
    expect(wrapLines('see https://example.com/x now', { width: 8 })).toEqual(['see', 'https://example.com/x', 'now']);
    expect(wrapLines('abcdefghij', { width: 4, breakWords: true })).toEqual(['abcd', 'efgh', 'ij']);
  });

  it('loses no letter and keeps to the width', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.integer({ min: 2, max: 20 }), (text, width) => {
        const lines = wrapLines(text, { width, breakWords: true });
        expect(lines.join('').replace(/\s/g, '')).toBe(text.replace(/\s/g, ''));
        for (const line of lines) expect(displayWidth(line)).toBeLessThanOrEqual(width);
      }),
    );
  });
});

describe('displayWidth', () => {
  it.each([
    ['orders', 6],
    ['支付', 4],
    ['e\u0301', 1],
    ['🚀', 2],
    ['ｗｉｄｅ', 8],
    ['', 0],
  ])('%s takes so many columns: %i', (text, width) => {
    expect(displayWidth(text)).toBe(width);
  });

  it('cuts double-width characters whole', () => {
    expect(truncate('支付服务', 6)).toBe('支付…');
    expect(truncate('支付', 4)).toBe('支付');
  });
});
