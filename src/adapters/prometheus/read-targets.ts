import type { MetricFamily } from '../../domain/calls/metrics/metric-family.ts';
import { targetQueries, type QueryWindow } from '../../domain/calls/metrics/queries.ts';
import type { ScrapedTarget } from '../../domain/calls/metrics/scrape-gaps.ts';
import type { VectorElement } from './query-api.ts';

interface TargetReading {
  readonly window: QueryWindow;
  readonly ask: (query: string, what: string) => Promise<readonly VectorElement[]>;
}

/** The scrape targets that exposed the family at some time in the window, and how they were scraped. */
export async function readTargets(
  family: MetricFamily,
  { ask, window }: TargetReading,
): Promise<readonly ScrapedTarget[]> {
  const queries = targetQueries(family, window);
  const steps = await ask(queries.steps, 'scrape targets');
  const last = new Map(
    (await ask(queries.last, 'scrape targets')).map(({ labels, value }) => [targetKey(labels), value]),
  );
  const answered = new Map(
    (await ask(queries.answered, 'scrape targets')).map(({ labels, value }) => [targetKey(labels), value]),
  );
  return steps.map(({ labels, value }) => {
    const key = targetKey(labels);
    return {
      job: labels['job'] ?? '',
      instance: labels['instance'] ?? '',
      steps: value,
      last: last.get(key) ?? 0,
      answered: answered.get(key) ?? 0,
    };
  });
}

function targetKey(labels: Readonly<Record<string, string>>): string {
  return JSON.stringify([labels['job'], labels['instance']]);
}
