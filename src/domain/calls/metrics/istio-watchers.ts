import { ISTIO_LABELS, eachCallOnce, istioRow, labelIs, labelIsNot } from './istio-rows.ts';
import type { LabelMatcher, MetricFamily, Watcher } from './metric-family.ts';

const SIDECAR: LabelMatcher = { label: 'reporter', op: '=~', value: 'source|destination' };
const WAYPOINT = labelIs('reporter', 'waypoint');
/** Prometheus puts the label of the pods on what it scrapes of them; ztunnel's own series look like a sidecar's. */
const NO_ZTUNNEL = labelIsNot('app', 'ztunnel');
const ZTUNNEL = labelIs('app', 'ztunnel');
/** A refusal by gRPC has status 200 for HTTP; 7 is PERMISSION_DENIED. */
const GRPC_REFUSED = labelIs('grpc_response_status', '7');

function requests(reporter: LabelMatcher): readonly MetricFamily[] {
  const metric = 'istio_requests_total';
  const forbidden = labelIs('response_code', '403');
  const other = labelIsNot('response_code', '403');
  const answered = labelIsNot('grpc_response_status', '7');
  return [
    { metric, matchers: [reporter, other, answered], by: ISTIO_LABELS },
    { metric, matchers: [reporter, forbidden], by: ISTIO_LABELS, refused: true },
    { metric, matchers: [reporter, other, GRPC_REFUSED], by: ISTIO_LABELS, refused: true },
  ];
}

/**
 * The proxies of Istio beside their application. Of plaintext callers they know nothing, so the client's own proxy is
 * heard as well; what both say counts once. Source: https://istio.io/latest/docs/reference/config/metrics/.
 */
export const istioSidecars: Watcher = {
  name: 'Istio sidecars',
  seesUnmeshed: false,
  // A mesh that speaks HTTP alone counts no connections, and ports of TCP that were not seen count as unseen anyway.
  needed: [['istio_requests_total']],
  families: [
    ...requests(SIDECAR),
    { metric: 'istio_tcp_connections_opened_total', matchers: [SIDECAR, NO_ZTUNNEL], by: ISTIO_LABELS },
  ],
  rowsOf: (counted, source) => ({ rows: eachCallOnce(counted).map((series) => istioRow(series, source)), gaps: [] }),
};

/**
 * Istio's node proxy. It counts connections and no requests, and it names plaintext callers too, by their address.
 * `istio_tcp_connections_failed_total` counts what it refused for policy or identity, and is marked unstable upstream.
 * Source: https://github.com/istio/ztunnel/blob/master/src/proxy/metrics.rs.
 */
export const istioZtunnel: Watcher = {
  name: 'Istio ztunnel',
  seesUnmeshed: false,
  needed: [['istio_tcp_connections_opened_total']],
  families: [
    {
      metric: 'istio_tcp_connections_opened_total',
      matchers: [SIDECAR, ZTUNNEL],
      by: ISTIO_LABELS,
    },
    {
      metric: 'istio_tcp_connections_failed_total',
      matchers: [
        SIDECAR,
        { label: 'response_flags', op: '=~', value: 'DENY|NETWORK_POLICY|IDENTITY_ERROR|TLS_FAILURE|CERT_REVOKED' },
      ],
      by: ISTIO_LABELS,
      refused: true,
    },
  ],
  rowsOf: (counted, source) => ({ rows: eachCallOnce(counted).map((series) => istioRow(series, source)), gaps: [] }),
};

/** Waypoints see requests that ztunnel or a gateway brought to them; whoever calls a pod past them is not seen. */
export const istioWaypoints: Watcher = {
  name: 'Istio waypoints',
  seesUnmeshed: false,
  needed: [],
  families: [
    ...requests(WAYPOINT),
    { metric: 'istio_tcp_connections_opened_total', matchers: [WAYPOINT], by: ISTIO_LABELS },
  ],
  rowsOf: (counted, source) => ({ rows: counted.map((series) => istioRow(series, source)), gaps: [] }),
};
