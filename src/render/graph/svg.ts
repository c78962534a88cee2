import type { DrawnNode } from '../../domain/inventory/drawn-nodes.ts';
import { basisLine } from '../../domain/world/result-head.ts';
import { escapeHtml } from '../escape.ts';
import { curvesOf, type Curve } from './curves.ts';
import { layoutOf, type Layout, type PlacedNode } from './layout.ts';
import { edgeSentence, edgeWords, leftOutWords, LEGEND, STROKES, WIRE_LEGEND, type DrawnGraph } from './words.ts';

const DASHES = { solid: '', dashed: ' stroke-dasharray="8 4"', dotted: ' stroke-dasharray="2 4"' } as const;
const HEAD_HEIGHT = 64;
const LEGEND_HEIGHT = 110;
const LEAST_WIDTH = 560;

/** The shapes differ as well as the colours, and each node says in words what it is. */
const CORNERS = { workload: 4, service: 0, namespace: 4, outsider: 18, external: 18 } as const;
const FILLS = {
  workload: '#ffffff',
  service: '#fff7e0',
  namespace: '#ffffff',
  outsider: '#eceff3',
  external: '#eef6ee',
} as const satisfies Record<DrawnNode['kind'], string>;

/** The drawing as one SVG file that needs nothing else: frames for namespaces, curves for calls, a legend below. */
export function renderSvg(drawing: DrawnGraph): string {
  const layout = layoutOf(drawing);
  const curves = curvesOf(drawing.edges, layout);
  const width = Math.max(layout.width, LEAST_WIDTH);
  const height = layout.height + HEAD_HEIGHT + LEGEND_HEIGHT;
  const names = new Map([...layout.nodes].map(([id, { node }]) => [id, fullName(node)]));
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${String(width)}" height="${String(height)}" viewBox="0 0 ${String(width)} ${String(height)}" font-family="system-ui, sans-serif" font-size="11">`,
    `<title>${escapeHtml(basisLine(drawing, drawing.cluster))}</title>`,
    '<defs><marker id="tip" viewBox="0 0 8 8" refX="7.5" refY="4" markerWidth="7" markerHeight="7" orient="auto"><path d="M0 0L8 4L0 8z" fill="#4a5568"/></marker></defs>',
    `<rect width="100%" height="100%" fill="#ffffff"/>`,
    ...heading(drawing),
    `<g transform="translate(0 ${String(HEAD_HEIGHT)})">`,
    ...layout.frames.map(frameText),
    ...curves.map((curve) => curveText(curve, names)),
    ...layout.frames.map(titleText),
    ...[...layout.nodes.values()].map(nodeText),
    ...curves.flatMap(labelText),
    '</g>',
    ...legend(layout),
    '</svg>',
    '',
  ].join('\n');
}

function heading(drawing: DrawnGraph): readonly string[] {
  return [
    `<text x="26" y="26" font-size="15" font-weight="600">${escapeHtml(basisLine(drawing, drawing.cluster))}</text>`,
    `<text x="26" y="46" fill="#4a5568">${escapeHtml(leftOutWords(drawing).join('; '))}</text>`,
  ];
}

function frameText({ box }: Layout['frames'][number]): string {
  const { x, y, width, height } = box;
  return `<rect x="${String(x)}" y="${String(y)}" width="${String(width)}" height="${String(height)}" rx="8" fill="#f6f8fb" stroke="#c3ccd8"/>`;
}

/** Over the curves, which pass behind it. */
function titleText({ label, box: { x, y } }: Layout['frames'][number]): string {
  return `<text x="${String(x + 14)}" y="${String(y + 20)}" font-size="12" font-weight="600" fill="#2d3748" stroke="#f6f8fb" stroke-width="4" paint-order="stroke">${escapeHtml(label)}</text>`;
}

function curveText({ edge, path }: Curve, names: ReadonlyMap<string, string>): string {
  const [first, ...others] = path.map(({ x, y }) => `${String(x)} ${String(y)}`);
  const title = edgeSentence(edge, { from: names.get(edge.from) ?? '', to: names.get(edge.to) ?? '' });
  const colour = edge.verdict === 'breaks' || edge.verdict === 'partial' ? '#c53030' : '#4a5568';
  return (
    `<path d="M${first ?? ''}C${others.join(',')}" fill="none" stroke="${colour}" stroke-width="1.3"` +
    `${DASHES[STROKES[edge.evidence]]} marker-end="url(#tip)"><title>${escapeHtml(title)}</title></path>`
  );
}

function labelText({ edge, label }: Curve): readonly string[] {
  if (label === undefined) return [];
  const place = `x="${String(label.x)}" y="${String(label.y + 3)}" text-anchor="middle"`;
  return [
    `<text ${place} font-size="9.5" fill="#2d3748" stroke="#ffffff" stroke-width="3" paint-order="stroke">${escapeHtml(edgeWords(edge))}</text>`,
  ];
}

function nodeText({ node, box, lines }: PlacedNode): string {
  const { x, y, width, height } = box;
  const middle = String(x + width / 2);
  const [first = '', second] = lines;
  const label = `<text x="${middle}" y="${String(y + (second === undefined ? 22 : 15))}" text-anchor="middle" fill="#1a202c">${escapeHtml(first)}</text>`;
  const note =
    second === undefined
      ? ''
      : `<text x="${middle}" y="${String(y + 29)}" text-anchor="middle" font-size="9.5" fill="#4a5568">${escapeHtml(second)}</text>`;
  const title = node.note === undefined ? fullName(node) : `${fullName(node)}: ${node.note}`;
  return (
    `<g><title>${escapeHtml(title)}</title>` +
    `<rect x="${String(x)}" y="${String(y)}" width="${String(width)}" height="${String(height)}" rx="${String(CORNERS[node.kind])}" fill="${FILLS[node.kind]}" stroke="#718096"${node.kind === 'service' ? DASHES.dashed : ''}/>` +
    `${label}${note}</g>`
  );
}

function fullName({ namespace, label, kind }: DrawnNode): string {
  return namespace === undefined || kind === 'namespace' ? label : `${namespace}/${label}`;
}

function legend({ height }: Layout): readonly string[] {
  const top = height + HEAD_HEIGHT;
  const rows = LEGEND.map(([stroke, words], index) => {
    const y = String(top + 34 + index * 17);
    return (
      `<path d="M26 ${y}H80" fill="none" stroke="#4a5568" stroke-width="1.3"${DASHES[stroke]} marker-end="url(#tip)"/>` +
      `<text x="90" y="${String(top + 38 + index * 17)}">${escapeHtml(words)}</text>`
    );
  });
  return [
    `<text x="26" y="${String(top + 16)}" font-weight="600">how to read it</text>`,
    ...rows,
    `<text x="26" y="${String(top + 38 + LEGEND.length * 17)}">${escapeHtml(`On a line: the ports, what is spoken, and ${WIRE_LEGEND}.`)}</text>`,
  ];
}
