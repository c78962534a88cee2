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
  const order = orderOf(stages);
  const waits = new Map<string, ForcedWait>();
  for (const [place, stage] of stages.entries()) {
    const days = LOOKING_BACK.has(stage.kind) ? longest(stage.entryGate, /\[(\d+)(s)[\]:]/g) : 0;
    if (days === 0) continue;
    const kind = stage.kind === 'allow' ? 'shadow' : 'enrol';
    const bringing = stage.scope.namespaces.flatMap((namespace) => order.bringing.get(`${kind} ${namespace}`) ?? []);
    const first = order.looksAhead ? 0 : bringing.reduce((least, each) => Math.min(least, each), place);
    const passed = restsOn(place, order, first);
    const after = [...new Set(bringing)].sort((left, right) => left - right).map((each) => stages[each]?.id ?? '');
    waits.set(stage.id, { days, after: after.filter((id) => passed.has(id)) });
  }
  return waits;
}

interface Order {
  readonly stages: readonly Watched[];
  readonly places: ReadonlyMap<string, number>;
  /** The places of stages that are not done, by kind and namespace. */
  readonly bringing: ReadonlyMap<string, readonly number[]>;
  /** Whether some stage waits for one that does not come before it. */
  readonly looksAhead: boolean;
}

function orderOf(stages: readonly Watched[]): Order {
  const places = new Map(stages.map(({ id }, place) => [id, place]));
  const bringing = new Map<string, number[]>();
  for (const [place, { kind, state, scope }] of stages.entries()) {
    if (state === 'done') continue;
    for (const namespace of scope.namespaces) {
      const key = `${kind} ${namespace}`;
      const known = bringing.get(key);
      if (known === undefined) bringing.set(key, [place]);
      else known.push(place);
    }
  }
  const looksAhead = stages.some(({ dependsOn }, place) => dependsOn.some((id) => (places.get(id) ?? -1) >= place));
  return { stages, places, bringing, looksAhead };
}

/**
 * The ids of the stages that the one at that place rests on; followed backwards alone. Those that come before `first`
 * are not followed: where no stage looks ahead, they rest on nothing that comes after them.
 */
function restsOn(from: number, { stages, places }: Order, first: number): ReadonlySet<string> {
  const passed = new Set<string>();
  const followed = new Set([from]);
  for (const place of followed) {
    for (const id of stages[place]?.dependsOn ?? []) {
      passed.add(id);
      const before = places.get(id);
      if (before !== undefined && before < place && before >= first) followed.add(before);
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
