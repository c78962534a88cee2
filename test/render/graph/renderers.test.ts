import { beforeAll, describe, expect, it } from 'vitest';

import { drawGraph } from '../../../src/app/draw-graph.ts';
import type { OpenedWorld } from '../../../src/app/open-world.ts';
import { renderDocumentMarkdown } from '../../../src/render/markdown/document.ts';
import { graphDocument } from '../../../src/render/graph/document.ts';
import { renderDot } from '../../../src/render/graph/dot.ts';
import { layoutOf, type Box } from '../../../src/render/graph/layout.ts';
import { renderMermaid } from '../../../src/render/graph/mermaid.ts';
import { renderSvg } from '../../../src/render/graph/svg.ts';
import { renderDocument } from '../../../src/render/text/document.ts';
import { openFiles } from '../../support/open-files.ts';
import { longLines } from '../text/long-lines.ts';

let demo: OpenedWorld;
beforeAll(async () => {
  demo = await openFiles({ demo: true });
});

function draw(more: Partial<Parameters<typeof drawGraph>[1]> = {}): ReturnType<typeof drawGraph> {
  return drawGraph(demo, { by: 'workload', probes: false, scope: { namespaces: [] }, ...more });
}

describe('the drawing of the demo cluster', () => {
  it('has both ends of every edge', () => {
    for (const by of ['workload', 'namespace'] as const) {
      const { nodes, edges } = draw({ by });
      const ids = nodes.map(({ id }) => id);
      expect(new Set(ids).size).toBe(ids.length);
      for (const { from, to } of edges) expect(ids).toEqual(expect.arrayContaining([from, to]));
    }
  });

  it('draws with -n the calls that begin or end there, and all of them', () => {
    const all = draw().edges;
    const inPay = all.filter(({ from, to }) => from.startsWith('shop-pay/') || to.startsWith('shop-pay/'));
    expect(draw({ scope: { namespaces: ['shop-pay'] } }).edges).toEqual(inPay);
    expect(inPay.length).toBeGreaterThan(0);
  });

  it('leaves the calls of kubelets out, says how many, and draws them when asked', () => {
    const { leftOut, edges } = draw();
    expect(leftOut.probes).toBeGreaterThan(0);
    expect(draw({ probes: true }).edges.length).toBeGreaterThan(edges.length);
    expect(draw({ probes: true }).leftOut.probes).toBe(0);
  });

  it('is the same each time, in every format', () => {
    for (const render of [renderMermaid, renderDot, renderSvg]) expect(render(draw())).toBe(render(draw()));
  });

  it('has a line for each edge and each kind of evidence in words', () => {
    const drawing = draw();
    expect(renderMermaid(drawing).match(/^ {2}n\d+ -->/gm)).toHaveLength(drawing.edges.length);
    expect(renderDot(drawing).match(/^ {2}n\d+ ->/gm)).toHaveLength(drawing.edges.length);
    expect(renderSvg(drawing).match(/<path d="M[^H"]+" fill="none"/g)).toHaveLength(drawing.edges.length);
    for (const text of [renderMermaid(drawing), renderDot(drawing), renderSvg(drawing)]) {
      for (const word of ['observed', 'declared', 'inferred', 'plaintext']) expect(text).toContain(word);
    }
  });

  it('lists in 80 columns what it draws', () => {
    expect(longLines(renderDocument(graphDocument(draw()), { colour: false, width: 80 }), 80)).toEqual([]);
    expect(renderDocumentMarkdown(graphDocument(draw()))).toContain('# Calls');
  });

  it('puts no node over another, and none outside of the picture', () => {
    for (const by of ['workload', 'namespace'] as const) {
      const { nodes, width, height } = layoutOf(draw({ by }));
      const boxes = [...nodes.values()].map(({ box }) => box);
      for (const [index, box] of boxes.entries()) {
        expect(box.x + box.width).toBeLessThanOrEqual(width);
        expect(box.y + box.height).toBeLessThanOrEqual(height);
        expect(boxes.slice(index + 1).filter((other) => overlap(box, other))).toEqual([]);
      }
    }
  });
});

function overlap(left: Box, right: Box): boolean {
  const apart = left.x + left.width <= right.x || right.x + right.width <= left.x;
  return !apart && left.y < right.y + right.height && right.y < left.y + left.height;
}
