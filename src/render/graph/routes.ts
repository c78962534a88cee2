import type { Box } from './layout.ts';

/** A point, in pixels. */
export interface Point {
  readonly x: number;
  readonly y: number;
}

/** Cubic curves one after the other: a point, then for each curve its two controls and its end. */
export type Path = readonly Point[];

/** Where a line begins or ends, and whether it leaves to the right (1) or to the left (-1) there. */
export interface Port extends Point {
  readonly towards: 1 | -1;
}

/** A stretch of a lane that a line has taken. */
interface Taken {
  readonly y: number;
  readonly from: number;
  readonly to: number;
}

/** Finds a way for each line in turn. */
export type Router = (start: Port, end: Port) => Path;

const MARGIN = 3;
const REACHES = [50, 80, 115];
const LOOPS = [60, 85, 110, 135, 160, 200, 240, 300];
const MOST_LANES = 40;
const LANE_WIDTH = 6;
/** So many pairs of a line and a node are looked at; a bigger picture is a tangle whatever is done. */
const MOST_PAIRS = 40_000;

/**
 * Lines between nodes that pass behind no node: straight ones where they do not, else along a lane between the rows,
 * which no other line has. Where no lane is free, the straight line after all.
 */
export function routerAround(boxes: readonly Box[], lines: number): Router {
  const lanes = lanesBetween(boxes);
  const taken: Taken[] = [];
  const isBig = boxes.length * lines > MOST_PAIRS;
  return (start, end) => {
    const direct = [start, ...bend(start, end)];
    if (isBig || isClear(direct, boxes)) return direct;
    // From side to the same side no lane leads without turning back.
    if (start.towards === end.towards) {
      const loops = LOOPS.map((reach): Path => [start, ...controls(start, end, reach)]);
      return loops.find((path) => isClear(path, boxes)) ?? direct;
    }
    for (const y of nearest(lanes, start, end)) {
      for (const reach of REACHES) {
        const [x1, x2] = [start.x + start.towards * reach, end.x + end.towards * reach];
        if ((x2 - x1) * start.towards < 0) continue;
        const stretch = { y, from: Math.min(x1, x2), to: Math.max(x1, x2) };
        if (taken.some((other) => collide(other, stretch))) continue;
        const path = along(start, end, { x1, x2, y });
        if (!isClear(path, boxes)) continue;
        taken.push(stretch);
        return path;
      }
    }
    return direct;
  };
}

/** The point at a part of the way, from 0 to 1. */
export function pointAt(path: Path, part: number): Point {
  const curves = (path.length - 1) / 3;
  const index = Math.min(curves - 1, Math.floor(part * curves));
  const [a, b, c, d] = path.slice(index * 3, index * 3 + 4);
  if (a === undefined || b === undefined || c === undefined || d === undefined) return { x: 0, y: 0 };
  const t = part * curves - index;
  const mix = (field: 'x' | 'y'): number =>
    (1 - t) ** 3 * a[field] + 3 * (1 - t) ** 2 * t * b[field] + 3 * (1 - t) * t ** 2 * c[field] + t ** 3 * d[field];
  return { x: Math.round(mix('x')), y: Math.round(mix('y')) };
}

function bend(start: Port, end: Port): Path {
  const same = start.towards === end.towards;
  const reach = same ? 46 + Math.abs(start.y - end.y) / 8 : Math.max(40, Math.abs(end.x - start.x) * 0.45);
  return controls(start, end, reach);
}

function along(start: Port, end: Port, lane: { readonly x1: number; readonly x2: number; readonly y: number }): Path {
  const { x1, x2, y } = lane;
  const third = (x2 - x1) / 3;
  const leave: Port = { x: x1, y, towards: start.towards === 1 ? -1 : 1 };
  const arrive: Port = { x: x2, y, towards: end.towards === 1 ? -1 : 1 };
  return [
    start,
    ...controls(start, leave, Math.abs(x1 - start.x) * 0.6),
    ...[{ x: x1 + third, y }, { x: x2 - third, y }, arrive].map(rounded),
    ...controls(arrive, end, Math.abs(x2 - end.x) * 0.6),
  ];
}

function controls(start: Port, end: Port, reach: number): Path {
  const first = { x: start.x + start.towards * reach, y: start.y };
  return [first, { x: end.x + end.towards * reach, y: end.y }, end].map(rounded);
}

function rounded({ x, y }: Point): Point {
  return { x: Math.round(x), y: Math.round(y) };
}

/** Heights above and below every node, three beside each other. */
function lanesBetween(boxes: readonly Box[]): readonly number[] {
  const middles = boxes.flatMap(({ y, height }) => [y - 11, y + height + 11]);
  const lanes = middles.flatMap((y) => [y, y - LANE_WIDTH, y + LANE_WIDTH].map(Math.round));
  return [...new Set(lanes)].filter((y) => y > 0).sort((left, right) => left - right);
}

function nearest(lanes: readonly number[], start: Point, end: Point): readonly number[] {
  const detour = (y: number): number => Math.abs(y - start.y) + Math.abs(y - end.y);
  return [...lanes].sort((left, right) => detour(left) - detour(right) || left - right).slice(0, MOST_LANES);
}

function collide(left: Taken, right: Taken): boolean {
  return Math.abs(left.y - right.y) < LANE_WIDTH - 1 && left.from < right.to && right.from < left.to;
}

const STEPS = 40;

/** Whether the way goes behind no box; it begins and ends at the sides of two. */
function isClear(path: Path, boxes: readonly Box[]): boolean {
  for (let step = 1; step < STEPS; step += 1) {
    const { x, y } = pointAt(path, step / STEPS);
    const isBehind = boxes.some(
      (box) =>
        x > box.x - (step > 3 && step < STEPS - 3 ? MARGIN : 0) &&
        x < box.x + box.width + (step > 3 && step < STEPS - 3 ? MARGIN : 0) &&
        y > box.y - MARGIN &&
        y < box.y + box.height + MARGIN,
    );
    if (isBehind) return false;
  }
  return true;
}
