import { counterGrowth } from '../../domain/calls/metrics/counter-growth.ts';
import type { CountedSeries, MetricFamily } from '../../domain/calls/metrics/metric-family.ts';
import { WATCHERS, belongsTo } from '../../domain/calls/metrics/watchers.ts';
import { sortedUnique } from '../../lib/order.ts';
import { timeOf } from './row-order.ts';
import type { SavedAnswer, SavedSeries } from './saved-series.ts';

/** What saved answers count, and what in them could not be used. */
export interface SavedCounts {
  readonly counted: readonly CountedSeries[];
  /** Seconds since 1970, of the answers over time. */
  readonly from: number | undefined;
  readonly to: number | undefined;
  /** How many series do not say which metric they are of. */
  readonly nameless: number;
  /** Metrics that no watcher has, sorted. */
  readonly foreign: readonly string[];
  /** How many series of known metrics did not grow. */
  readonly still: number;
  /** Whether some answers are of one moment. */
  readonly moments: boolean;
}

interface Growth {
  readonly count: number;
  readonly first?: number;
  readonly last?: number;
}

const FAMILIES: readonly MetricFamily[] = WATCHERS.flatMap(({ families }) => families);
const METRICS: ReadonlySet<string> = new Set(FAMILIES.map(({ metric }) => metric));
/** Targets are scraped at moments of their own within an interval, which is seldom longer. */
const SHORTEST_STEP_SECONDS = 60;

/** Counts the calls of saved answers: series that differ in other labels than their family's are added up. */
export function countSaved(answers: readonly SavedAnswer[]): SavedCounts {
  const groups = new Map<string, CountedSeries>();
  const all = answers.flatMap(({ series }) => series);
  const known = all.filter(({ metric }) => METRICS.has(metric));
  let still = 0;
  for (const { series } of answers) {
    const growthIn = growthReader(series);
    for (const each of series.filter(({ metric }) => METRICS.has(metric))) {
      const growth = growthIn(each);
      if (growth === undefined) still += 1;
      else addTo(groups, each, growth);
    }
  }
  const times = known.filter(({ isRange }) => isRange).flatMap(({ samples }) => [samples[0], samples.at(-1)]);
  const seconds = times.flatMap((sample) => (sample === undefined ? [] : [sample[0]])).sort((a, b) => a - b);
  return {
    counted: [...groups.values()],
    from: seconds[0],
    to: seconds.at(-1),
    nameless: all.filter(({ metric }) => metric === '').length,
    foreign: sortedUnique(all.map(({ metric }) => metric).filter((metric) => metric !== '' && !METRICS.has(metric))),
    still,
    moments: known.some(({ isRange }) => !isRange),
  };
}

/** Of one moment nothing is known but that the counter had counted; over time, what it counted in between. */
function growthReader(answer: readonly SavedSeries[]): (series: SavedSeries) => Growth | undefined {
  const ranges = answer.filter(({ isRange }) => isRange);
  const from = ranges.reduce((least, { samples: [first] }) => Math.min(least, first?.[0] ?? least), Infinity);
  const step = stepOf(ranges, from);
  return ({ samples, isRange }) => {
    if (isRange) return counterGrowth(samples, from, step);
    const value = samples[0]?.[1] ?? 0;
    return value > 0 ? { count: value } : undefined;
  };
}

/** Answers of `query_range` have values at whole steps; samples themselves lie anywhere within an interval. */
function stepOf(ranges: readonly SavedSeries[], from: number): number {
  const step = shortestStep(ranges);
  const isOnSteps = step > 0 && ranges.every(({ samples }) => samples.every(([at]) => (at - from) % step === 0));
  return isOnSteps ? step : Math.max(SHORTEST_STEP_SECONDS, step);
}

function shortestStep(ranges: readonly SavedSeries[]): number {
  let shortest = Infinity;
  for (const { samples } of ranges) {
    samples.forEach(([seconds], index) => {
      const previous = index === 0 ? undefined : samples[index - 1];
      if (previous !== undefined && seconds > previous[0]) shortest = Math.min(shortest, seconds - previous[0]);
    });
  }
  return Number.isFinite(shortest) ? shortest : 0;
}

function addTo(groups: Map<string, CountedSeries>, { metric, labels }: SavedSeries, growth: Growth): void {
  FAMILIES.forEach((family, index) => {
    if (!belongsTo(family, metric, labels)) return;
    const kept = Object.fromEntries(family.by.flatMap((name) => pick(labels, name)));
    const key = JSON.stringify([index, kept]);
    groups.set(key, joined(groups.get(key), { family, labels: kept, ...inText(growth) }));
  });
}

function pick(labels: Readonly<Record<string, string>>, name: string): readonly [string, string][] {
  const value = Object.hasOwn(labels, name) ? labels[name] : undefined;
  return value === undefined ? [] : [[name, value]];
}

function inText({ count, first, last }: Growth): Pick<CountedSeries, 'count' | 'firstSeen' | 'lastSeen'> {
  return {
    count: Math.max(1, Math.round(count)),
    ...(first === undefined ? {} : { firstSeen: timeOf(first) }),
    ...(last === undefined ? {} : { lastSeen: timeOf(last) }),
  };
}

function joined(left: CountedSeries | undefined, right: CountedSeries): CountedSeries {
  if (left === undefined) return right;
  const firsts = [left.firstSeen, right.firstSeen].filter((time) => time !== undefined).sort();
  const lasts = [left.lastSeen, right.lastSeen].filter((time) => time !== undefined).sort();
  const [firstSeen] = firsts;
  const lastSeen = lasts.at(-1);
  return {
    ...right,
    count: (left.count ?? 1) + (right.count ?? 1),
    ...(firstSeen === undefined ? {} : { firstSeen }),
    ...(lastSeen === undefined ? {} : { lastSeen }),
  };
}
