import type { LabelMatcher, MetricFamily } from './metric-family.ts';

/** What the queries look at. */
export interface QueryWindow {
  /** Length of the window that ends where the query is evaluated. */
  readonly seconds: number;
  /** How exactly times are told. */
  readonly stepSeconds: number;
  /** Conditions that every series must meet besides the family's own. */
  readonly also: readonly LabelMatcher[];
}

/** How far back Prometheus looks for a sample: https://prometheus.io/docs/prometheus/latest/querying/basics/#staleness. */
const LOOKBACK_SECONDS = 300;
const MOST_STEPS = 84;
const SHORTEST_STEP_SECONDS = 60;

/** The step that splits a window of so many seconds into at most 84 parts, in whole minutes. */
export function stepFor(windowSeconds: number): number {
  const step = Math.ceil(windowSeconds / MOST_STEPS / SHORTEST_STEP_SECONDS) * SHORTEST_STEP_SECONDS;
  return Math.max(SHORTEST_STEP_SECONDS, step);
}

/** By how many seconds a time may be earlier than what it stands for. */
export function blurSeconds({ stepSeconds }: Pick<QueryWindow, 'stepSeconds'>): number {
  return stepSeconds + LOOKBACK_SECONDS;
}

/**
 * What each group counted within the window. A counter that was born within it counts from its first sample on:
 * `increase` alone leaves that one out, so that a single call would never be seen
 * (https://github.com/prometheus/prometheus/issues/1673). An older one counts by how much it grew, which begins one
 * look-back earlier, where the value at the window's start was taken from.
 */
export function countQuery(family: MetricFamily, window: QueryWindow): string {
  const { seconds } = window;
  const born = `(max_over_time(${range(family, window, seconds)}) > 0) unless ${older(family, window)}`;
  const grew = `increase(${range(family, window, seconds + LOOKBACK_SECONDS)}) > 0`;
  return `sum ${byLabels(family)} ((${born}) or (${grew}))`;
}

/** When each group counted first: the end of the step in which it did, in seconds since 1970. */
export function firstQuery(family: MetricFamily, window: QueryWindow): string {
  return extreme('min', family, window);
}

/** When each group counted last: the end of the step in which it did, in seconds since 1970. */
export function lastQuery(family: MetricFamily, window: QueryWindow): string {
  return extreme('max', family, window);
}

/** Each series on its own until the end: adding up at every step takes a server twice as long. */
function extreme(pick: 'min' | 'max', family: MetricFamily, window: QueryWindow): string {
  const by = `${pick} ${byLabels(family)}`;
  const grew = grown(family, window);
  const parts = [
    ['grew', `${by} (${pick}_over_time(${grew}${steps(window)}))`],
    // Subqueries are evaluated at whole multiples of their step; this is what came after the last of them.
    ['now', `${by} (${grew})`],
    ['born', `${by} (${births(family, window)})`],
  ] as const;
  // Without a label that tells the parts apart, `or` would keep only the first for each group.
  const marked = parts.map(([mark, query]) => `label_replace(${query}, "seen", "${mark}", "", "")`);
  return `${by} (${marked.join(' or ')})`;
}

/**
 * Since when the family has samples, in seconds since 1970, to the step. By ranges, as what lives for less than a step
 * may be all there is.
 */
export function oldestQuery(family: MetricFamily, window: QueryWindow): string {
  const seen = `timestamp(count(last_over_time(${range(family, window, window.stepSeconds)})))`;
  return `min_over_time(${seen}${steps(window)}) or ${seen}`;
}

/** At how many steps Prometheus itself had samples of anything that it scrapes. */
export function servingQuery(window: QueryWindow): string {
  return `count_over_time(count(${upSelector(window)})${steps(window)})`;
}

/** Since when Prometheus has samples of anything that it scrapes. */
export function serverOldestQuery(window: QueryWindow): string {
  return `min_over_time(timestamp(count(${upSelector(window)}))${steps(window)})`;
}

/** Of each target that exposed the family: at how many steps it was to be scraped, when last, and how often it answered. */
export function targetQueries(
  family: MetricFamily,
  window: QueryWindow,
): { readonly steps: string; readonly last: string; readonly answered: string } {
  const exposing = `and on (job, instance) max by (job, instance) (last_over_time(${range(family, window, window.seconds)}))`;
  const up = upSelector(window);
  return {
    steps: `max by (job, instance) (count_over_time(${up}${steps(window)}) ${exposing})`,
    last: `max by (job, instance) (max_over_time(timestamp(${up})${steps(window)}) ${exposing})`,
    answered: `min by (job, instance) (avg_over_time(${up}[${String(window.seconds)}s]) ${exposing})`,
  };
}

/** How much a counter grew in all. */
export function totalQuery(metric: string, window: QueryWindow): string {
  return countQuery({ metric, matchers: [], by: [] }, window);
}

/** When it is asked, for the series that grew just before. */
function grown(family: MetricFamily, window: QueryWindow): string {
  return `timestamp(increase(${range(family, window, blurSeconds(window))}) > 0)`;
}

/** By ranges and not at points: what lives for less than a step, as a job's pod may, is born too. */
function births(family: MetricFamily, window: QueryWindow): string {
  const seen = `timestamp(last_over_time(${range(family, window, window.stepSeconds)}))`;
  return `(min_over_time(${seen}${steps(window)}) or ${seen}) unless ${older(family, window)}`;
}

function older(family: MetricFamily, window: QueryWindow): string {
  return `${selector(family, window)} offset ${String(window.seconds)}s`;
}

function range(family: MetricFamily, window: QueryWindow, seconds: number): string {
  return `${selector(family, window)}[${String(seconds)}s]`;
}

function steps({ seconds, stepSeconds }: QueryWindow): string {
  return `[${String(seconds)}s:${String(stepSeconds)}s]`;
}

function byLabels({ by }: MetricFamily): string {
  return `by (${by.join(', ')})`;
}

function upSelector({ also }: QueryWindow): string {
  return `up${braces(also)}`;
}

function selector({ metric, matchers }: MetricFamily, { also }: QueryWindow): string {
  return `${metric}${braces([...matchers, ...also])}`;
}

function braces(matchers: readonly LabelMatcher[]): string {
  if (matchers.length === 0) return '';
  return `{${matchers.map(({ label, op, value }) => `${label}${op}${JSON.stringify(value)}`).join(',')}}`;
}
