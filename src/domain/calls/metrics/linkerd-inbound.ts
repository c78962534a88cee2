import type { SeenCall } from '../call.ts';
import { OWNER_LABELS, ownerOf } from './linkerd-owners.ts';
import { linkerdWire } from './linkerd-wire.ts';
import { knownLabel, portLabel, sightingOf, type CountedSeries, type MetricFamily } from './metric-family.ts';

const LABELS: readonly string[] = [
  'namespace',
  ...OWNER_LABELS,
  'client_id',
  'srv_port',
  'target_port',
  'tls',
  'no_tls_reason',
];

const NAMING: readonly string[] = ['namespace', ...OWNER_LABELS, 'client_id', 'srv_port', 'target_port', 'tls'];

/**
 * What Linkerd's proxies count of what reaches their applications. `tcp_open_total` counts the connections of requests
 * too. Source: https://github.com/linkerd/linkerd2-proxy/blob/main/linkerd/app/inbound/src/metrics/authz.rs.
 */
export const inboundFamilies: readonly MetricFamily[] = [
  {
    metric: 'request_total',
    matchers: [{ label: 'direction', op: '=', value: 'inbound' }],
    by: [...LABELS, 'route_name'],
  },
  {
    metric: 'tcp_open_total',
    matchers: [
      { label: 'direction', op: '=', value: 'inbound' },
      { label: 'peer', op: '=', value: 'src' },
    ],
    by: LABELS,
  },
  { metric: 'inbound_http_authz_deny_total', matchers: [], by: LABELS, refused: true },
  { metric: 'inbound_tcp_authz_deny_total', matchers: [], by: LABELS, refused: true },
];

/** Counters of connections and of requests lag behind each other by a scrape. */
const LAG = 1.1;

/** The calls that servers' proxies counted; connections are left out where requests account for them. */
export function inboundRows(counted: readonly CountedSeries[], source: string): readonly SeenCall[] {
  const requests = new Map<string, number>();
  for (const series of counted.filter(({ family }) => family.metric === 'request_total')) {
    const door = doorOf(series);
    requests.set(door, (requests.get(door) ?? 0) + (series.count ?? 1));
  }
  return counted
    .filter((series) => series.labels['route_name'] !== 'probe')
    .filter(
      (series) =>
        series.family.metric !== 'tcp_open_total' || (series.count ?? 1) > (requests.get(doorOf(series)) ?? 0) * LAG,
    )
    .flatMap((series) => inboundRow(series, source));
}

function inboundRow(series: CountedSeries, source: string): readonly SeenCall[] {
  const server = ownerOf(series, '');
  if (server === undefined) return [];
  const serverNamespace = knownLabel(series, 'namespace');
  const clientIdentity = knownLabel(series, 'client_id');
  const targetPort = portOf(series);
  const wire = linkerdWire(series);
  return [
    {
      ...sightingOf(series, source, NAMING),
      client: 'unknown',
      ...(clientIdentity === undefined ? {} : { clientIdentity }),
      server: server.name,
      serverKind: server.kind,
      ...(serverNamespace === undefined ? {} : { serverNamespace }),
      ...(targetPort === undefined ? {} : { targetPort }),
      ...(/^tcp_|_tcp_/.test(series.family.metric) ? {} : { protocol: 'http' }),
      ...(wire === undefined ? {} : { wire }),
      seesUnmeshed: true,
    },
  ];
}

/** Linkerd's own inbound port, which stands for any port of the application. */
const INBOUND_PORT = 4143;

/** The port of the policy is the application's; that of the address is too, unless another proxy sent it. */
function portOf(series: CountedSeries): number | undefined {
  return ['srv_port', 'target_port'].map((name) => portLabel(series, name)).find((port) => port !== INBOUND_PORT);
}

/** One port of one workload, as one client reaches it. */
function doorOf(series: CountedSeries): string {
  const { kind, name } = ownerOf(series, '') ?? {};
  const client = knownLabel(series, 'client_id');
  return JSON.stringify([series.labels['namespace'], kind, name, portOf(series), series.labels['tls'], client]);
}
