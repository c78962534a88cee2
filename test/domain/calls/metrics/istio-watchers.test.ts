import { describe, expect, it } from 'vitest';
import { istioSidecars, istioWaypoints, istioZtunnel } from '../../../../src/domain/calls/metrics/istio-watchers.ts';
import { rowsOf, type ExposedSeries } from './watcher-rows.ts';

const SERVER = {
  reporter: 'destination',
  source_workload: 'web',
  source_workload_namespace: 'shop',
  source_principal: 'spiffe://cluster.local/ns/shop/sa/web',
  destination_workload: 'cart-v1',
  destination_workload_namespace: 'shop',
  destination_service: 'cart.shop.svc.cluster.local',
  destination_service_name: 'cart',
  destination_service_namespace: 'shop',
  request_protocol: 'grpc',
  connection_security_policy: 'mutual_tls',
  response_code: '200',
};
const CLIENT = { ...SERVER, reporter: 'source', connection_security_policy: 'unknown', source_principal: 'unknown' };

function requests(labels: Readonly<Record<string, string>>, count?: number): ExposedSeries {
  return { metric: 'istio_requests_total', labels, ...(count === undefined ? {} : { count }) };
}

function opened(labels: Readonly<Record<string, string>>): ExposedSeries {
  return { metric: 'istio_tcp_connections_opened_total', labels: { ...labels, request_protocol: 'tcp' } };
}

describe('metrics of Istio sidecars', () => {
  it('tell both ends, the identity, the protocol and the wire, and no port', () => {
    expect(rowsOf(istioSidecars, [requests(SERVER, 7)])).toEqual([
      {
        count: 7,
        client: 'web',
        clientNamespace: 'shop',
        clientIdentity: 'spiffe://cluster.local/ns/shop/sa/web',
        service: 'cart',
        serviceNamespace: 'shop',
        server: 'cart-v1',
        serverNamespace: 'shop',
        protocol: 'grpc',
        wire: 'mutual-tls',
        seesUnmeshed: true,
      },
    ]);
  });

  it('tell of a plaintext caller no more than that there is one', () => {
    const plain = { ...SERVER, source_workload: 'unknown', source_workload_namespace: 'unknown' };
    const [row] = rowsOf(istioSidecars, [
      requests({ ...plain, source_principal: 'unknown', connection_security_policy: 'none' }),
    ]);
    expect(row).toMatchObject({ client: 'unknown', service: 'cart', wire: 'plaintext' });
    expect(row).not.toHaveProperty('clientNamespace');
    expect(row).not.toHaveProperty('clientIdentity');
  });

  it('are told by the client only where its server says nothing of it', () => {
    expect(rowsOf(istioSidecars, [requests(SERVER, 5), requests(CLIENT, 6)])).toMatchObject([{ count: 5 }]);
    expect(rowsOf(istioSidecars, [requests(CLIENT, 6)])).toMatchObject([{ count: 6, seesUnmeshed: false }]);
    expect(rowsOf(istioSidecars, [requests(CLIENT)])[0]).not.toHaveProperty('wire');
  });

  it('keep the client’s word where the server saw only an unknown caller', () => {
    const plain = { ...SERVER, source_workload: 'unknown', connection_security_policy: 'none' };
    expect(rowsOf(istioSidecars, [requests(plain), requests(CLIENT)]).map(({ client }) => client)).toEqual([
      'unknown',
      'web',
    ]);
  });

  it('tell refusals of HTTP and of gRPC, each once', () => {
    expect(
      rowsOf(istioSidecars, [
        requests({ ...SERVER, response_code: '403' }, 3),
        requests({ ...SERVER, grpc_response_status: '7' }, 2),
        requests({ ...SERVER, response_code: '403', grpc_response_status: '7' }, 1),
        requests({ ...SERVER, grpc_response_status: '0' }, 9),
      ]).map(({ count, denied }) => [count, denied]),
    ).toEqual([
      [3, 3],
      [2, 2],
      [1, 1],
      [9, undefined],
    ]);
  });

  it('name a host of which Istio knows no Service, unless it is not one', () => {
    const outside = { ...CLIENT, destination_workload: 'unknown', destination_service_name: 'PassthroughCluster' };
    const [named, port, text] = rowsOf(istioSidecars, [
      requests({ ...outside, destination_service: 'api.example.com' }),
      requests({ ...outside, destination_service: '10.1.2.3:8443' }),
      requests({ ...outside, destination_service: 'not a host' }),
    ]);
    expect(named).toMatchObject({ service: 'api.example.com' });
    expect(port).toMatchObject({ service: '10.1.2.3', port: 8443 });
    expect(text).not.toHaveProperty('service');
    expect(text).not.toHaveProperty('server');
  });

  it('count what went to the black hole as refused', () => {
    const lost = { ...CLIENT, destination_service_name: 'BlackHoleCluster', destination_service: 'api.example.com' };
    expect(rowsOf(istioSidecars, [requests(lost, 4)])).toMatchObject([{ service: 'api.example.com', denied: 4 }]);
  });

  it('leave out what waypoints and ztunnel count', () => {
    expect(
      rowsOf(istioSidecars, [requests({ ...SERVER, reporter: 'waypoint' }), opened({ ...SERVER, app: 'ztunnel' })]),
    ).toEqual([]);
  });
});

describe('metrics of ztunnel', () => {
  it('name plaintext callers, and hold that they are plaintext', () => {
    const plain = { ...SERVER, app: 'ztunnel', connection_security_policy: 'unknown', source_principal: 'unknown' };
    const [row] = rowsOf(istioZtunnel, [opened(plain)]);
    expect(row).toMatchObject({ client: 'web', wire: 'plaintext', protocol: 'tcp', seesUnmeshed: true });
    expect(row).not.toHaveProperty('clientIdentity');
  });

  it.each(['DENY', 'NETWORK_POLICY', 'IDENTITY_ERROR', 'TLS_FAILURE', 'CERT_REVOKED'])(
    'take connections that failed by %s for refused',
    (flags) => {
      const labels = { ...SERVER, response_flags: flags };
      const failed = { metric: 'istio_tcp_connections_failed_total', labels, count: 2 };
      expect(rowsOf(istioZtunnel, [failed])).toMatchObject([{ client: 'web', denied: 2 }]);
    },
  );

  it('leave out connections that failed on the way', () => {
    const labels = { ...SERVER, response_flags: 'CONNECT' };
    expect(rowsOf(istioZtunnel, [{ metric: 'istio_tcp_connections_failed_total', labels }])).toEqual([]);
  });
});

describe('metrics of waypoints', () => {
  it('are a watcher of their own that does not see callers outside the mesh', () => {
    const rows = rowsOf(istioWaypoints, [requests({ ...SERVER, reporter: 'waypoint' }, 3), requests(SERVER, 3)]);
    expect(rows).toMatchObject([{ client: 'web', service: 'cart', wire: 'mutual-tls', seesUnmeshed: false }]);
  });
});
