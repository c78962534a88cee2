import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { readPrometheus } from '../../src/adapters/prometheus/read-prometheus.ts';
import { istioRequests, up } from './support/istio.ts';
import { scraped, type TestSeries } from './support/samples.ts';
import { startPrometheus, type TestServer } from './support/server.ts';

const END = Date.parse('2026-11-20T12:00:00Z') / 1000;
const SERIES = 11_000;
const SPARSE: TestSeries['samples'] = scraped(4200, 0, (before) => 4200 - before).filter((_, index) => index % 4 === 0);

function* manySeries(): Generator<TestSeries> {
  yield up(
    '10.0.0.1:15020',
    scraped(4200, 0, () => 1),
  );
  for (let index = 0; index < SERIES; index += 1) {
    const name = `client-${String(index)}`;
    yield istioRequests({ source_workload: name }, index % 100 === 0 ? [[600, 1]] : SPARSE);
  }
}

describe.skipIf(inject('withoutPrometheus') !== '')('a Prometheus with eleven thousand pairs of workloads', () => {
  let server: TestServer;

  beforeAll(async () => {
    server = await startPrometheus({ end: END, series: manySeries() });
  });

  afterAll(async () => {
    await server.stop();
  });

  it('loses none of them, and not those that were scraped only once', async () => {
    const begin = performance.now();
    const [file] = await readPrometheus({
      url: server.url,
      windowSeconds: 3600,
      at: '2026-11-20T12:00:00Z',
      timeoutSeconds: 60,
    });
    process.stderr.write(`${String(SERIES)} series read in ${String(Math.round(performance.now() - begin))} ms\n`);
    expect(file?.rows).toHaveLength(SERIES);
    expect(file?.rows.filter(({ lastSeen }) => lastSeen === undefined)).toEqual([]);
    expect(file?.rows.filter(({ count }) => count === 1)).toHaveLength(SERIES / 100);
  });
});
