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

const DASHES = { solid: '', dashed: '8 4', dotted: '2 4' } as const;

/** The drawing as a Mermaid flowchart: a subgraph for each namespace, and a legend in words. */
export function renderMermaid(drawing: DrawnGraph): string {
  const idOf = plainIds(drawing.nodes);
  const groups = [...nodesByNamespace(drawing.nodes)].flatMap(([namespace, nodes], index) =>
    namespace === undefined || drawing.by === 'namespace'
      ? nodes.map((node) => `  ${nodeText(node, idOf)}`)
      : [
          `  subgraph ns${String(index)}["${mermaidText(namespace)}"]`,
          ...nodes.map((node) => `    ${nodeText(node, idOf)}`),
          '  end',
        ],
  );
  return [
    `%% ${comment(basisLine(drawing, drawing.cluster))}`,
    ...leftOutWords(drawing).map((line) => `%% ${comment(line)}`),
    'flowchart LR',
    ...groups,
    ...drawing.edges.map((edge) => `  ${edgeText(edge, idOf)}`),
    ...legend(),
    ...lineStyles([...drawing.edges.map(({ evidence }) => STROKES[evidence]), ...LEGEND.map(([stroke]) => stroke)]),
    '',
  ].join('\n');
}

function nodeText({ id, kind, label, note }: DrawnNode, idOf: (id: string) => string): string {
  const text = note === undefined ? mermaidText(label) : `${mermaidText(label)}<br>${mermaidText(note)}`;
  const [open, close] = SHAPES[kind];
  return `${idOf(id)}${open}"${text}"${close}`;
}

const SHAPES: Readonly<Record<DrawnNode['kind'], readonly [string, string]>> = {
  workload: ['[', ']'],
  service: ['[/', '/]'],
  namespace: ['[[', ']]'],
  outsider: ['([', '])'],
  external: ['{{', '}}'],
};

function edgeText(edge: DrawnEdge, idOf: (id: string) => string): string {
  return `${idOf(edge.from)} -->|"${mermaidText(`${edgeWords(edge)}, ${edge.evidence}`)}"| ${idOf(edge.to)}`;
}

function legend(): readonly string[] {
  return [
    '  subgraph legend["how to read it"]',
    `    wire["${mermaidText(WIRE_LEGEND)}"]`,
    ...LEGEND.map(([, words], index) => {
      const at = String(index);
      return `    a${at}[" "] -->|"${mermaidText(words)}"| b${at}[" "]`;
    }),
    '  end',
  ];
}

/** Edges are numbered in the order in which they are written. */
function lineStyles(strokes: readonly (keyof typeof DASHES)[]): readonly string[] {
  return strokes.flatMap((stroke, index) =>
    DASHES[stroke] === '' ? [] : [`  linkStyle ${String(index)} stroke-dasharray:${DASHES[stroke]}`],
  );
}

/**
 * Text for a quoted label. Everything that is not plain becomes a numbered entity: quotes end a label, `%%{` begins a
 * directive wherever it stands, `<` and backticks are markup.
 * Source: https://mermaid.js.org/syntax/flowchart.html (special characters that break syntax).
 */
export function mermaidText(text: string): string {
  return Array.from(escapeTerminal(text), (character) =>
    /[A-Za-z0-9 ._:/,=()-]/.test(character) ? character : `#${String(character.codePointAt(0) ?? 0)};`,
  ).join('');
}

/** A comment may hold no brace, because `{` after `%%` begins a directive. */
function comment(text: string): string {
  return escapeTerminal(text).replace(/[{}]/g, ' ');
}
