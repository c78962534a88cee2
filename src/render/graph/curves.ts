import type { DrawnEdge } from '../../domain/inventory/call-drawing.ts';
import { displayWidth } from '../text/width.ts';
import type { Box, Layout, PlacedNode } from './layout.ts';
import { pointAt, routerAround, type Path, type Point, type Port } from './routes.ts';
import { edgeWords } from './words.ts';

/** An edge as a line, and where its label fits, if anywhere. */
export interface Curve {
  readonly edge: DrawnEdge;
  readonly path: Path;
  readonly label?: Point;
}

type Side = 'left' | 'right';

interface End {
  readonly node: PlacedNode;
  readonly side: Side;
  /** Height of the other end, by which ends on one side are put in order. */
  readonly other: number;
}

const LABEL_CHARACTER = 5.6;
const LABEL_HEIGHT = 13;
const TITLE_HEIGHT = 26;

/** Curves that leave and reach nodes at their sides, each side's ends in order, and labels that cover nothing. */
export function curvesOf(edges: readonly DrawnEdge[], layout: Layout): readonly Curve[] {
  const drawn = edges.flatMap((edge) => {
    const from = layout.nodes.get(edge.from);
    const to = layout.nodes.get(edge.to);
    return from === undefined || to === undefined ? [] : [{ edge, ends: endsOf(from, to) }];
  });
  const sides = new Map<string, End[]>();
  for (const { ends } of drawn) for (const end of ends) sides.set(keyOf(end), [...(sides.get(keyOf(end)) ?? []), end]);
  for (const ends of sides.values()) ends.sort((left, right) => left.other - right.other);
  const titles = layout.frames.map(({ box }) => ({ ...box, height: TITLE_HEIGHT }));
  const taken: Box[] = [...titles, ...[...layout.nodes.values()].map(({ box }) => box)];
  const route = routerAround(
    [...layout.nodes.values()].map(({ box }) => box),
    drawn.length,
  );
  return drawn.map(({ edge, ends: [start, end] }) => {
    const path = route(at(start, sides), at(end, sides));
    const label = labelPlace(path, edgeWords(edge), taken);
    return { edge, path, ...(label === undefined ? {} : { label }) };
  });
}

function endsOf(from: PlacedNode, to: PlacedNode): readonly [End, End] {
  const [start, end]: readonly [Side, Side] =
    to.box.x >= from.box.x + from.box.width
      ? ['right', 'left']
      : from.box.x >= to.box.x + to.box.width
        ? ['left', 'right']
        : ['right', 'right'];
  return [
    { node: from, side: start, other: to.box.y },
    { node: to, side: end, other: from.box.y },
  ];
}

function keyOf({ node, side }: End): string {
  return `${side} ${node.node.id}`;
}

/** The ends on one side of a node share its height. */
function at(end: End, sides: ReadonlyMap<string, readonly End[]>): Port {
  const { box } = end.node;
  const all = sides.get(keyOf(end)) ?? [end];
  const y = box.y + (box.height * (all.indexOf(end) + 1)) / (all.length + 1);
  return end.side === 'left'
    ? { x: box.x, y: Math.round(y), towards: -1 }
    : { x: box.x + box.width, y: Math.round(y), towards: 1 };
}

const PLACES = [0.5, 0.45, 0.55, 0.4, 0.6, 0.35, 0.65, 0.3, 0.7, 0.25, 0.75, 0.2, 0.8, 0.15, 0.85];

/** The first place along the curve where the label covers neither a node nor another label; it is then taken. */
function labelPlace(path: Path, text: string, taken: Box[]): Point | undefined {
  const width = displayWidth(text) * LABEL_CHARACTER + 4;
  for (const place of PLACES) {
    const middle = pointAt(path, place);
    const box = { x: middle.x - width / 2, y: middle.y - LABEL_HEIGHT / 2, width, height: LABEL_HEIGHT };
    if (taken.some((other) => overlap(box, other))) continue;
    taken.push(box);
    return middle;
  }
  return undefined;
}

function overlap(left: Box, right: Box): boolean {
  return (
    left.x < right.x + right.width &&
    right.x < left.x + left.width &&
    left.y < right.y + right.height &&
    right.y < left.y + left.height
  );
}
