import type { Condition, Stage, StageKind } from './plan.ts';

const DAY = 86_400;

/** Stages whose entry gates look back over a window in which something of the rollout itself has to be there. */
const LOOKING_BACK: ReadonlySet<StageKind> = new Set<StageKind>(['strict', 'allow', 'deny', 'default']);

/** What tells of a stage whether it waits, and for what. */
type Watched = Pick<Stage, 'id' | 'kind' | 'state' | 'dependsOn' | 'scope' | 'entryGate'>;

/** A wait that the entry gate of a stage forces. */
export interface ForcedWait {
  readonly days: number;
  /** Ids of the stages that bring what the gate looks back on; the days begin when the last of them is through. */
  readonly after: readonly string[];
}

/** The days that the exit gate of a stage needs to turn green: its queries compare with a time so many days before. */
export function exitDays({ exitGate }: Pick<Stage, 'exitGate'>): number {
  return longest(exitGate, /offset (\d+)([sd])/g);
}

/**
 * The wait before each stage whose entry gate looks back over days, by the stage's id: over calls that are only dry-run
 * since its shadow stage, else over proxies that are there only since the enrolment of its namespaces. Without any stage in
 * `after`, what the gate looks back on may be there already.
 */
export function forcedWaits(stages: readonly Watched[]): ReadonlyMap<string, ForcedWait> {
  const places = new Map(stages.map(({ id }, place) => [id, place]));
  const waits = new Map<string, ForcedWait>();
  for (const [place, stage] of stages.entries()) {
    const days = LOOKING_BACK.has(stage.kind) ? longest(stage.entryGate, /\[(\d+)(s)[\]:]/g) : 0;
    if (days === 0) continue;
    const passed = restsOn(place, stages, places);
    const namespaces = new Set(stage.scope.namespaces);
    const kind = stage.kind === 'allow' ? 'shadow' : 'enrol';
    const after = stages.filter(
      (other) =>
        other.kind === kind &&
        other.state !== 'done' &&
        passed.has(other.id) &&
        other.scope.namespaces.some((namespace) => namespaces.has(namespace)),
    );
    waits.set(stage.id, { days, after: after.map(({ id }) => id) });
  }
  return waits;
}

/** The ids of all stages that the one at that place rests on; followed backwards alone. */
function restsOn(from: number, stages: readonly Watched[], places: ReadonlyMap<string, number>): ReadonlySet<string> {
  const passed = new Set<string>();
  const followed = new Set([from]);
  for (const place of followed) {
    for (const id of stages[place]?.dependsOn ?? []) {
      passed.add(id);
      const before = places.get(id);
      if (before !== undefined && before < place) followed.add(before);
    }
  }
  return passed;
}

/** The longest time in the queries of the conditions, in whole days; less than a day is none. */
function longest(conditions: readonly Condition[], pattern: RegExp): number {
  const queries = conditions.flatMap(({ promql = '', proof = '' }) => [promql, proof]);
  const seconds = queries.flatMap((query) =>
    [...query.matchAll(pattern)].map(([, count, unit]) => Number(count) * (unit === 'd' ? DAY : 1)),
  );
  const most = seconds.reduce((longer, each) => Math.max(longer, each), 0);
  return most < DAY ? 0 : Math.ceil(most / DAY);
}
