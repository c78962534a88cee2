import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseYaml, readYaml } from '../../../src/adapters/yaml/read.ts';

const REFUSED = Symbol('refused');

/** Plain scalars with what kubectl 1.32 makes of each: `kubectl label --local -f FILE a=b -o json`. */
const SCALARS: readonly (readonly [string, unknown])[] = [
  ['y', true],
  ['N', false],
  ['on', true],
  ['Off', false],
  ['yes', true],
  ['TRUE', true],
  ['tRUE', 'tRUE'],
  ['~', null],
  ['Null', null],
  ['', null],
  ['0755', 493],
  ['0o17', 15],
  ['0O17', 15],
  ['0x1F', 31],
  ['0b11', 3],
  ['-0b11', -3],
  ['1_000', 1000],
  ['12:30:45', '12:30:45'],
  ['2001-01-01', '2001-01-01'],
  ['2001-01-01T00:00:00Z', '2001-01-01T00:00:00Z'],
  ['1e3', 1000],
  ['.5', 0.5],
  ['+1', 1],
  ['-0', 0],
  ['.inf', REFUSED],
  ['.nan', REFUSED],
  ['-.nan', '-.nan'],
  ['08', 8],
  ['0o8', '0o8'],
  ['1__0', 10],
  ['_1', '_1'],
  ['1.', 1],
  ['1e', '1e'],
  ['1_000.5', 1000.5],
  ['1e999', '1e999'],
  ['=', '='],
  ['<<', '\u003c\u003c'],
  ['0x', '0x'],
  ['18446744073709551616', 18446744073709552000],
  ['!!str 12', '12'],
  ['!!int "3"', 3],
  ['!!binary aGk=', 'hi'],
  ['!foo bar', 'bar'],
  ['100m', '100m'],
  ['1.2.3', '1.2.3'],
];

function only(text: string): unknown {
  const [document] = [...readYaml(text)];
  return document !== undefined && 'error' in document ? REFUSED : document?.value;
}

describe('readYaml', () => {
  it.each(SCALARS)('reads the scalar %j as kubectl does', (scalar, expected) => {
    expect(only(`a: ${scalar}\n`)).toEqual(expected === REFUSED ? REFUSED : { a: expected });
  });

  it.each([
    ['x: &b {p: 1, q: 2}\nz:\n  <<: *b\n  q: 3\n', { x: { p: 1, q: 2 }, z: { p: 1, q: 3 } }],
    // kubectl merges where the key stands, so a merge after a key wins over it.
    ['x: &b {p: 1, q: 2}\nz:\n  q: 4\n  <<: [*b, {r: 5}]\n', { x: { p: 1, q: 2 }, z: { p: 1, q: 2, r: 5 } }],
    ['a: 1\na: 2\n', { a: 2 }],
    ['y: b\n1.5: c\n', { true: 'b', '1.5': 'c' }],
    ['x: !!set {a, b}\n', { x: { a: null, b: null } }],
    ['x:\n    k: "abc\ndef\n ghi"\n', { x: { k: 'abc def ghi' } }],
    ["x:\n    k: 'abc\ndef: 1\n ghi'\nz: 3\n", { x: { k: 'abc def: 1 ghi' }, z: 3 }],
    ['a: 1\n...\nb: 2\n', { a: 1 }],
    ['\ufeffa: 1\r\nb: 2\r\n', { a: 1, b: 2 }],
  ])('reads %j as kubectl does', (text, expected) => {
    expect(only(text)).toEqual(expected);
  });

  it.each([
    'null: c',
    '[a, b]: c',
    '{a: b}: c',
    'x: {{ .Values.a }}',
    'x: &a [*a]',
    'x: *none',
    'x: @a',
    '%YAML 1.1',
    'x: a: b',
  ])('refuses %j as kubectl does', (text) => {
    expect(only(`${text}\n`)).toBe(REFUSED);
  });

  it.each([
    'a: *hunter',
    'a: !<hunter^> b',
    'a: !h!hunter b',
    'a: "hunter',
    '--- hunter: {',
    'hunter: a\nb',
    '---hunter',
  ])('quotes nothing of %j in its error', (text) => {
    const documents = [...readYaml(`${text}\n`)];
    const errors = documents.flatMap((document) => ('error' in document ? [document.error.message] : []));
    expect(errors.length).toBeGreaterThan(0);
    expect(errors.join(' ')).not.toMatch(/hunter|["<]/);
    expect(errors.join(' ')).toMatch(/^\w+ \w+/);
  });

  it('warns of a key that occurs twice, but not of one that overrides a merged one', () => {
    const warnings = (text: string): unknown => [...readYaml(text)].map((one) => ('error' in one ? one : one.warnings));
    expect(warnings('a: 1\na: 2\n')).toEqual([['key "a" occurs twice; the last one is used']]);
    expect(warnings('b: &b {p: 1}\nc: {p: 2}\n')).toEqual([[]]);
  });

  it('refuses a bomb of aliases at once, and reads a document that uses an anchor often', () => {
    const levels = Array.from(
      { length: 40 },
      (_, n) => `l${String(n + 1)}: &l${String(n + 1)} [${`*l${String(n)},`.repeat(9)}]`,
    );
    expect(only(`l0: &l0 [1,1,1]\n${levels.join('\n')}\n`)).toBe(REFUSED);
    const often = Array.from({ length: 300 }, (_, n) => `k${String(n)}: *a`);
    expect(only(`a: &a {p: 1, q: 2}\n${often.join('\n')}\n`)).toMatchObject({ k299: { p: 1 } });
  });

  it('numbers lines in the whole file, over documents, comments and errors', () => {
    const file = '# top\n---\n\na: 1\n--- # two\nb: [\n---\nc: {{ x }}\n--- {d: 1}\n---\ne: 1\n';
    const lines = [...readYaml(file)].map((one) => ('error' in one ? [one.error.line, one.error.template] : one.line));
    expect(lines).toEqual([4, [7, false], [8, true], [9, false], 11]);
  });

  it('never loses or invents a document, whatever else is in the file', () => {
    fc.assert(
      fc.property(fc.array(fc.stringMatching(/^[a-z: \n'"{}[\]|>-]{0,30}$/), { maxLength: 5 }), (parts) => {
        const file = parts.map((part) => `${part}\n---\n`).join('');
        expect(() => [...readYaml(`${file}last: 1\n`)]).not.toThrow();
        expect([...readYaml(`${file}last: 1\n`)].at(-1)).toMatchObject({ value: { last: 1 } });
      }),
    );
  });
});

describe('parseYaml', () => {
  it('reads JSON too, and throws with the reason', () => {
    expect(parseYaml('{"a": "on"}')).toEqual({ a: 'on' });
    expect(() => parseYaml('a: [')).toThrow();
  });
});
