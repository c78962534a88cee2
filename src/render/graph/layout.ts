import type { DrawnNode } from '../../domain/inventory/drawn-nodes.ts';
import { groupBy } from '../../lib/order.ts';
import { displayWidth, truncate } from '../text/width.ts';
import { columnsOf, type Arrow } from './ranks.ts';
import type { DrawnGraph } from './words.ts';

/** A rectangle, in pixels; x and y are of its upper left corner. */
export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** A node with its place and the lines of text in it. */
export interface PlacedNode {
  readonly node: DrawnNode;
  readonly box: Box;
  readonly lines: readonly string[];
}

/** Where everything is. */
export interface Layout {
  readonly nodes: ReadonlyMap<string, PlacedNode>;
  /** Frames around the nodes of a namespace. */
  readonly frames: readonly { readonly label: string; readonly box: Box }[];
  readonly width: number;
  readonly height: number;
}

const CHARACTER = 6.4;
const MOST_CHARACTERS = 38;
const NODE_HEIGHT = 36;
const ROW_GAP = 22;
const COLUMN_GAP = 130;
const FRAME_GAP = 150;
const FRAME_SPACE = 26;
const PADDING = 14;
const TITLE = 22;
/** Columns higher than this are split, so that a namespace of many workloads does not become a tower. */
const MOST_ROWS = 14;
/** Longer chains than this share columns, so that the picture does not become a ribbon. */
const MOST_INNER_COLUMNS = 3;

interface Block {
  readonly id: string;
  readonly label: string | undefined;
  readonly width: number;
  readonly height: number;
  /** Places relative to the block's corner. */
  readonly nodes: readonly PlacedNode[];
}

/** Namespaces as frames in columns from callers to called, and in each its workloads in columns likewise. */
export function layoutOf({ nodes, edges, by }: DrawnGraph): Layout {
  const arrows = edges.map(({ from, to }): Arrow => [from, to]);
  const groups = groupBy(nodes, (node) => (by === 'namespace' ? 'all' : groupOf(node)));
  const blocks = new Map([...groups].map(([id, members]) => [id, blockOf(id, members, arrows)]));
  const groupOfNode = new Map([...groups].flatMap(([id, members]) => members.map((node) => [node.id, id] as const)));
  const between = arrows.map(([from, to]): Arrow => [groupOfNode.get(from) ?? '', groupOfNode.get(to) ?? '']);
  const ids = [...groups.keys()];
  const outside = ids.filter((id) => id.startsWith('outsider/'));
  const inside = ids.filter((id) => id !== 'external' && !outside.includes(id));
  const hosts = ids.filter((id) => id === 'external');
  const columns = columnsOf(inside, between, Math.max(2, Math.round(Math.sqrt(inside.length))));
  return placed(
    [outside, ...columns, hosts].filter((column) => column.length > 0),
    blocks,
  );
}

/** Outsiders stand alone, before all namespaces; hosts outside stand together, behind them. */
function groupOf({ namespace, kind, id }: DrawnNode): string {
  if (namespace !== undefined) return `namespace ${namespace}`;
  return kind === 'external' ? 'external' : id;
}

function blockOf(id: string, nodes: readonly DrawnNode[], arrows: readonly Arrow[]): Block {
  const [first] = nodes;
  const framed = first?.namespace !== undefined && id !== 'all';
  const margin = framed ? PADDING : 0;
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const inside = arrows.filter(([from, to]) => byId.has(from) && byId.has(to));
  const columns = columnsOf([...byId.keys()], inside, id === 'all' ? 6 : MOST_INNER_COLUMNS).flatMap(split);
  const found: PlacedNode[] = [];
  let x = margin;
  let height = 0;
  for (const column of columns) {
    const members = column.flatMap((member) => byId.get(member) ?? []);
    const width = Math.max(...members.map(widthOf));
    members.forEach((node, row) => {
      const y = margin + (framed ? TITLE : 0) + row * (NODE_HEIGHT + ROW_GAP);
      found.push({ node, lines: linesOf(node), box: { x, y, width, height: NODE_HEIGHT } });
      height = Math.max(height, y + NODE_HEIGHT + margin);
    });
    x += width + COLUMN_GAP;
  }
  const width = x - COLUMN_GAP + margin;
  const label = framed ? first.namespace : undefined;
  const titled = Math.max(width, label === undefined ? 0 : displayWidth(label) * 7.5 + 2 * PADDING);
  return { id, label, width: Math.round(titled), height, nodes: found };
}

function split(column: readonly string[]): readonly (readonly string[])[] {
  const parts = Math.ceil(column.length / MOST_ROWS);
  const rows = Math.ceil(column.length / parts);
  return Array.from({ length: parts }, (_, part) => column.slice(part * rows, (part + 1) * rows));
}

function linesOf({ label, note }: DrawnNode): readonly string[] {
  return (note === undefined ? [label] : [label, note]).map((line) => truncate(line, MOST_CHARACTERS));
}

function widthOf(node: DrawnNode): number {
  return Math.round(Math.max(70, ...linesOf(node).map((line) => displayWidth(line) * CHARACTER + 18)));
}

/** Puts blocks into columns, each column centred over the height of the highest. */
function placed(columns: readonly (readonly string[])[], blocks: ReadonlyMap<string, Block>): Layout {
  const heights = columns.map((column) => heightOf(column, blocks));
  const height = Math.max(0, ...heights) + 2 * FRAME_SPACE;
  const nodes = new Map<string, PlacedNode>();
  const frames: { label: string; box: Box }[] = [];
  let x = FRAME_SPACE;
  columns.forEach((column, index) => {
    const members = column.flatMap((id) => blocks.get(id) ?? []);
    let y = Math.round((height - (heights[index] ?? 0)) / 2);
    const widest = Math.max(0, ...members.map(({ width }) => width));
    for (const block of members) {
      const left = x + Math.round((widest - block.width) / 2);
      const { width, label } = block;
      if (label !== undefined) frames.push({ label, box: { x: left, y, width, height: block.height } });
      for (const each of block.nodes) {
        nodes.set(each.node.id, { ...each, box: { ...each.box, x: each.box.x + left, y: each.box.y + y } });
      }
      y += block.height + FRAME_SPACE;
    }
    x += widest + FRAME_GAP;
  });
  return { nodes, frames, width: Math.max(x - FRAME_GAP, 0) + FRAME_SPACE, height };
}

function heightOf(column: readonly string[], blocks: ReadonlyMap<string, Block>): number {
  const members = column.flatMap((id) => blocks.get(id) ?? []);
  return members.reduce((sum, block) => sum + block.height + FRAME_SPACE, -FRAME_SPACE);
}
