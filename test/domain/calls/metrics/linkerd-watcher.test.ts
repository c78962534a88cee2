import { describe, expect, it } from 'vitest';
import { linkerdProxies } from '../../../../src/domain/calls/metrics/linkerd-watcher.ts';
import { gapsOf, rowsOf, type ExposedSeries } from './watcher-rows.ts';

const OUTBOUND = {
  direction: 'outbound',
  namespace: 'emojivoto',
  deployment: 'web',
  authority: 'voting-svc.emojivoto.svc.cluster.local:8080',
  dst_namespace: 'emojivoto',
  dst_service: 'voting-svc',
  dst_deployment: 'voting',
  target_port: '9090',
  tls: 'true',
};
const INBOUND = {
  direction: 'inbound',
  namespace: 'emojivoto',
  statefulset: 'store',
  srv_port: '9090',
  target_port: '9090',
  tls: 'true',
  client_id: 'web.emojivoto.serviceaccount.identity.linkerd.cluster.local',
};
const PLAIN = { ...INBOUND, tls: 'no_identity', no_tls_reason: 'no_tls_from_remote', client_id: '' };

function requests(labels: Readonly<Record<string, string>>, count = 1): ExposedSeries {
  return { metric: 'request_total', labels, count };
}

function connections(labels: Readonly<Record<string, string>>, count = 1): ExposedSeries {
  const peer = labels['direction'] === 'inbound' ? 'src' : 'dst';
  return { metric: 'tcp_open_total', labels: { ...labels, peer }, count };
}

describe('metrics of Linkerd proxies', () => {
  it('tell a client, the Service and port it asked for, and the port of the pod', () => {
    expect(rowsOf(linkerdProxies, [requests(OUTBOUND, 4)])).toEqual([
      {
        count: 4,
        client: 'web',
        clientKind: 'Deployment',
        clientNamespace: 'emojivoto',
        service: 'voting-svc',
        serviceNamespace: 'emojivoto',
        port: 8080,
        server: 'voting',
        serverKind: 'Deployment',
        serverNamespace: 'emojivoto',
        targetPort: 9090,
        protocol: 'http',
        wire: 'mutual-tls',
        seesUnmeshed: false,
      },
    ]);
  });

  it('take the port from what was asked for only if that is the Service', () => {
    const [row] = rowsOf(linkerdProxies, [requests({ ...OUTBOUND, authority: 'elsewhere.example.com:443' })]);
    expect(row).toMatchObject({ service: 'voting-svc', targetPort: 9090 });
    expect(row).not.toHaveProperty('port');
  });

  it('tell a host outside the cluster by what was asked for', () => {
    const { namespace, deployment, direction } = OUTBOUND;
    const labels = { namespace, deployment, direction, authority: 'api.example.com', tls: 'no_identity' };
    expect(rowsOf(linkerdProxies, [requests(labels)])).toMatchObject([
      { client: 'web', service: 'api.example.com', port: 80, wire: 'plaintext' },
    ]);
  });

  it('take a Job that a CronJob made for the CronJob', () => {
    const { deployment: _deployment, ...job } = { ...OUTBOUND, k8s_job: 'nightly-29012345' };
    expect(rowsOf(linkerdProxies, [requests(job)])).toMatchObject([{ client: 'nightly', clientKind: 'CronJob' }]);
    expect(rowsOf(linkerdProxies, [requests({ ...job, k8s_job: 'migrate-1' })])).toMatchObject([
      { client: 'migrate-1', clientKind: 'Job' },
    ]);
  });

  it('tell a server who it was shown, and that it sees callers outside the mesh', () => {
    expect(rowsOf(linkerdProxies, [requests(INBOUND)])).toEqual([
      {
        count: 1,
        client: 'unknown',
        clientIdentity: INBOUND.client_id,
        server: 'store',
        serverKind: 'StatefulSet',
        serverNamespace: 'emojivoto',
        targetPort: 9090,
        protocol: 'http',
        wire: 'mutual-tls',
        seesUnmeshed: true,
      },
    ]);
  });

  it.each([
    ['no_identity', 'plaintext'],
    ['disabled', 'plaintext'],
    ['opaque', 'tls'],
  ])('take tls="%s" for %s', (tls, wire) => {
    expect(rowsOf(linkerdProxies, [connections({ ...INBOUND, tls })])).toMatchObject([{ wire }]);
  });

  it('leave out connections that requests account for, and keep those that they do not', () => {
    const probes = requests({ ...PLAIN, route_name: 'probe' }, 100);
    expect(rowsOf(linkerdProxies, [probes, connections(PLAIN, 100)])).toEqual([]);
    expect(rowsOf(linkerdProxies, [probes, connections(PLAIN, 200)])).toMatchObject([{ wire: 'plaintext' }]);
    expect(rowsOf(linkerdProxies, [requests(INBOUND), connections(PLAIN)])).toHaveLength(2);
  });

  it('tell what was denied', () => {
    for (const metric of ['inbound_http_authz_deny_total', 'inbound_tcp_authz_deny_total']) {
      expect(rowsOf(linkerdProxies, [{ metric, labels: PLAIN, count: 3 }])).toMatchObject([
        { client: 'unknown', server: 'store', denied: 3 },
      ]);
    }
  });

  it('do not take the port of the proxy for that of the application', () => {
    const { srv_port: _port, ...labels } = INBOUND;
    expect(rowsOf(linkerdProxies, [connections({ ...labels, target_port: '4143' })])[0]).not.toHaveProperty(
      'targetPort',
    );
  });

  it('leave out what never left its pod', () => {
    expect(rowsOf(linkerdProxies, [connections({ ...PLAIN, no_tls_reason: 'loopback' })])).toEqual([]);
  });

  it('say that they lack the labels of a scrape configuration that does not add them', () => {
    const { statefulset: _owner, ...nameless } = INBOUND;
    expect(rowsOf(linkerdProxies, [requests(nameless)])).toEqual([]);
    expect(gapsOf(linkerdProxies, [requests(nameless)])[0]).toMatch(/^1 groups of series do not name their workload/);
  });
});
