import { execFileSync } from 'node:child_process';

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import {
  escapeHtml,
  escapeJson,
  escapeMarkdown,
  escapeTerminal,
  markdownCode,
  safePathSegment,
  shellQuote,
} from '../../src/render/escape.ts';

const special = Array.from('|`\\\n\r\t\'"<>&*_[]()#-+.! a\u001b\u009b\u202e\u2028\u0000');

const hostile = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({ unit: 'grapheme' }),
  fc.string({ unit: fc.constantFrom(...special) }),
);

describe('escapeTerminal', () => {
  it.each([
    ['\u001b[31m', String.raw`\u{1b}[31m`],
    ['\u009b2J', String.raw`\u{9b}2J`],
    ['shop\u202egpj', String.raw`shop\u{202e}gpj`],
    ['one\ntwo\r\tthree', String.raw`one\u{a}two\u{d}\u{9}three`],
    ['\ud800', String.raw`\u{d800}`],
  ])('spells out %j', (text, expected) => {
    expect(escapeTerminal(text)).toBe(expected);
  });

  it('leaves printable text of any script alone', () => {
    expect(escapeTerminal('päyments 支付 🚀')).toBe('päyments 支付 🚀');
  });

  it('never gives out a control, bidirectional or line-breaking character', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        expect(escapeTerminal(text)).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
      }),
    );
  });
});

describe('escapeJson', () => {
  it('parses to the same value and has no character that a terminal acts on', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        const json = escapeJson(JSON.stringify({ text }));
        expect(JSON.parse(json)).toEqual({ text });
        expect(json).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
      }),
    );
  });
});

/** How many cells GitHub makes of a row: it splits at every bar that no backslash escapes. */
function cellCount(row: string): number {
  const inner = row.replace(/^\| /, '').replace(/ \|$/, '');
  return inner.replace(/\\./g, '').split('|').length;
}

describe('escapeMarkdown', () => {
  it('never breaks a table row', () => {
    fc.assert(
      fc.property(hostile, hostile, (left, right) => {
        const row = `| ${escapeMarkdown(left)} | ${escapeMarkdown(right)} |`;
        expect(row).not.toMatch(/[\n\r]/);
        expect(cellCount(row)).toBe(2);
      }),
    );
  });

  it.each([
    ['<script>', String.raw`\<script\>`],
    ['[x](y)', String.raw`\[x\](y)`],
    ['# title', String.raw`\# title`],
    ['1. one', String.raw`1\. one`],
    ['- item', String.raw`\- item`],
    ['my-app.shop', 'my-app.shop'],
  ])('shows %s as it is', (text, expected) => {
    expect(escapeMarkdown(text)).toBe(expected);
  });
});

describe('markdownCode', () => {
  it('has a fence longer than any run of backticks in it', () => {
    expect(markdownCode('a')).toBe('`a`');
    expect(markdownCode('a``b')).toBe('```a``b```');
    expect(markdownCode('`a')).toBe('`` `a ``');
    expect(markdownCode('a|b')).toBe(String.raw`\`a\|b\``.replaceAll('\\`', '`'));
  });

  it('stays on one line and closes where it ends', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        const span = markdownCode(text);
        const fence = /^`+/.exec(span)?.[0] ?? '';
        expect(span).not.toMatch(/[\n\r]/);
        expect(span.endsWith(fence)).toBe(true);
        const inner = span.slice(fence.length, -fence.length);
        expect(inner.match(/`+/g) ?? []).not.toContain(fence);
      }),
    );
  });
});

describe('escapeHtml', () => {
  it('leaves no character that opens a tag, an entity or an attribute', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        const html = escapeHtml(text);
        expect(html).not.toMatch(/[<>"']/);
        expect(html.replace(/&(?:amp|lt|gt|quot|#39);/g, '')).not.toContain('&');
      }),
    );
  });
});

describe('shellQuote', () => {
  it('leaves plain words bare and quotes the others', () => {
    expect(shellQuote('istio-system/default:15008')).toBe('istio-system/default:15008');
    expect(shellQuote('')).toBe("''");
    expect(shellQuote("it's $(rm)")).toBe(String.raw`'it'\''s $(rm)'`);
    expect(shellQuote('a\0b')).toBe("'a\uFFFDb'");
  });

  it('comes back from a shell as it went in', () => {
    const words = fc.string({ unit: 'binary' }).map((text) => text.replaceAll('\0', '').replace(/\p{Cs}/gu, ''));
    fc.assert(
      fc.property(
        fc.array(
          fc.oneof(
            words,
            hostile.map((text) => text.replaceAll('\0', '').replace(/\p{Cs}/gu, '')),
          ),
        ),
        (args) => {
          const script = `printf '%s\\0' ${args.map(shellQuote).join(' ')}`;
          const printed = execFileSync('/bin/sh', ['-c', script], { encoding: 'utf8' });
          expect(printed).toBe(args.length === 0 ? '\0' : args.map((word) => `${word}\0`).join(''));
        },
      ),
      { numRuns: 60 },
    );
  });
});

describe('safePathSegment', () => {
  it.each([
    ['payments-v1.2', 'payments-v1.2'],
    ['system:node', 'system%3Anode'],
    ['..', '%2E%2E'],
    ['.hidden', '%2Ehidden'],
    ['a/../b', 'a%2F..%2Fb'],
    ['', '%'],
    ['con', '%63on'],
    ['%', '%25'],
  ])('writes %j as %s', (text, expected) => {
    expect(safePathSegment(text)).toBe(expected);
  });

  it('gives a short plain name that names neither another folder nor a hidden file', () => {
    fc.assert(
      fc.property(fc.oneof(hostile, fc.string({ minLength: 250, maxLength: 600 })), (text) => {
        const segment = safePathSegment(text);
        expect(segment).toMatch(/^[A-Za-z0-9_%-][A-Za-z0-9._%~-]*$/);
        expect(segment.endsWith('.')).toBe(false);
        expect(segment.length).toBeLessThanOrEqual(200);
      }),
    );
  });

  it('keeps different texts apart, long ones too', () => {
    const text = fc.oneof(fc.string({ unit: 'grapheme', maxLength: 4 }), fc.constantFrom('.', '%2E', '..', '%', '%25'));
    fc.assert(
      fc.property(text, text, (left, right) => {
        fc.pre(left !== right);
        expect(safePathSegment(left)).not.toBe(safePathSegment(right));
        const long = 'x'.repeat(300);
        expect(safePathSegment(long + left)).not.toBe(safePathSegment(long + right));
      }),
    );
  });
});
