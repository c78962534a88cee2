import type { SeenCall } from '../call.ts';

/** A condition on a label, as PromQL writes it; a label that a series does not have is empty. */
export interface LabelMatcher {
  readonly label: string;
  readonly op: '=' | '!=' | '=~' | '!~';
  readonly value: string;
}

/** Counters that say the same thing of calls, and the labels by which they are told apart. */
export interface MetricFamily {
  readonly metric: string;
  readonly matchers: readonly LabelMatcher[];
  /** Labels that are kept; whatever differs in others alone is added up. */
  readonly by: readonly string[];
  /** Whether it counts what was refused. */
  readonly refused?: boolean;
}

/** What one group of counters counted within the window. Times are RFC 3339. */
export interface CountedSeries {
  readonly family: MetricFamily;
  readonly labels: Readonly<Record<string, string>>;
  readonly count?: number;
  /** No later than the first, and no later than the last, of what it counted. */
  readonly firstSeen?: string;
  readonly lastSeen?: string;
}

/** The rows of a watcher, and what its series themselves say that it could not see. */
export interface WatchedRows {
  readonly rows: readonly SeenCall[];
  readonly gaps: readonly string[];
}

/** A kind of proxy, or of agent, that counts calls. */
export interface Watcher {
  /** As people call it: `Istio sidecars`. */
  readonly name: string;
  /** Whether it sees whoever calls, in or out of a mesh. */
  readonly seesUnmeshed: boolean;
  readonly families: readonly MetricFamily[];
  /** Of each list one metric must be there, or calls go unseen. */
  readonly needed: readonly (readonly string[])[];
  /** Counts what it lost before it could count it. */
  readonly lossMetric?: string;
  /** The calls behind what was counted; `source` goes before the name of each series. */
  readonly rowsOf: (counted: readonly CountedSeries[], source: string) => WatchedRows;
}

/** The value of a label, or undefined where it is empty or `unknown`, which is how proxies write that they do not know. */
export function knownLabel({ labels }: Pick<CountedSeries, 'labels'>, name: string): string | undefined {
  const value = Object.hasOwn(labels, name) ? labels[name] : undefined;
  return value === undefined || value === '' || value === 'unknown' ? undefined : value;
}

/** The label as a port, or undefined. */
export function portLabel(series: Pick<CountedSeries, 'labels'>, name: string): number | undefined {
  return asPort(knownLabel(series, name));
}

/** Decimal text as a port number, or undefined. */
export function asPort(text: string | undefined): number | undefined {
  const port = text !== undefined && /^\d{1,5}$/.test(text) ? Number(text) : 0;
  return port >= 1 && port <= 65_535 ? port : undefined;
}

/** What every row takes over from its series: counts, times and the name of the series. */
export function sightingOf(
  series: CountedSeries,
  source: string,
  naming: readonly string[],
): Pick<SeenCall, 'source' | 'count' | 'firstSeen' | 'lastSeen' | 'denied'> {
  const { family, count, firstSeen, lastSeen } = series;
  return {
    source: `${source}: ${nameOf(series, naming)}`,
    ...(count === undefined ? {} : { count }),
    ...(firstSeen === undefined ? {} : { firstSeen }),
    ...(lastSeen === undefined ? {} : { lastSeen }),
    ...(family.refused === true ? { denied: count ?? 1 } : {}),
  };
}

/** Values longer than any name of Kubernetes are not names. */
const LONGEST_VALUE = 120;

function nameOf(series: CountedSeries, naming: readonly string[]): string {
  const labels = naming.flatMap((name) => {
    const value = knownLabel(series, name);
    return value === undefined ? [] : [`${name}=${JSON.stringify([...value].slice(0, LONGEST_VALUE).join(''))}`];
  });
  return `${series.family.metric}{${labels.join(',')}}`;
}
