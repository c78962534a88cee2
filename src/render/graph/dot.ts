import type { DrawnEdge } from '../../domain/inventory/call-drawing.ts';
import type { DrawnNode } from '../../domain/inventory/drawn-nodes.ts';
import { basisLine } from '../../domain/world/result-head.ts';
import { escapeTerminal } from '../escape.ts';
import {
  edgeWords,
  leftOutWords,
  LEGEND,
  nodesByNamespace,
  plainIds,
  STROKES,
  WIRE_LEGEND,
  type DrawnGraph,
} from './words.ts';

const SHAPES = {
  workload: 'box',
  service: 'parallelogram',
  namespace: 'folder',
  outsider: 'oval',
  external: 'hexagon',
} as const satisfies Record<DrawnNode['kind'], string>;

/** The drawing for Graphviz: a cluster for each namespace, and a legend in words. */
export function renderDot(drawing: DrawnGraph): string {
  const idOf = plainIds(drawing.nodes);
  const title = [basisLine(drawing, drawing.cluster), ...leftOutWords(drawing)];
  const groups = [...nodesByNamespace(drawing.nodes)].flatMap(([namespace, nodes], index) =>
    namespace === undefined || drawing.by === 'namespace'
      ? nodes.map((node) => `  ${nodeText(node, idOf)}`)
      : [
          `  subgraph cluster_${String(index)} {`,
          `    label=${dotText(namespace)}; style=rounded;`,
          ...nodes.map((node) => `    ${nodeText(node, idOf)}`),
          '  }',
        ],
  );
  return [
    'digraph calls {',
    `  rankdir=LR; fontname="sans-serif"; labelloc=t; label=${dotText(...title)};`,
    '  node [fontname="sans-serif", fontsize=11]; edge [fontname="sans-serif", fontsize=9];',
    ...groups,
    ...drawing.edges.map((edge) => `  ${edgeText(edge, idOf)}`),
    ...legend(),
    '}',
    '',
  ].join('\n');
}

function nodeText({ id, kind, label, note }: DrawnNode, idOf: (id: string) => string): string {
  const text = note === undefined ? dotText(label) : dotText(label, note);
  return `${idOf(id)} [shape=${SHAPES[kind]}, label=${text}];`;
}

function edgeText(edge: DrawnEdge, idOf: (id: string) => string): string {
  const label = dotText(edgeWords(edge), edge.evidence);
  return `${idOf(edge.from)} -> ${idOf(edge.to)} [style=${STROKES[edge.evidence]}, label=${label}];`;
}

function legend(): readonly string[] {
  return [
    '  subgraph cluster_legend {',
    `    label=${dotText('how to read it', WIRE_LEGEND)}; style=rounded; node [shape=point];`,
    ...LEGEND.map(
      ([stroke, words], index) =>
        `    a${String(index)} -> b${String(index)} [style=${stroke}, label=${dotText(words)}];`,
    ),
    '  }',
  ];
}

/**
 * Lines as one quoted string: quotes and backslashes escaped, and the ampersand too, because Graphviz reads entities
 * in labels. Source: https://graphviz.org/doc/info/lang.html and https://graphviz.org/docs/attr-types/escString/.
 */
export function dotText(...lines: readonly string[]): string {
  const escaped = lines.map((line) =>
    escapeTerminal(line)
      .replaceAll('\\', String.raw`\\`)
      .replaceAll('"', String.raw`\"`)
      .replaceAll('&', '&amp;'),
  );
  return `"${escaped.join(String.raw`\n`)}"`;
}
