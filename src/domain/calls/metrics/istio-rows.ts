import type { SeenCall, SeenWire } from '../call.ts';
import { asPort, knownLabel, sightingOf, type CountedSeries, type LabelMatcher } from './metric-family.ts';

/** Labels of Istio's metrics that tell calls apart: https://istio.io/latest/docs/reference/config/metrics/. */
export const ISTIO_LABELS: readonly string[] = [
  'reporter',
  'source_workload',
  'source_workload_namespace',
  'source_principal',
  'destination_workload',
  'destination_workload_namespace',
  'destination_service',
  'destination_service_name',
  'destination_service_namespace',
  'request_protocol',
  'connection_security_policy',
];

const NAMING: readonly string[] = [
  'reporter',
  'source_workload_namespace',
  'source_workload',
  'destination_service_namespace',
  'destination_service_name',
  'destination_workload',
];

/** The label has the value. */
export function labelIs(label: string, value: string): LabelMatcher {
  return { label, op: '=', value };
}

/** The label has another value, or none. */
export function labelIsNot(label: string, value: string): LabelMatcher {
  return { label, op: '!=', value };
}

/** One row of whatever proxy of Istio counted it. Only a server's own proxy sees callers outside the mesh. */
export function istioRow(series: CountedSeries, source: string): SeenCall {
  const reporter = knownLabel(series, 'reporter');
  const clientNamespace = knownLabel(series, 'source_workload_namespace');
  const clientIdentity = knownLabel(series, 'source_principal');
  const protocol = knownLabel(series, 'request_protocol');
  const wire = wireOf(series);
  const sighting = sightingOf(series, source, NAMING);
  return {
    ...sighting,
    client: knownLabel(series, 'source_workload') ?? 'unknown',
    ...(clientNamespace === undefined ? {} : { clientNamespace }),
    ...(clientIdentity === undefined ? {} : { clientIdentity }),
    ...serviceOf(series),
    ...serverOf(series),
    ...(protocol === undefined ? {} : { protocol: protocol.toLowerCase() }),
    ...(wire === undefined ? {} : { wire }),
    ...(isBlackHole(series) ? { denied: series.count ?? 1 } : {}),
    seesUnmeshed: reporter === 'destination',
  };
}

/** A client's proxy does not say what it sent but by `mutual_tls`; a server's proxy knows. */
function wireOf(series: CountedSeries): SeenWire | undefined {
  const policy = series.labels['connection_security_policy'];
  if (policy === 'mutual_tls') return 'mutual-tls';
  const isServer = knownLabel(series, 'reporter') === 'destination';
  return isServer && (policy === 'none' || policy === 'unknown') ? 'plaintext' : undefined;
}

function serverOf(series: CountedSeries): Pick<SeenCall, 'server' | 'serverNamespace'> {
  const server = knownLabel(series, 'destination_workload');
  const serverNamespace = knownLabel(series, 'destination_workload_namespace');
  if (server === undefined) return {};
  return { server, ...(serverNamespace === undefined ? {} : { serverNamespace }) };
}

/** What Envoy does with what no cluster fits; these are no Services. */
const NO_SERVICE = /^(?:Passthrough|BlackHole|InboundPassthrough|InboundBlackHole)Cluster/;

function isBlackHole(series: CountedSeries): boolean {
  return knownLabel(series, 'destination_service_name')?.startsWith('BlackHoleCluster') === true;
}

function serviceOf(series: CountedSeries): Pick<SeenCall, 'service' | 'serviceNamespace' | 'port'> {
  const service = knownLabel(series, 'destination_service_name');
  const serviceNamespace = knownLabel(series, 'destination_service_namespace');
  if (service !== undefined && !NO_SERVICE.test(service)) {
    return { service, ...(serviceNamespace === undefined ? {} : { serviceNamespace }) };
  }
  return knownLabel(series, 'reporter') === 'source' ? hostOf(series) : {};
}

/** Where Istio knows no Service, it writes what the client asked for, which may be anything. */
function hostOf(series: CountedSeries): Pick<SeenCall, 'service' | 'port'> {
  const [, host, number] =
    /^([A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?)(?::(\d{1,5}))?$/.exec(
      knownLabel(series, 'destination_service') ?? '',
    ) ?? [];
  if (host?.includes('.') !== true) return {};
  const port = asPort(number);
  return { service: host, ...(port === undefined ? {} : { port }) };
}

/**
 * The rows without those by which a client's proxy says again what the server's proxy has said: of the same client, the
 * same Service or workload, and refused alike.
 */
export function eachCallOnce(counted: readonly CountedSeries[]): readonly CountedSeries[] {
  const told = new Set(counted.filter((series) => isReportedBy(series, 'destination')).flatMap(pairsOf));
  return counted.filter((series) => !isReportedBy(series, 'source') || !pairsOf(series).some((pair) => told.has(pair)));
}

function isReportedBy(series: CountedSeries, reporter: string): boolean {
  return knownLabel(series, 'reporter') === reporter;
}

function pairsOf(series: CountedSeries): readonly string[] {
  const client = knownLabel(series, 'source_workload');
  if (client === undefined) return [];
  const refused = series.family.refused === true;
  const pairs = (['service_name', 'workload'] as const).flatMap((end) => {
    const name = knownLabel(series, `destination_${end}`);
    if (name === undefined || NO_SERVICE.test(name)) return [];
    const place = knownLabel(
      series,
      end === 'workload' ? 'destination_workload_namespace' : 'destination_service_namespace',
    );
    return [JSON.stringify([refused, knownLabel(series, 'source_workload_namespace'), client, end, place, name])];
  });
  // Whatever answers a Service may be one workload of several: by the Service the pair is told only where no workload is.
  return pairs.length === 2 ? pairs.slice(1) : pairs;
}
