import { afterAll, describe, expect, it } from 'vitest';
import { readAccessLogs } from '../../../src/adapters/flows/access-logs.ts';
import { logFiles } from './log-files.ts';

const files = logFiles();
afterAll(files.end);

/** What a client's sidecar logs of a request. */
const SENT = {
  start_time: '2026-11-21T10:00:00.000Z',
  method: 'GET',
  path: '/status/418?token=s3cret',
  protocol: 'HTTP/1.1',
  response_code: 200,
  response_flags: '-',
  response_code_details: 'via_upstream',
  connection_termination_details: null,
  upstream_host: '10.0.0.2:8000',
  upstream_cluster: 'outbound|80||httpbin.shop.svc.cluster.local',
  downstream_remote_address: '10.0.0.1:41000',
  downstream_local_address: '10.96.0.7:80',
  requested_server_name: null,
};
/** What its server's sidecar logs of it. */
const RECEIVED = {
  ...SENT,
  upstream_cluster: 'inbound|8000||',
  downstream_local_address: '10.0.0.2:8000',
  requested_server_name: 'outbound_.80_._.httpbin.shop.svc.cluster.local',
};

const ofPod = (pod: string) => ({ kubernetes: { namespace_name: 'shop', pod_name: pod, labels: { app: 'x' } } });

async function read(...lines: readonly unknown[]) {
  return readAccessLogs(files.write('access.log', lines));
}

describe('an access log of Istio', () => {
  it('of what was sent names the Service, its port and the request without its query', async () => {
    const { rows, seesUnmeshed, gaps } = await read({ ...ofPod('sleep-1'), log: JSON.stringify(SENT) });
    expect(rows).toEqual([
      {
        source: expect.stringMatching(/access\.log:1$/) as string,
        client: 'sleep-1',
        clientKind: 'Pod',
        clientNamespace: 'shop',
        service: 'httpbin.shop.svc.cluster.local',
        port: 80,
        protocol: 'http',
        method: 'GET',
        path: '/status/418',
        count: 1,
        firstSeen: '2026-11-21T10:00:00.000Z',
        lastSeen: '2026-11-21T10:00:00.000Z',
      },
    ]);
    expect(seesUnmeshed).toBe(false);
    expect(gaps).toEqual(['it does not say how long calls were watched']);
  });

  it('of what was received by mutual TLS names the Service that the caller asked for, and sees who is unmeshed', async () => {
    const { rows } = await read({ ...ofPod('httpbin-1'), log: JSON.stringify(RECEIVED) });
    expect(rows).toMatchObject([
      {
        client: '10.0.0.1',
        server: 'httpbin-1',
        serverKind: 'Pod',
        targetPort: 8000,
        service: 'httpbin.shop.svc.cluster.local',
        port: 80,
        wire: 'mutual-tls',
        seesUnmeshed: true,
      },
    ]);
  });

  it('without a server name claims nothing of the wire', async () => {
    const { rows } = await read({ ...ofPod('httpbin-1'), ...RECEIVED, requested_server_name: '-' });
    expect(rows).toMatchObject([{ client: '10.0.0.1', server: 'httpbin-1', targetPort: 8000 }]);
    expect(rows[0]?.wire).toBeUndefined();
  });

  it('takes the identity in the certificate before the address', async () => {
    const san = 'spiffe://cluster.local/ns/shop/sa/sleep';
    const { rows, gaps } = await read({ ...ofPod('httpbin-1'), ...RECEIVED, downstream_peer_uri_san: san });
    expect(rows).toMatchObject([{ client: 'unknown', clientIdentity: san, wire: 'mutual-tls' }]);
    expect(gaps?.join()).not.toContain('address alone');
  });

  it('does not take an address from a header, which has no port, for that of the caller', async () => {
    const { rows } = await read({ ...ofPod('httpbin-1'), ...RECEIVED, downstream_remote_address: '52.1.2.3:0' });
    expect(rows).toMatchObject([{ client: 'unknown' }]);
  });

  it('counts what RBAC denied, and what STRICT refused, as denied', async () => {
    const { rows } = await read(
      {
        ...ofPod('httpbin-1'),
        ...RECEIVED,
        response_code: 403,
        response_code_details: 'rbac_access_denied_matched_policy[none]',
      },
      { ...ofPod('httpbin-1'), ...RECEIVED },
      {
        ...ofPod('httpbin-1'),
        ...RECEIVED,
        method: null,
        path: null,
        protocol: null,
        upstream_cluster: null,
        requested_server_name: null,
        response_flags: 'NR',
        response_code_details: 'filter_chain_not_found',
      },
    );
    expect(rows).toMatchObject([
      { count: 2, denied: 1 },
      { client: '10.0.0.1', server: 'httpbin-1', targetPort: 8000, count: 1, denied: 1 },
    ]);
  });

  it('names the caller where its own log tells of the same connection, in whatever order', async () => {
    const received = { ...ofPod('httpbin-1'), ...RECEIVED };
    const sent = {
      ...ofPod('sleep-1'),
      ...SENT,
      upstream_local_address: '10.0.0.1:41000',
      upstream_host: '10.0.0.2:8000',
    };
    const { rows } = await read(received, sent);
    expect(rows).toMatchObject([
      { client: 'sleep-1', clientKind: 'Pod', clientNamespace: 'shop', server: 'httpbin-1', targetPort: 8000 },
      { client: 'sleep-1', service: 'httpbin.shop.svc.cluster.local' },
    ]);
    const contested = await read(received, sent, { ...sent, ...ofPod('sleep-2') });
    expect(contested.rows[0]).toMatchObject({ client: '10.0.0.1' });
  });

  it('of a call past all Services names the address that was called', async () => {
    const { rows } = await read({ ...ofPod('sleep-1'), ...SENT, upstream_cluster: 'PassthroughCluster' });
    expect(rows).toMatchObject([{ service: '10.96.0.7', port: 80 }]);
  });

  it('of a waypoint is a call to the Service', async () => {
    const cluster = 'inbound-vip|80|http|httpbin.shop.svc.cluster.local';
    const { rows } = await read({ ...ofPod('waypoint-1'), ...SENT, upstream_cluster: cluster });
    expect(rows).toMatchObject([{ client: '10.0.0.1', service: 'httpbin.shop.svc.cluster.local', port: 80 }]);
    expect(rows[0]?.server).toBeUndefined();
  });

  it.each([
    ['kubectl', `[pod/sleep-1/istio-proxy] ${JSON.stringify(SENT)}`, { client: 'sleep-1', clientKind: 'Pod' }],
    [
      'vector',
      { kubernetes: { pod_name: 'sleep-1', pod_namespace: 'shop' }, message: JSON.stringify(SENT) },
      { clientNamespace: 'shop' },
    ],
    [
      'filebeat',
      {
        kubernetes: { namespace: 'shop', pod: { name: 'p' }, deployment: { name: 'sleep' } },
        message: JSON.stringify(SENT),
      },
      { client: 'sleep', clientKind: 'Deployment' },
    ],
    ['logcli', { labels: { namespace: 'shop', pod: 'sleep-1' }, line: JSON.stringify(SENT) }, { client: 'sleep-1' }],
    [
      'Cloud Logging',
      { resource: { labels: { namespace_name: 'shop', pod_name: 'sleep-1' } }, jsonPayload: SENT },
      { client: 'sleep-1' },
    ],
    ['the container runtime', `2026-11-21T10:00:00.1Z stdout F ${JSON.stringify(SENT)}`, { client: 'unknown' }],
    [
      'docker',
      { log: `${JSON.stringify(SENT)}\n`, stream: 'stdout', time: '2026-11-21T10:00:00Z' },
      { client: 'unknown' },
    ],
  ])('is found in what %s puts around it', async (_shipper, line, client) => {
    const { rows } = await read(line);
    expect(rows).toMatchObject([{ service: 'httpbin.shop.svc.cluster.local', port: 80, ...client }]);
  });

  it("is the pod's that the kubelet named the file after", async () => {
    const name = `sleep-1_shop_istio-proxy-${'a'.repeat(64)}.log`;
    const { rows } = await readAccessLogs(
      files.write(name, [`2026-11-21T10:00:00.1Z stdout F ${JSON.stringify(SENT)}`]),
    );
    expect(rows).toMatchObject([{ client: 'sleep-1', clientNamespace: 'shop' }]);
  });

  it('that nobody signed has an unknown client, and tells of nothing where only the server could', async () => {
    const { rows, gaps } = await read(SENT, { ...RECEIVED, requested_server_name: null });
    expect(rows).toMatchObject([{ client: 'unknown', port: 80 }]);
    expect(gaps?.join()).toMatch(/2 lines do not say which pod wrote them/);
    expect(gaps?.join()).toMatch(/does not say by which pod \(.*:2\)/);
  });
});

const HBONE =
  '2026-11-21T10:00:00.182974Z\tinfo\taccess\tconnection complete\tsrc.addr=10.0.0.1:46238 src.workload="shell-1" ' +
  'src.namespace="shop" src.identity="spiffe://cluster.local/ns/shop/sa/shell" dst.addr=10.0.0.2:15008 ' +
  'dst.hbone_addr=10.0.0.2:8000 dst.service="echo.shop.svc.cluster.local" dst.workload="echo-1" dst.namespace="shop" ' +
  'direction="inbound" bytes_sent=67 bytes_recv=490 duration="13ms"';

describe('an access log of ztunnel', () => {
  it('names the pods, the proven identity, and the port behind the tunnel', async () => {
    const { rows } = await read(HBONE, HBONE.replace('"inbound"', '"outbound"'));
    expect(rows).toMatchObject([
      {
        client: 'shell-1',
        clientNamespace: 'shop',
        clientIdentity: 'spiffe://cluster.local/ns/shop/sa/shell',
        service: 'echo.shop.svc.cluster.local',
        targetPort: 8000,
        wire: 'mutual-tls',
        seesUnmeshed: true,
        count: 1,
      },
    ]);
  });

  it('reads the same in JSON', async () => {
    const { rows } = await read({
      level: 'error',
      time: '2026-11-21T10:00:00.1Z',
      scope: 'access',
      message: 'connection complete',
      'src.addr': '10.0.0.9:1',
      'dst.addr': '10.0.0.2:8000',
      'dst.workload': 'echo-1',
      'dst.namespace': 'shop',
      direction: 'inbound',
      error: 'connection closed due to policy rejection: allow policies exist, but none allowed',
    });
    expect(rows).toMatchObject([
      { client: '10.0.0.9', server: 'echo-1', serverNamespace: 'shop', targetPort: 8000, wire: 'plaintext', denied: 1 },
    ]);
  });

  it('of a connection that only opened is no second call', async () => {
    const { rows } = await read(HBONE, HBONE.replace('complete', 'opened'));
    expect(rows).toMatchObject([{ count: 1 }]);
  });
});

describe('other lines', () => {
  it('are counted and named, and the rest is read', async () => {
    const { rows, gaps } = await read('[info] ready', { ready: true }, { ...ofPod('a'), ...SENT }, '{"half":');
    expect(rows).toHaveLength(1);
    expect(gaps?.join('\n')).toMatch(/2 lines left out: neither JSON nor of ztunnel \(\S+:1, \S+:4\)/);
    expect(gaps?.join('\n')).toMatch(/1 line left out: not an access log \(\S+:2\)/);
  });

  it('alone are a usage error that quotes none of them', async () => {
    const failure: unknown = await read('password=hunter2', { a: 1 }).catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: 'no-calls-found', exitStatus: 2 });
    expect(JSON.stringify(failure)).not.toContain('hunter2');
  });
});
