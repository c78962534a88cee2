import { exitDays, type ForcedWait } from './forced-waits.ts';
import type { Effort, Stage, StageKind } from './plan.ts';

interface Band {
  readonly hours: readonly [from: number, to: number];
  readonly days: readonly [from: number, to: number];
}

/** Our own judgement, not a measurement: a reviewed pull request with its reading, applying and watching. */
const BANDS: Readonly<Record<StageKind, Band>> = {
  preflight: { hours: [8, 40], days: [2, 10] },
  trust: { hours: [4, 24], days: [1, 5] },
  'control-plane': { hours: [4, 16], days: [1, 3] },
  'node-agents': { hours: [4, 16], days: [1, 5] },
  telemetry: { hours: [4, 16], days: [1, 5] },
  'break-glass': { hours: [2, 8], days: [1, 2] },
  scoping: { hours: [2, 8], days: [1, 3] },
  enrol: { hours: [2, 4], days: [1, 3] },
  strict: { hours: [1, 3], days: [1, 2] },
  shadow: { hours: [1, 2], days: [1, 1] },
  allow: { hours: [1, 3], days: [1, 2] },
  deny: { hours: [1, 3], days: [1, 2] },
  default: { hours: [1, 3], days: [1, 2] },
  operate: { hours: [2, 4], days: [1, 1] },
};

const HOURS_PER_RESTART = 0.25;

/**
 * How much work a stage is. The days go from its first step until its exit gate can be green: a wait that its entry gate
 * forces comes before them, and is only told of.
 */
export function effortOf(
  { kind, state, restarts, exitGate }: Pick<Stage, 'kind' | 'state' | 'restarts' | 'exitGate'>,
  wait: ForcedWait | undefined,
): Effort {
  if (state === 'done') return { hours: { from: 0, to: 0 }, days: { from: 0, to: 0 }, assumption: 'it is done' };
  const { hours, days } = BANDS[kind];
  const more = restarts.length * HOURS_PER_RESTART;
  const recording = exitDays({ exitGate });
  return {
    hours: { from: hours[0], to: hours[1] + more },
    days: { from: Math.max(days[0], recording), to: days[1] + recording },
    assumption: [
      "meshwise's own judgement: one reviewed pull request, applied and watched by two people who know the cluster",
      ...(more > 0 ? [`a quarter of an hour for each of ${String(restarts.length)} restarts`] : []),
      ...(recording > 0 ? [`${dayCount(recording)} of recording, which its exit gate asks for`] : []),
      ...(wait === undefined ? [] : [waitText(wait)]),
    ].join('; '),
  };
}

function waitText({ days, after }: ForcedWait): string {
  if (after.length === 0) {
    return `before it at most ${dayCount(days)} of watching, which its entry gate asks for: none where they are there already`;
  }
  const last = after.length === 1 ? (after[0] ?? '') : `the last of ${String(after.length)} stages`;
  return `before it ${dayCount(days)} of watching, which its entry gate asks for, from the end of ${last} on; the dates of the plan count them`;
}

function dayCount(days: number): string {
  return `${String(days)} ${days === 1 ? 'day' : 'days'}`;
}
