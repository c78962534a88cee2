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

/**
 * Numbers for stages in their order, such that folders sort as the stages do: three digits in steps of ten, and all of
 * them with more digits where the stages between 100 and 900 do not fit.
 */
export function numberStages(kinds: readonly StageKind[]): readonly number[] {
  const free = kinds.filter((kind) => FIXED[kind] === undefined && kind !== 'operate').length;
  let scale = 1;
  while (FIRST_FREE + free * STEP > room(scale)) scale *= 10;
  const offset = scale === 1 ? 0 : 100 * scale;
  let next = offset + FIRST_FREE;
  return kinds.map((kind) => {
    if (kind === 'operate') return LAST * scale;
    const fixed = FIXED[kind];
    if (fixed !== undefined) return offset + fixed;
    const number = next;
    next += STEP;
    return number;
  });
}

/** How far numbers may go before `operate` at that scale. */
function room(scale: number): number {
  return scale === 1 ? LAST : LAST * scale - 100 * scale;
}
