/** One series of a metric, with its samples: seconds before the end of the window, and the value. */
export interface TestSeries {
  readonly metric: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly samples: readonly (readonly [before: number, value: number])[];
}

const SCRAPE_SECONDS = 60;

/** Scrapes once a minute from one moment to another, both in seconds before the end. */
export function scraped(
  begin: number,
  end: number,
  valueAt: (before: number) => number,
): readonly (readonly [number, number])[] {
  const count = Math.floor((begin - end) / SCRAPE_SECONDS) + 1;
  return Array.from({ length: count }, (_, index) => begin - index * SCRAPE_SECONDS).map((before) => [
    before,
    valueAt(before),
  ]);
}

/** The text that `promtool tsdb create-blocks-from openmetrics` reads. */
export function* openMetrics(series: Iterable<TestSeries>, end: number): Generator<string> {
  for (const { metric, labels, samples } of series) {
    const pairs = Object.entries(labels).map(([name, value]) => `${name}=${JSON.stringify(value)}`);
    const name = `${metric}{${pairs.join(',')}}`;
    yield samples.map(([before, value]) => `${name} ${String(value)} ${String(end - before)}\n`).join('');
  }
  yield '# EOF\n';
}
