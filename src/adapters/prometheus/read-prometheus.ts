import type { CallsFile } from '../../domain/calls/call.ts';
import {
  blurSeconds,
  serverOldestQuery,
  servingQuery,
  stepFor,
  type QueryWindow,
} from '../../domain/calls/metrics/queries.ts';
import { servingGaps } from '../../domain/calls/metrics/scrape-gaps.ts';
import { WATCHERS } from '../../domain/calls/metrics/watchers.ts';
import type { Watcher } from '../../domain/calls/metrics/metric-family.ts';
import { sortedUnique } from '../../lib/order.ts';
import type { AppError } from '../../lib/errors.ts';
import { parseMatchers } from './label-matchers.ts';
import { wrongOption } from './prometheus-errors.ts';
import { prometheusServer, type PrometheusAccess, type PrometheusServer } from './prometheus-route.ts';
import { instantQuery, withoutSecrets, type VectorElement } from './query-api.ts';
import { readWatcher } from './read-watcher.ts';
import { timeOf } from './row-order.ts';

export interface PrometheusOptions extends PrometheusAccess {
  /** How far back calls are looked for. */
  readonly windowSeconds: number;
  /** RFC 3339, the end of the window; the server's own now if it is not given. */
  readonly at?: string | undefined;
  /** Conditions that every series must meet, as PromQL writes them: `cluster="prod"`. */
  readonly match?: string | undefined;
}

/** A question to the server, with what went wrong with it put where `gaps` says. */
type Ask = (query: string, what: string, gaps: Set<string>) => Promise<readonly VectorElement[]>;

/** Heavy queries, several at once, would take the server from those who watch it. */
const AT_ONCE = 2;
const SHORTEST_WINDOW_SECONDS = 300;

/**
 * The calls that meshes' and networks' metrics show, one file for each kind of watcher that counted any; what could not
 * be read, or was not watched all the time, is in its gaps. Throws where the server cannot be reached, does not accept
 * the credentials, or answers no question.
 */
export async function readPrometheus(
  options: PrometheusOptions,
  onProgress?: (text: string) => void,
): Promise<readonly CallsFile[]> {
  const window = windowOf(options);
  const server = prometheusServer(options);
  try {
    const at = await endOfWindow(server, options.at);
    return await readAll({ server, window, at, onProgress });
  } finally {
    server.close();
  }
}

interface Reading {
  readonly server: PrometheusServer;
  readonly window: QueryWindow;
  readonly at: number;
  readonly onProgress: ((text: string) => void) | undefined;
}

async function readAll({ server, window, at, onProgress }: Reading): Promise<readonly CallsFile[]> {
  const { ask, nothingWorked } = asking(server, at);
  const shared = new Set<string>();
  const serverOldest = await readServer(ask, { window, at, gaps: shared });
  const files = new Map<Watcher, CallsFile>();
  const waiting = [...WATCHERS];
  let done = 0;
  const readSome = async (): Promise<void> => {
    for (let watcher = waiting.shift(); watcher !== undefined; watcher = waiting.shift()) {
      const gaps = new Set<string>();
      const source = `prometheus ${server.host} (${watcher.name})`;
      const file = await readWatcher({
        watcher,
        source,
        window,
        at,
        serverOldest,
        ask: (query, what) => ask(query, what, gaps),
      });
      const own = [
        ...(file?.gaps ?? []),
        ...sortedUnique(gaps),
        ...(file === undefined && gaps.size === 0 ? [] : shared),
      ];
      if (file !== undefined) files.set(watcher, { ...file, gaps: own });
      else if (gaps.size > 0) files.set(watcher, { source, seesUnmeshed: watcher.seesUnmeshed, gaps: own, rows: [] });
      done += 1;
      onProgress?.(`${server.host}: ${watcher.name} (${String(done)} of ${String(WATCHERS.length)})`);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, readSome));
  const failure = nothingWorked();
  if (failure !== undefined) throw failure;
  return inOrder(files, server, shared);
}

function inOrder(
  files: ReadonlyMap<Watcher, CallsFile>,
  { host }: PrometheusServer,
  shared: ReadonlySet<string>,
): readonly CallsFile[] {
  if (files.size > 0) return WATCHERS.flatMap((watcher) => files.get(watcher) ?? []);
  const metrics = sortedUnique(WATCHERS.flatMap(({ families }) => families.map(({ metric }) => metric)));
  const nothing = `none of ${metrics.join(', ')} has a series in the window: nothing was watched, which is not nothing called`;
  return [{ source: `prometheus ${host}`, seesUnmeshed: false, gaps: [nothing, ...shared], rows: [] }];
}

/** Since when the server has samples in the window; what it has not is a gap in everything that it tells. */
async function readServer(
  ask: Ask,
  { window, at, gaps }: { readonly window: QueryWindow; readonly at: number; readonly gaps: Set<string> },
): Promise<number> {
  const begin = at - window.seconds;
  const [element] = await ask(serverOldestQuery(window), 'the age of its samples', gaps);
  const oldest = element === undefined || element.value <= begin + blurSeconds(window) ? begin : element.value;
  if (oldest > begin) gaps.add(`Prometheus has samples only since ${timeOf(oldest)}, later than the window begins`);
  const [serving] = await ask(servingQuery(window), 'its own gaps', gaps);
  if (serving !== undefined) {
    const covered = { from: oldest, to: at, stepSeconds: window.stepSeconds };
    for (const gap of servingGaps(serving.value, covered)) gaps.add(gap);
  }
  return oldest;
}

function asking(
  server: PrometheusServer,
  at: number,
): { readonly ask: Ask; readonly nothingWorked: () => AppError | undefined } {
  let worked = false;
  let failure: AppError | undefined;
  return {
    ask: async (query, what, gaps) => {
      const answer = await instantQuery(server, query, at);
      if ('failed' in answer) {
        failure ??= answer.error;
        gaps.add(`${what} could not be read: ${answer.failed}`);
        return [];
      }
      worked = true;
      for (const warning of answer.warnings) gaps.add(`Prometheus warns: ${withoutSecrets(warning, server)}`);
      return answer.vector;
    },
    nothingWorked: () => (worked ? undefined : failure),
  };
}

/** Asks the server for its time even if another is given: by that it shows that it can be read at all. */
async function endOfWindow(server: PrometheusServer, at: string | undefined): Promise<number> {
  const answer = await instantQuery(server, 'time()');
  if ('failed' in answer) throw answer.error;
  const own = Math.floor(answer.vector[0]?.value ?? Number.NaN);
  const end = at === undefined ? own : Math.floor(Date.parse(at) / 1000);
  if (!Number.isFinite(end)) {
    throw wrongOption('the end of the window is not a time', 'Give it as 2026-01-31T12:00:00Z.');
  }
  return end;
}

function windowOf({ windowSeconds, match }: PrometheusOptions): QueryWindow {
  if (!Number.isSafeInteger(windowSeconds) || windowSeconds < SHORTEST_WINDOW_SECONDS) {
    throw wrongOption('--window: shorter than five minutes', 'Rare callers show only in long windows: 7d or more.');
  }
  return { seconds: windowSeconds, stepSeconds: stepFor(windowSeconds), also: parseMatchers(match ?? '') };
}
