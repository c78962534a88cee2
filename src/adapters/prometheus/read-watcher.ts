import type { CallsFile } from '../../domain/calls/call.ts';
import type { CountedSeries, MetricFamily, Watcher } from '../../domain/calls/metrics/metric-family.ts';
import {
  blurSeconds,
  countQuery,
  firstQuery,
  lastQuery,
  oldestQuery,
  totalQuery,
  type QueryWindow,
} from '../../domain/calls/metrics/queries.ts';
import { scrapeGaps } from '../../domain/calls/metrics/scrape-gaps.ts';
import { inOrder, timeOf } from './row-order.ts';
import { readTargets } from './read-targets.ts';
import type { VectorElement } from './query-api.ts';

/** What the reading of one watcher needs. Times are in seconds since 1970. */
export interface WatcherReading {
  readonly watcher: Watcher;
  readonly source: string;
  readonly window: QueryWindow;
  /** End of the window. */
  readonly at: number;
  /** Since when the server has samples within the window. */
  readonly serverOldest: number;
  /** Gives what the query gives; nothing, with a gap, where it failed. */
  readonly ask: (query: string, what: string) => Promise<readonly VectorElement[]>;
}

/** What one family counted, and since when it has samples; undefined where it has none in the window. */
interface FamilyReading {
  readonly family: MetricFamily;
  readonly counted: readonly CountedSeries[];
  readonly oldest: number;
}

/** The calls that one watcher counted, or undefined where it has no series and nothing failed. */
export async function readWatcher(reading: WatcherReading): Promise<CallsFile | undefined> {
  const { watcher, window, source, at } = reading;
  const present: FamilyReading[] = [];
  for (const family of watcher.families) {
    const read = await readFamily(family, reading);
    if (read !== undefined) present.push(read);
  }
  const [first] = present;
  if (first === undefined) return undefined;
  const begin = Math.max(at - window.seconds, reading.serverOldest);
  const oldest = Math.min(...present.map((family) => family.oldest));
  const isLate = oldest > begin + blurSeconds(window);
  const from = isLate ? oldest : begin;
  const targets = await readTargets(first.family, reading);
  const { rows, gaps } = watcher.rowsOf(
    present.flatMap(({ counted }) => counted),
    source,
  );
  return {
    source,
    window: { from: timeOf(from), to: timeOf(at) },
    seesUnmeshed: watcher.seesUnmeshed,
    gaps: [
      ...gaps,
      ...missingMetrics(
        watcher,
        present.map(({ family }) => family.metric),
      ),
      ...(await lostGaps(reading)),
      ...(isLate ? [`its metrics begin at ${timeOf(oldest)}`] : []),
      ...scrapeGaps(targets, { from, to: at, stepSeconds: window.stepSeconds }),
    ],
    rows: inOrder(rows),
  };
}

async function readFamily(family: MetricFamily, reading: WatcherReading): Promise<FamilyReading | undefined> {
  const { window, ask, at } = reading;
  const [oldest] = await ask(oldestQuery(family, window), `the age of ${family.metric}`);
  const counts = await ask(countQuery(family, window), family.metric);
  // Series that are there and count nothing were watched all the same.
  if (counts.length === 0) return oldest === undefined ? undefined : { family, counted: [], oldest: oldest.value };
  const firsts = byLabels(family, await ask(firstQuery(family, window), `first sightings of ${family.metric}`));
  const lasts = byLabels(family, await ask(lastQuery(family, window), `last sightings of ${family.metric}`));
  const counted = counts.map(({ labels, value }) => {
    const key = keyOf(family, labels);
    return {
      family,
      labels,
      // `increase` extrapolates; what was counted at all was at least one.
      count: Math.max(1, Math.round(value)),
      ...timed('firstSeen', firsts.get(key), reading),
      ...timed('lastSeen', lasts.get(key), reading),
    };
  });
  return { family, counted, oldest: oldest?.value ?? at };
}

/** The beginning of the step at whose end it was noticed, so that no call is said to be younger than it is. */
function timed(
  name: 'firstSeen' | 'lastSeen',
  noticed: number | undefined,
  { window, at, serverOldest }: WatcherReading,
): { readonly firstSeen?: string; readonly lastSeen?: string } {
  if (noticed === undefined) return {};
  const earliest = Math.max(at - window.seconds, serverOldest);
  return { [name]: timeOf(Math.min(at, Math.max(earliest, noticed - blurSeconds(window)))) };
}

/** No series is not zero: what nobody counts may still happen. */
function missingMetrics({ needed }: Watcher, present: readonly string[]): readonly string[] {
  return needed
    .filter((metrics) => !metrics.some((metric) => present.includes(metric)))
    .map((metrics) => `no series of ${metrics.join(' or ')}: what only it counts was not seen`);
}

async function lostGaps({ watcher, window, ask }: WatcherReading): Promise<readonly string[]> {
  const { lossMetric } = watcher;
  if (lossMetric === undefined) return [];
  const [lost] = await ask(totalQuery(lossMetric, window), lossMetric);
  return lost === undefined || lost.value <= 0
    ? []
    : [`it lost ${String(Math.max(1, Math.round(lost.value)))} events before it counted them (${lossMetric})`];
}

function byLabels(family: MetricFamily, elements: readonly VectorElement[]): ReadonlyMap<string, number> {
  return new Map(elements.map(({ labels, value }) => [keyOf(family, labels), value]));
}

function keyOf(family: MetricFamily, labels: Readonly<Record<string, string>>): string {
  return JSON.stringify(family.by.map((name) => labels[name] ?? ''));
}
