import type { StageKind } from './plan.ts';

/** Numbers of the stages that every plan has, with three digits. */
const FIXED: Partial<Readonly<Record<StageKind, number>>> = {
  preflight: 10,
  trust: 20,
  'control-plane': 30,
  'node-agents': 40,
  telemetry: 50,
  'break-glass': 60,
  scoping: 70,
};

const FIRST_FREE = 100;
const LAST = 900;
const STEP = 10;

/** Between two stages of a kind that has a number. */
const WITHIN = 2;

/**
 * Numbers for stages in their order, such that folders sort as the stages do: three digits in steps of ten, and all of
 * them with more digits where the stages before 900 do not fit. Further stages of a kind that has a number follow it
 * closely (40, 42, 44), and what comes after them moves up where it must.
 */
export function numberStages(kinds: readonly StageKind[]): readonly number[] {
  const last = kinds.findLastIndex((kind) => kind !== 'operate');
  let before = 0;
  const numbers = kinds.map((kind, index) => {
    if (index > last) return undefined;
    before = after(before, kind);
    return before;
  });
  let scale = 1;
  while (before >= room(scale)) scale *= 10;
  const offset = scale === 1 ? 0 : 100 * scale;
  let end = LAST * scale - STEP;
  return numbers.map((number) => (number === undefined ? (end += STEP) : offset + number));
}

/** The number of a stage of that kind after one that has the number before it. */
function after(before: number, kind: StageKind): number {
  const fixed = FIXED[kind];
  if (fixed !== undefined && before < FIRST_FREE) return before < fixed ? fixed : before + WITHIN;
  return Math.max(FIRST_FREE, (Math.floor(before / STEP) + 1) * STEP);
}

/** How far numbers may go before `operate` at that scale. */
function room(scale: number): number {
  return scale === 1 ? LAST : LAST * scale - 100 * scale;
}
