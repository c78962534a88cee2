import { afterEach, describe, expect, inject, it } from 'vitest';
import { readPrometheus } from '../../src/adapters/prometheus/read-prometheus.ts';
import type { CallsFile } from '../../src/domain/calls/call.ts';
import { istioRequests, up } from './support/istio.ts';
import { scraped, type TestSeries } from './support/samples.ts';
import { startPrometheus, type TestServer } from './support/server.ts';

const END = Date.parse('2026-11-20T12:00:00Z') / 1000;
const HOUR = 3600;
const DAY = 24 * HOUR;
const BEGIN = DAY + HOUR;
const PODS = ['10.0.0.1:15020', '10.0.0.2:15020', '10.0.0.3:15020', '10.0.0.4:15020'];

const busy = (instance: string, begin = BEGIN, end = 0): TestSeries =>
  istioRequests(
    { instance },
    scraped(begin, end, (before) => 10_000 - Math.round(before / 60)),
  );
const tcp = (instance: string, begin = BEGIN): TestSeries =>
  istioRequests(
    { instance, request_protocol: 'tcp' },
    scraped(begin, 0, () => 1),
    'istio_tcp_connections_opened_total',
  );
const answering = (instance: string, begin = BEGIN, end = 0): TestSeries =>
  up(
    instance,
    scraped(begin, end, () => 1),
  );

describe.skipIf(inject('withoutPrometheus') !== '')('what a Prometheus cannot vouch for', () => {
  let server: TestServer | undefined;

  const read = async (series: readonly TestSeries[]): Promise<CallsFile> => {
    server = await startPrometheus({ end: END, series });
    const [file] = await readPrometheus({
      url: server.url,
      windowSeconds: DAY,
      at: '2026-11-20T12:00:00Z',
      timeoutSeconds: 30,
    });
    if (file === undefined) throw new Error('no file');
    return file;
  };

  afterEach(async () => {
    await server?.stop();
    server = undefined;
  });

  it('is nothing where all targets answered all the time', async () => {
    const file = await read(PODS.flatMap((pod) => [answering(pod), busy(pod), tcp(pod)]));
    expect(file.gaps).toEqual([]);
    expect(file.window).toEqual({ from: '2026-11-19T12:00:00Z', to: '2026-11-20T12:00:00Z' });
  });

  it('is the part of the window from which it has no samples', async () => {
    const file = await read(PODS.flatMap((pod) => [answering(pod, 6 * HOUR), busy(pod, 6 * HOUR), tcp(pod, 6 * HOUR)]));
    expect(file.gaps).toEqual(['Prometheus has samples only since 2026-11-20T06:00:00Z, later than the window begins']);
    expect(file.window).toEqual({ from: '2026-11-20T06:00:00Z', to: '2026-11-20T12:00:00Z' });
  });

  it('is the time before the proxies were scraped', async () => {
    const file = await read([
      answering('10.9.9.9:9100'),
      ...PODS.flatMap((pod) => [answering(pod, 6 * HOUR), busy(pod, 6 * HOUR), tcp(pod, 6 * HOUR)]),
    ]);
    expect(file.gaps).toEqual(['its metrics begin at 2026-11-20T06:00:00Z']);
    expect(file.window?.from).toBe('2026-11-20T06:00:00Z');
  });

  it('is a target that is no longer scraped', async () => {
    const [first = '', ...others] = PODS;
    const file = await read([
      answering(first, BEGIN, 8 * HOUR),
      busy(first, BEGIN, 8 * HOUR),
      ...others.flatMap((pod) => [answering(pod), busy(pod), tcp(pod)]),
    ]);
    expect(file.gaps).toHaveLength(1);
    expect(file.gaps?.[0]).toMatch(
      /^targets were scraped for only 91\.\d % of the time that 4 targets would have been: istio 10\.0\.0\.1:15020 not since 2026-11-20T0[34]:/,
    );
  });

  it('is no pod that a rollout replaced', async () => {
    const [first = '', second = '', ...others] = PODS;
    const file = await read([
      answering(first, BEGIN, 8 * HOUR),
      busy(first, BEGIN, 8 * HOUR),
      answering(second, 8 * HOUR + 600),
      busy(second, 8 * HOUR + 600),
      ...others.flatMap((pod) => [answering(pod), busy(pod), tcp(pod)]),
    ]);
    expect(file.gaps).toEqual([]);
  });

  it('is a target that did not answer', async () => {
    const [first = '', ...others] = PODS;
    const file = await read([
      up(
        first,
        scraped(BEGIN, 0, (before) => (before < 3 * HOUR ? 0 : 1)),
      ),
      busy(first, BEGIN, 3 * HOUR),
      ...others.flatMap((pod) => [answering(pod), busy(pod), tcp(pod)]),
    ]);
    expect(file.gaps).toEqual(['only 96.8 % of the scrapes of 4 targets were answered (istio 10.0.0.1:15020: 87.5 %)']);
  });

  it('is the time in which it did not run itself', async () => {
    const halves = (pod: string): readonly TestSeries[] =>
      [answering(pod), busy(pod), tcp(pod)].map((series) => ({
        ...series,
        samples: series.samples.filter(([before]) => before > 9 * HOUR || before < 6 * HOUR),
      }));
    const file = await read(PODS.flatMap(halves));
    expect(file.gaps?.[0]).toMatch(/^targets were scraped for only 8\d/);
    expect(file.gaps?.[1]).toMatch(/^Prometheus itself has samples for only 8\d/);
  });

  it('is everything, where no `up` belongs to what exposes the metrics', async () => {
    const file = await read(PODS.flatMap((pod) => [busy(pod), tcp(pod)]));
    expect(file.gaps).toEqual(['no `up` series fits these metrics, so nobody can tell whether they are whole']);
  });

  it('is a metric that nobody has', async () => {
    const file = await read(PODS.flatMap((pod) => [answering(pod), tcp(pod)]));
    expect(file.gaps).toEqual(['no series of istio_requests_total: what only it counts was not seen']);
  });
});
