import type { Effort, Stage, StageKind } from './plan.ts';

const DAY = 86_400;

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
  telemetry: { hours: [4, 16], days: [1, 7] },
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

/** Stages that a window of watching comes before. */
const WATCHED: ReadonlySet<StageKind> = new Set<StageKind>(['strict', 'deny']);

const HOURS_PER_RESTART = 0.25;

/** How much work a stage is; `windowSeconds` is how long its calls must have been watched before it. */
export function effortOf(
  { kind, state, restarts }: Pick<Stage, 'kind' | 'state' | 'restarts'>,
  windowSeconds: number,
): Effort {
  if (state === 'done') return { hours: { from: 0, to: 0 }, days: { from: 0, to: 0 }, assumption: 'it is done' };
  const { hours, days } = BANDS[kind];
  const more = restarts.length * HOURS_PER_RESTART;
  const watching = WATCHED.has(kind) ? Math.ceil(windowSeconds / DAY) : 0;
  return {
    hours: { from: hours[0], to: hours[1] + more },
    days: { from: days[0], to: days[1] + watching },
    assumption: [
      "meshwise's own judgement: one reviewed pull request, applied and watched by two people who know the cluster",
      ...(more > 0 ? [`a quarter of an hour for each of ${String(restarts.length)} restarts`] : []),
      ...(watching > 0 ? [`at most ${String(watching)} days of watching, none where the window is there already`] : []),
    ].join('; '),
  };
}
