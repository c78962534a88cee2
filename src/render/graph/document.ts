import { basisLine } from '../../domain/world/result-head.ts';
import { groupBy } from '../../lib/order.ts';
import type { Document, Item, Part } from '../document.ts';
import { countOf, gapItems } from '../words.ts';
import { edgeWords, leftOutWords, type DrawnGraph } from './words.ts';

/** The calls as a list under those who call, for reading rather than for drawing. */
export function graphDocument(drawing: DrawnGraph): Document {
  const { nodes, edges, by } = drawing;
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const nameOf = (id: string): string => {
    const node = byId.get(id);
    if (node === undefined || node.kind === 'namespace' || node.namespace === undefined) return node?.label ?? id;
    return `${node.namespace}/${node.label}`;
  };
  const callers = [...groupBy(edges, ({ from }) => from)].map(([from, calls]): Item => {
    const note = byId.get(from)?.note;
    return {
      text: `${nameOf(from)}${note === undefined ? '' : ` (${note})`} calls`,
      items: calls.map((edge) => ({
        text: `${nameOf(edge.to)}: ${edgeWords(edge)}, ${edge.evidence}`,
        tone: edge.verdict === 'breaks' || edge.verdict === 'partial' ? 'bad' : 'plain',
      })),
    };
  });
  const count = by === 'namespace' ? 'namespaces and outsiders' : 'workloads and outsiders';
  return {
    title: 'Calls',
    first: basisLine(drawing, drawing.cluster),
    parts: [
      { part: 'text', text: `${countOf(edges.length, 'connection')} between ${String(nodes.length)} ${count}` },
      ...list(callers),
      ...list(leftOutWords(drawing).map((text) => ({ text }))),
      ...list(gapItems(drawing)),
      { part: 'text', text: '-o mermaid, -o dot and -o svg draw it; --by namespace makes it smaller' },
    ],
  };
}

function list(items: readonly Item[]): readonly Part[] {
  return items.length === 0 ? [] : [{ part: 'list', items }];
}
