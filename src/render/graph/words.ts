import type { CallDrawing, DrawnEdge } from '../../domain/inventory/call-drawing.ts';
import type { DrawnNode } from '../../domain/inventory/drawn-nodes.ts';
import type { ResultHead } from '../../domain/world/result-head.ts';
import { groupBy } from '../../lib/order.ts';
import { countOf, firstFew } from '../words.ts';

/** A drawing with the head of its result. */
export type DrawnGraph = ResultHead & CallDrawing;

/** How the line of an edge is drawn: whole for what was seen, in dashes for what objects say, in dots for a guess. */
export const STROKES = {
  observed: 'solid',
  exercised: 'solid',
  declared: 'dashed',
  inferred: 'dotted',
} as const satisfies Record<DrawnEdge['evidence'], 'solid' | 'dashed' | 'dotted'>;

/** What the strokes mean, for a legend. */
export const LEGEND: readonly (readonly ['solid' | 'dashed' | 'dotted', string])[] = [
  ['solid', 'observed: somebody saw the call'],
  ['dashed', 'declared: an object sends or admits it'],
  ['dotted', 'inferred: a name in configuration'],
];

/** What a label says after the port: what is on the wire, for a legend. */
export const WIRE_LEGEND = 'mTLS or plaintext: what is on the wire; ?: not known';

/** The label of an edge: ports, protocol, what is on the wire, and how it fares where that is not well. Raw text. */
export function edgeWords(edge: DrawnEdge): string {
  const ports = edge.ports.length === 0 ? [] : [firstFew(edge.ports.map(String), 3)];
  const fares = edge.verdict === 'ok' || edge.verdict === 'unknown' ? [] : [edge.verdict];
  const several = edge.calls > 1 && edge.ports.length > 1 ? [countOf(edge.calls, 'call')] : [];
  const words = edge.wire.map(wireWord).join('/');
  const wire = words === '' || edge.protocols.slice(0, 2).includes(words) ? [] : [words];
  return [...ports, ...edge.protocols.slice(0, 2), ...wire, ...several, ...fares].join(' ');
}

/** An edge in full, for a list or a tooltip. Raw text. */
export function edgeSentence(edge: DrawnEdge, { from, to }: { readonly from: string; readonly to: string }): string {
  const last = edge.lastSeen === undefined ? '' : `, last seen ${edge.lastSeen}`;
  return `${from} to ${to}: ${edgeWords(edge)}; ${edge.evidence}${last}`;
}

function wireWord(wire: string): string {
  if (wire === 'mtls') return 'mTLS';
  return wire === 'unknown' ? '?' : wire;
}

/** Nodes by namespace, in order; those of none under undefined. */
export function nodesByNamespace(nodes: readonly DrawnNode[]): ReadonlyMap<string | undefined, readonly DrawnNode[]> {
  return groupBy(nodes, ({ namespace }) => namespace);
}

/** What the drawing leaves out, as sentences. */
export function leftOutWords({ leftOut }: CallDrawing): readonly string[] {
  return [
    ...(leftOut.probes === 0 ? [] : [`${countOf(leftOut.probes, 'call')} of kubelets left out (--probes draws them)`]),
    ...(leftOut.quietWorkloads === 0 ? [] : [`${countOf(leftOut.quietWorkloads, 'workload')} without a known call`]),
  ];
}

/** Ids that no format can take amiss, `n0` and so on, in the order of the nodes. */
export function plainIds(nodes: readonly DrawnNode[]): (id: string) => string {
  const ids = new Map(nodes.map(({ id }, index) => [id, `n${String(index)}`]));
  return (id) => ids.get(id) ?? 'n';
}
