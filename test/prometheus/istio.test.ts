import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { readPrometheus } from '../../src/adapters/prometheus/read-prometheus.ts';
import type { CallsFile, SeenCall } from '../../src/domain/calls/call.ts';
import { istioRequests, up } from './support/istio.ts';
import { scraped } from './support/samples.ts';
import { startPrometheus, type TestServer } from './support/server.ts';

const END = Date.parse('2026-11-20T12:00:00Z') / 1000;
const DAY = 86_400;
const WINDOW = { windowSeconds: DAY, at: '2026-11-20T12:00:00Z', timeoutSeconds: 30 };
const whole = scraped(DAY + 3600, 0, () => 1);

describe.skipIf(inject('withoutPrometheus') !== '')('a Prometheus that scrapes Istio sidecars', () => {
  let server: TestServer;
  let file: CallsFile;

  beforeAll(async () => {
    server = await startPrometheus({
      end: END,
      series: [
        up('10.0.0.1:15020', whole),
        // Counts one request a minute, all the time.
        istioRequests(
          {},
          scraped(DAY + 3600, 0, (before) => 10_000 - Math.round(before / 60)),
        ),
        // A job that called once, from a pod that lived for three minutes.
        istioRequests(
          { source_workload: 'nightly', source_principal: 'unknown', connection_security_policy: 'none' },
          scraped(20_000, 19_880, () => 1),
        ),
        // Born at one and never moving since.
        istioRequests(
          { source_workload: 'once', response_code: '403' },
          scraped(7200, 0, () => 1),
        ),
        // Called only before the window.
        istioRequests(
          { source_workload: 'formerly' },
          scraped(DAY + 3600, 0, () => 7),
        ),
        // Its proxy began anew and counted one more.
        istioRequests(
          { source_workload: 'restarted' },
          scraped(DAY + 3600, 0, (before) => (before > 5000 ? 40 : 1)),
        ),
        // What the client's proxy says again, and what it alone says.
        istioRequests(
          { reporter: 'source', connection_security_policy: 'unknown' },
          scraped(DAY + 3600, 0, (before) => 10_000 - Math.round(before / 60)),
        ),
        istioRequests(
          {
            reporter: 'source',
            connection_security_policy: 'unknown',
            destination_workload: 'legacy',
            destination_service_name: 'legacy',
          },
          scraped(DAY + 3600, 0, (before) => (before > 3000 ? 5 : 6)),
        ),
      ],
    });
    const files = await readPrometheus({ ...WINDOW, url: server.url });
    expect(files).toHaveLength(1);
    [file] = files as [CallsFile];
  });

  afterAll(async () => {
    await server.stop();
  });

  const rowOf = (client: string, target = 'cart'): SeenCall | undefined =>
    file.rows.find((row) => row.client === client && row.service === target);

  it('names the server, the watcher and the window', () => {
    expect(file.source).toBe(`prometheus ${new URL(server.url).host} (Istio sidecars)`);
    expect(file.window).toEqual({ from: '2026-11-19T12:00:00Z', to: '2026-11-20T12:00:00Z' });
    expect(file.seesUnmeshed).toBe(false);
  });

  it('sees a series that was born at one and never moved', () => {
    expect(rowOf('once')).toMatchObject({ count: 1, denied: 1 });
  });

  it('sees the one call of a pod that lived for three minutes, and about when it was', () => {
    const row = rowOf('nightly');
    expect(row).toMatchObject({ count: 1, wire: 'plaintext', seesUnmeshed: true });
    const seen = END - Date.parse(row?.lastSeen ?? '') / 1000;
    expect(seen).toBeGreaterThanOrEqual(19_880);
    expect(seen).toBeLessThanOrEqual(20_000 + 900);
  });

  it('does not see what was called only before the window', () => {
    expect(rowOf('formerly')).toBeUndefined();
  });

  it('sees the call that a proxy counted after it began anew', () => {
    expect(rowOf('restarted')).toMatchObject({ count: 1 });
  });

  it('counts what both proxies say once, by the server', () => {
    const rows = file.rows.filter(({ client, service }) => client === 'web' && service === 'cart');
    expect(rows).toHaveLength(1);
    expect(rows[0]).toMatchObject({ wire: 'mutual-tls', seesUnmeshed: true });
    expect(rows[0]?.count).toBeGreaterThan(1430);
    expect(rows[0]?.count).toBeLessThan(1460);
  });

  it('takes from the client what no server says, without telling its wire', () => {
    const row = rowOf('web', 'legacy');
    expect(row).toMatchObject({ count: 1, seesUnmeshed: false });
    expect(row).not.toHaveProperty('wire');
  });

  it('finds no gap in scraping, nor one in a mesh that speaks HTTP alone', () => {
    expect(file.gaps).toEqual([]);
  });

  it('gives the same rows for the same window again', async () => {
    expect(await readPrometheus({ ...WINDOW, url: server.url })).toEqual([file]);
  });

  it('finds nothing, and says that this is not zero, where the conditions fit no series', async () => {
    const [nothing] = await readPrometheus({ ...WINDOW, url: server.url, match: 'cluster="other"' });
    expect(nothing?.rows).toEqual([]);
    expect(nothing?.window).toBeUndefined();
    expect(nothing?.gaps?.[0]).toContain('nothing was watched, which is not nothing called');
  });
});
