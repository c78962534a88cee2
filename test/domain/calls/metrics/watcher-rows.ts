import type { SeenCall } from '../../../../src/domain/calls/call.ts';
import type { CountedSeries, Watcher } from '../../../../src/domain/calls/metrics/metric-family.ts';
import { belongsTo } from '../../../../src/domain/calls/metrics/watchers.ts';

/** One series as a proxy exposes it, with what it counted. */
export interface ExposedSeries {
  readonly metric: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly count?: number;
}

/** What a watcher makes of the series, without the name of each row. */
export function rowsOf(watcher: Watcher, exposed: readonly ExposedSeries[]): readonly Omit<SeenCall, 'source'>[] {
  return watcher.rowsOf(countedBy(watcher, exposed), 'test').rows.map(({ source: _source, ...row }) => row);
}

/** What the watcher says that it could not see. */
export function gapsOf(watcher: Watcher, exposed: readonly ExposedSeries[]): readonly string[] {
  return watcher.rowsOf(countedBy(watcher, exposed), 'test').gaps;
}

function countedBy({ families }: Watcher, exposed: readonly ExposedSeries[]): readonly CountedSeries[] {
  return exposed.flatMap(({ metric, labels, count }) =>
    families
      .filter((family) => belongsTo(family, metric, labels))
      .map((family) => ({ family, labels, ...(count === undefined ? {} : { count }) })),
  );
}
