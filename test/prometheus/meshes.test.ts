import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { readPrometheus } from '../../src/adapters/prometheus/read-prometheus.ts';
import type { CallsFile } from '../../src/domain/calls/call.ts';
import { istioRequests } from './support/istio.ts';
import { scraped, type TestSeries } from './support/samples.ts';
import { startPrometheus, type TestServer } from './support/server.ts';

const END = Date.parse('2026-11-20T12:00:00Z') / 1000;
const once = scraped(1800, 0, () => 1);

function series(metric: string, labels: Readonly<Record<string, string>>): TestSeries {
  return { metric, labels: { job: 'test', instance: '10.0.0.1:4191', ...labels }, samples: once };
}

describe.skipIf(inject('withoutPrometheus') !== '')('a Prometheus with the metrics of all watchers', () => {
  let server: TestServer;
  let files: readonly CallsFile[];

  beforeAll(async () => {
    server = await startPrometheus({
      end: END,
      series: [
        istioRequests({ reporter: 'waypoint' }, once),
        istioRequests({ app: 'ztunnel', request_protocol: 'tcp' }, once, 'istio_tcp_connections_opened_total'),
        istioRequests(
          { app: 'ztunnel', request_protocol: 'tcp', source_workload: 'intruder', response_flags: 'DENY' },
          once,
          'istio_tcp_connections_failed_total',
        ),
        series('request_total', {
          direction: 'outbound',
          namespace: 'emojivoto',
          deployment: 'web',
          dst_namespace: 'emojivoto',
          dst_service: 'emoji-svc',
          dst_deployment: 'emoji',
          authority: 'emoji-svc.emojivoto.svc.cluster.local:8080',
          target_port: '8080',
          tls: 'true',
        }),
        series('tcp_open_total', {
          direction: 'inbound',
          peer: 'src',
          namespace: 'emojivoto',
          deployment: 'voting',
          target_port: '8080',
          srv_port: '8080',
          tls: 'no_identity',
          no_tls_reason: 'no_tls_from_remote',
        }),
        series('hubble_port_distribution_total', {
          protocol: 'TCP',
          port: '9080',
          source_namespace: 'shop',
          source_workload: 'web',
          destination_namespace: 'shop',
          destination_workload: 'cart',
        }),
        series('hubble_lost_events_total', { source: 'perf_event_ring_buffer' }),
      ],
    });
    files = await readPrometheus({
      url: server.url,
      windowSeconds: 3600,
      at: '2026-11-20T12:00:00Z',
      timeoutSeconds: 30,
    });
  });

  afterAll(async () => {
    await server.stop();
  });

  it('gives one file for each watcher, and none for those that counted nothing', () => {
    expect(files.map(({ source }) => source.replace(/^prometheus \S+ /, ''))).toEqual([
      '(Istio ztunnel)',
      '(Istio waypoints)',
      '(Linkerd proxies)',
      '(Hubble)',
    ]);
  });

  it('tells the calls of each', () => {
    expect(files.map(({ rows }) => rows.map(({ client, denied }) => [client, denied]))).toEqual([
      [
        ['intruder', 1],
        ['web', undefined],
      ],
      [['web', undefined]],
      [
        ['web', undefined],
        ['unknown', undefined],
      ],
      [['web', undefined]],
    ]);
  });

  it('misses no metric that another one stands for', () => {
    expect(files.flatMap(({ gaps = [] }) => gaps).filter((gap) => gap.startsWith('no series'))).toEqual([]);
  });

  it('says that Hubble lost flows', () => {
    expect(files[3]?.gaps).toContain('it lost 1 events before it counted them (hubble_lost_events_total)');
  });
});
