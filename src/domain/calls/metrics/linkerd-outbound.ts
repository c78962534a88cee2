import type { SeenCall } from '../call.ts';
import { DST_OWNER_LABELS, OWNER_LABELS, ownerOf } from './linkerd-owners.ts';
import { linkerdWire } from './linkerd-wire.ts';
import { asPort, knownLabel, portLabel, sightingOf, type CountedSeries, type MetricFamily } from './metric-family.ts';

const LABELS: readonly string[] = [
  'namespace',
  ...OWNER_LABELS,
  'dst_namespace',
  'dst_service',
  ...DST_OWNER_LABELS,
  'target_port',
  'tls',
  'no_tls_reason',
];

const NAMING: readonly string[] = [
  'namespace',
  ...OWNER_LABELS,
  'dst_namespace',
  'dst_service',
  ...DST_OWNER_LABELS,
  'target_port',
  'tls',
];

/**
 * What Linkerd's proxies count of what their applications send. `tcp_open_total` counts the connections of requests
 * too. Source: https://github.com/linkerd/linkerd2-proxy/blob/main/linkerd/app/core/src/metrics.rs.
 */
export const outboundFamilies: readonly MetricFamily[] = [
  {
    metric: 'request_total',
    matchers: [{ label: 'direction', op: '=', value: 'outbound' }],
    by: [...LABELS, 'authority'],
  },
  {
    metric: 'tcp_open_total',
    matchers: [
      { label: 'direction', op: '=', value: 'outbound' },
      { label: 'peer', op: '=', value: 'dst' },
    ],
    by: LABELS,
  },
];

/** The call that a client's proxy counted; undefined where the series does not say who the client is. */
export function outboundRow(series: CountedSeries, source: string): SeenCall | undefined {
  const client = ownerOf(series, '');
  const clientNamespace = knownLabel(series, 'namespace');
  if (client === undefined) return undefined;
  const wire = linkerdWire(series);
  const targetPort = portLabel(series, 'target_port');
  return {
    ...sightingOf(series, source, NAMING),
    client: client.name,
    clientKind: client.kind,
    ...(clientNamespace === undefined ? {} : { clientNamespace }),
    ...targetOf(series),
    ...(targetPort === undefined ? {} : { targetPort }),
    ...(series.family.metric === 'request_total' ? { protocol: 'http' } : {}),
    ...(wire === undefined ? {} : { wire }),
    seesUnmeshed: false,
  };
}

function targetOf(series: CountedSeries): Partial<SeenCall> {
  const service = knownLabel(series, 'dst_service');
  const namespace = knownLabel(series, 'dst_namespace');
  const server = ownerOf(series, 'dst_');
  const authority = authorityOf(series);
  const isNamed = service !== undefined || server !== undefined;
  if (!isNamed) return authority === undefined ? {} : withPort(authority.host, authority.port);
  const port = authority !== undefined && authority.host.split('.')[0] === service ? authority.port : undefined;
  return {
    ...(service === undefined ? {} : withPort(service, port)),
    ...(service === undefined || namespace === undefined ? {} : { serviceNamespace: namespace }),
    ...(server === undefined ? {} : { server: server.name, serverKind: server.kind }),
    ...(server === undefined || namespace === undefined ? {} : { serverNamespace: namespace }),
  };
}

function withPort(service: string, port: number | undefined): Pick<SeenCall, 'service' | 'port'> {
  return { service, ...(port === undefined ? {} : { port }) };
}

/** What the request asked for, `HOST[:PORT]`; clients may write anything there. */
function authorityOf(series: CountedSeries): { readonly host: string; readonly port?: number } | undefined {
  const [, host, number] =
    /^([A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?)(?::(\d{1,5}))?$/.exec(knownLabel(series, 'authority') ?? '') ??
    [];
  if (host === undefined) return undefined;
  const port = number === undefined ? 80 : asPort(number);
  return { host, ...(port === undefined ? {} : { port }) };
}
