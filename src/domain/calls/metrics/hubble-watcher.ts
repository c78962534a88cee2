import type { SeenCall } from '../call.ts';
import { END_LABELS, hubbleEnd } from './hubble-ends.ts';
import {
  knownLabel,
  portLabel,
  sightingOf,
  type CountedSeries,
  type MetricFamily,
  type Watcher,
} from './metric-family.ts';

const NAMING: readonly string[] = [...END_LABELS, 'port', 'verdict'];

const byPackets: MetricFamily = {
  metric: 'hubble_port_distribution_total',
  matchers: [{ label: 'protocol', op: '=~', value: 'TCP|UDP' }],
  by: [...END_LABELS, 'port', 'protocol'],
};

/**
 * Counters of Hubble in which the source is sure to be who called: not those of single packets, as answers are packets
 * too. Source: https://docs.cilium.io/en/stable/observability/metrics/#hubble-metrics.
 */
const families: readonly MetricFamily[] = [
  byPackets,
  {
    metric: 'hubble_tcp_flags_total',
    matchers: [{ label: 'flag', op: '=', value: 'SYN' }],
    by: END_LABELS,
  },
  { metric: 'hubble_http_requests_total', matchers: [], by: [...END_LABELS, 'method'] },
  {
    metric: 'hubble_flows_processed_total',
    matchers: [
      { label: 'type', op: '=', value: 'PolicyVerdict' },
      { label: 'verdict', op: '=', value: 'DROPPED' },
    ],
    by: [...END_LABELS, 'protocol', 'verdict'],
    refused: true,
  },
];

/** Hubble sees every pod on Cilium's nodes, in a mesh or not; of encryption it says nothing. */
export const hubble: Watcher = {
  name: 'Hubble',
  seesUnmeshed: true,
  needed: [['hubble_port_distribution_total', 'hubble_tcp_flags_total']],
  families,
  lossMetric: 'hubble_lost_events_total',
  rowsOf: (counted, source) => {
    const rows = counted.flatMap((series) => hubbleRow(series, source) ?? []);
    return { rows, gaps: gapsOf(counted.length - rows.length) };
  },
};

/** Ports of mesh proxies that carry calls to all ports of a pod: ztunnel's HBONE and Linkerd's inbound port. */
const TUNNEL_PORTS: ReadonlySet<number> = new Set([15_008, 4143]);

function hubbleRow(series: CountedSeries, source: string): SeenCall | undefined {
  const from = hubbleEnd(series, 'source');
  const to = hubbleEnd(series, 'destination');
  if (from === undefined || to === undefined) return undefined;
  const port = portLabel(series, 'port');
  const method = knownLabel(series, 'method');
  const protocol = protocolOf(series);
  const { count: _packets, ...uncounted } = sightingOf(series, source, NAMING);
  const sighting = series.family === byPackets ? uncounted : sightingOf(series, source, NAMING);
  return {
    ...sighting,
    client: from.name,
    ...(from.namespace === undefined ? {} : { clientNamespace: from.namespace }),
    ...(from.kind === undefined ? {} : { clientKind: from.kind }),
    server: to.name,
    ...(to.namespace === undefined ? {} : { serverNamespace: to.namespace }),
    ...(to.kind === undefined ? {} : { serverKind: to.kind }),
    ...(port === undefined || TUNNEL_PORTS.has(port) ? {} : { targetPort: port }),
    ...(protocol === undefined ? {} : { protocol }),
    ...(method === undefined ? {} : { method }),
  };
}

/** What goes through a tunnel may speak anything, and whoever counts packets sees no more than their transport. */
function protocolOf(series: CountedSeries): string | undefined {
  if (series.family.metric === 'hubble_http_requests_total') return 'http';
  return knownLabel(series, 'protocol') === 'UDP' ? 'udp' : undefined;
}

function gapsOf(nameless: number): readonly string[] {
  if (nameless === 0) return [];
  return [
    `${String(nameless)} groups of series do not name both ends: set labelsContext=source_namespace,source_workload,destination_namespace,destination_workload for Hubble's metrics`,
  ];
}
