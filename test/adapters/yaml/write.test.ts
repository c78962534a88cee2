import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readYaml } from '../../../src/adapters/yaml/read.ts';
import { writeYaml, writeYamlValue } from '../../../src/adapters/yaml/write.ts';

function readBack(yaml: string): unknown {
  const documents = [...readYaml(yaml)];
  expect(documents).toHaveLength(1);
  const [document] = documents;
  if (document === undefined || 'error' in document) throw new Error(JSON.stringify(document));
  return document.value;
}

const tricky = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.stringMatching(/^[-+0-9xXoObB_.eE:]{1,12}$/),
  fc.constantFrom(
    'yes',
    'N',
    'off',
    '~',
    'null',
    '',
    '<<',
    '=',
    '---',
    'a\n---\nb',
    '# a',
    'a: b',
    '- a',
    '.inf',
    '0O17',
    '1__0',
  ),
  fc.stringMatching(/^[ \t\n#:'"{}[\]&*!|>%@a-z-]{0,20}$/),
);

describe('writeYaml', () => {
  it('writes any text so that kubectl reads the same text, as value and as key', () => {
    fc.assert(
      fc.property(fc.array(tricky, { maxLength: 4 }), (texts) => {
        const manifest = {
          apiVersion: 'v1',
          kind: 'ConfigMap',
          metadata: { name: 'a' },
          data: Object.fromEntries(texts.map((text) => [text, text])),
          list: texts,
        };
        expect(readBack(writeYaml(manifest))).toEqual(manifest);
      }),
      { numRuns: 500 },
    );
  });

  it('writes only what every reader of YAML 1.1 takes for a character, and no line break but its own', () => {
    const letter = fc.constantFrom(
      '\u007f',
      '\u0080',
      '\u0085',
      '\u009f',
      '\u2028',
      '\u2029',
      '\ufeff',
      '\ufffe',
      'a',
      ' ',
      '\n',
    );
    fc.assert(
      fc.property(fc.string({ unit: letter, minLength: 1 }), (text) => {
        const value = { [text]: text, list: [text] };
        const yaml = writeYamlValue(value, text);
        expect(yaml).toMatch(/^[\t\n\r\u0020-\u007e\u00a0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd]*$/);
        expect(readBack(yaml)).toEqual(value);
      }),
    );
  });

  it('puts identity first, then fields by alphabet, and never writes an anchor', () => {
    const shared = { a: 1 };
    const manifest = {
      spec: shared,
      data: shared,
      kind: 'X',
      metadata: { namespace: 'shop', name: 'a' },
      apiVersion: 'v1',
    };
    expect(writeYaml(manifest)).toBe(
      'apiVersion: v1\nkind: X\nmetadata:\n  name: a\n  namespace: shop\ndata:\n  a: 1\nspec:\n  a: 1\n',
    );
  });

  it('keeps a comment a comment, whatever line breaks it holds', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (comment) => {
        expect(readBack(writeYamlValue({ a: 1 }, comment))).toEqual({ a: 1 });
      }),
    );
    expect(writeYamlValue({ a: 1 }, 'one\r\nkind: Secret\u2028three')).toBe('# one\n# kind: Secret\n# three\na: 1\n');
  });
});
