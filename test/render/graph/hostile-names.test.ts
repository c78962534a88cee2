import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { dotText, renderDot } from '../../../src/render/graph/dot.ts';
import { mermaidText, renderMermaid } from '../../../src/render/graph/mermaid.ts';
import { renderSvg } from '../../../src/render/graph/svg.ts';
import { drawingOf } from './drawing-of.ts';

const hostile = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.constantFrom(
    '"]; click n0 "javascript:alert(1)"',
    '%%{init: {"theme": "dark"}}%%',
    '</text><script>alert(1)</script>',
    String.raw`\"]; n0 [URL="x"]; "\N`,
    'a\n  n0 --> n1',
    '#quot;#35;',
    '`**bold**`',
    '<b>&amp;</b>',
    'end',
  ),
);

describe('names in drawings', () => {
  it('are plain letters or numbered entities in Mermaid', () => {
    fc.assert(
      fc.property(hostile, (name) => {
        expect(mermaidText(name)).toMatch(/^(?:[A-Za-z0-9 ._:/,=()-]|#\d+;)*$/);
      }),
    );
  });

  it('read back from Mermaid as they are shown elsewhere', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 30 }), (name) => {
        const back = mermaidText(name).replace(/#(\d+);/g, (_, code: string) => String.fromCodePoint(Number(code)));
        expect(back).toBe(name);
      }),
    );
  });

  it('add no line and no statement to a Mermaid chart', () => {
    const lines = renderMermaid(drawingOf('shop', 'cart')).split('\n').length;
    fc.assert(
      fc.property(hostile, hostile, (namespace, name) => {
        const chart = renderMermaid(drawingOf(namespace, name));
        expect(chart.split('\n')).toHaveLength(lines);
        expect(chart).not.toContain('%%{');
        const statements = chart.split('\n').filter((line) => !line.startsWith('%%'));
        for (const line of statements) expect((line.match(/"/g) ?? []).length % 2).toBe(0);
      }),
    );
  });

  it('stay inside one quoted string of DOT', () => {
    fc.assert(
      fc.property(hostile, (name) => {
        expect(dotText(name)).toMatch(/^"(?:[^"\\\n\r]|\\["\\])*"$/);
      }),
    );
  });

  it('add no line to a DOT graph', () => {
    const lines = renderDot(drawingOf('shop', 'cart')).split('\n').length;
    fc.assert(
      fc.property(hostile, hostile, (namespace, name) => {
        expect(renderDot(drawingOf(namespace, name)).split('\n')).toHaveLength(lines);
      }),
    );
  });

  it('add no element and no attribute to an SVG', () => {
    // A label that finds no room is left out, so that the number of texts may differ.
    const tagsOf = (svg: string): readonly string[] =>
      (svg.match(/<\/?[a-z]+/g) ?? []).filter((tag) => !/^<\/?text$/.test(tag)).sort();
    const expected = tagsOf(renderSvg(drawingOf('shop', 'cart')));
    fc.assert(
      fc.property(hostile, hostile, (namespace, name) => {
        const svg = renderSvg(drawingOf(namespace, name));
        expect(tagsOf(svg)).toEqual(expected);
        for (const tag of svg.match(/<[^>]*>/g) ?? []) expect((tag.match(/"/g) ?? []).length % 2).toBe(0);
        expect(svg).not.toMatch(/&(?!(?:amp|lt|gt|quot|#39);)/);
        expect(svg).not.toMatch(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/);
      }),
    );
  });
});
