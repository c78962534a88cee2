import { asText, type JsonObject } from '../../lib/json.ts';
import { methodOf, nameAt, pathOf, portOf, splitAddress, timeOf } from './fields.ts';
import type { LogWriter } from './log-writer.ts';
import type { SeenEnds, Sighting } from './sighting.ts';

/** What a line of an access log tells: a call, or why it tells none. */
export type LogReading = Omit<Sighting, 'place'> | { readonly leftOut: string };

/**
 * Istio's names of clusters, `DIRECTION|PORT|SUBSET|HOST`, and of the same in server names, `outbound_.PORT_.SUBSET_.HOST`.
 * Source: https://github.com/istio/istio, pilot/pkg/model/context.go (BuildSubsetKey, BuildDNSSrvSubsetKey).
 */
const CLUSTER = /^(inbound|inbound-vip|outbound)\|(\d*)\|[^|]*\|(.*)$/;
const SERVER_NAME = /^outbound_\.(\d+)_\.[^_]*_\.(.+)$/;
const INBOUND_PASSTHROUGH = /^InboundPassthroughCluster/;
const UNMATCHED = 'filter_chain_not_found';
/** Keys under which formats log the identity that the caller's certificate holds. */
const IDENTITIES = ['downstream_peer_uri_san', 'downstream_peer_san', 'source_principal', 'downstream_principal'];

/** Who wrote the line, and who sent what it tells of, where either is known. */
export interface LogEnds {
  readonly writer: LogWriter | undefined;
  readonly sender: LogWriter | undefined;
}

/** Whether the object has the form of an access log of Envoy. */
export function isEnvoyRecord(record: JsonObject): boolean {
  return ['upstream_cluster', 'downstream_remote_address', 'response_flags'].some((key) => Object.hasOwn(record, key));
}

/**
 * The call that one line of Istio's JSON access log tells of, written by the sidecar or gateway of `writer`: what it sent
 * to an outbound cluster, or what it was sent.
 * Source: https://github.com/istio/istio, pilot/pkg/model/telemetry_logging.go (EnvoyJSONLogFormatIstio).
 */
export function readEnvoyRecord(record: JsonObject, { writer, sender }: LogEnds): LogReading {
  const cluster = asText(record['upstream_cluster']) ?? '-';
  const [, direction, port, host] = CLUSTER.exec(cluster) ?? serverCluster(cluster);
  if (direction === 'outbound') return sent(record, writer, { service: host, port: portOf(port) });
  if (direction === 'inbound-vip') return atWaypoint(record, { service: host, port: portOf(port) }, sender);
  if (direction === 'inbound') return received(record, { writer, sender }, portOf(port));
  const refused = details(record) === UNMATCHED;
  if (INBOUND_PASSTHROUGH.test(cluster) || refused) return received(record, { writer, sender }, localPort(record));
  if (cluster === 'PassthroughCluster' || cluster === 'BlackHoleCluster') {
    const { address, port: dialled } = splitAddress(addressAt(record, 'downstream_local_address')) ?? {};
    return sent(record, writer, { service: address, port: dialled, onlyAddress: true });
  }
  return { leftOut: 'an access log that names no cluster of Istio' };
}

/** Gateways that pass TLS through name clusters as clients name servers. */
function serverCluster(cluster: string): readonly string[] {
  const [, port = '', host = ''] = SERVER_NAME.exec(cluster) ?? [];
  return host === '' ? [] : [cluster, 'outbound', port, host];
}

type Caller = Pick<SeenEnds, 'client' | 'clientNamespace' | 'clientKind' | 'clientIdentity'>;

interface Dialled {
  readonly service: string | undefined;
  readonly port: number | undefined;
  readonly onlyAddress?: boolean;
}

function sent(record: JsonObject, writer: LogWriter | undefined, { service, port, onlyAddress }: Dialled): LogReading {
  const name = nameAt({ service }, 'service');
  if (name === undefined || port === undefined) return { leftOut: 'an access log without the address that was called' };
  const blocked = record['upstream_cluster'] === 'BlackHoleCluster';
  return {
    ...whenOf(record),
    ends: { ...clientOf(writer), service: name, port, ...requestOf(record) },
    side: 'client',
    isNew: true,
    denied: blocked,
    ...(onlyAddress === true ? { onlyAddress: 'service' as const } : {}),
  };
}

function received(record: JsonObject, { writer, sender }: LogEnds, targetPort: number | undefined): LogReading {
  const serverName = nameAt(record, 'requested_server_name');
  const [, servicePort, host] = SERVER_NAME.exec(serverName ?? '') ?? [];
  const port = portOf(servicePort);
  const called = nameAt({ host }, 'host');
  const asked = called === undefined || port === undefined ? {} : { service: called, port };
  if (writer === undefined && called === undefined)
    return { leftOut: 'an access log of a call received that does not say by which pod' };
  const caller = callerOf(record, sender);
  const byMesh = called !== undefined || caller.clientIdentity !== undefined;
  return {
    ...whenOf(record),
    ends: {
      ...caller,
      ...asked,
      ...(writer === undefined ? {} : serverOf(writer)),
      ...(targetPort === undefined ? {} : { targetPort }),
      ...requestOf(record),
      ...(byMesh ? { wire: 'mutual-tls' as const } : {}),
    },
    side: 'server',
    isNew: true,
    denied: details(record).startsWith('rbac_access_denied') || details(record) === UNMATCHED,
    seesUnmeshed: true,
    ...addressOf(caller),
  };
}

/** A waypoint answers for the Service; callers outside the mesh pass it by. */
function atWaypoint(record: JsonObject, { service: host, port }: Dialled, sender: LogWriter | undefined): LogReading {
  const service = nameAt({ host }, 'host');
  if (service === undefined || port === undefined)
    return { leftOut: 'an access log without the Service that was called' };
  const caller = callerOf(record, sender);
  return {
    ...whenOf(record),
    ends: { ...caller, service, port, ...requestOf(record) },
    side: 'server',
    isNew: true,
    denied: details(record).startsWith('rbac_access_denied'),
    ...addressOf(caller),
  };
}

/** A port of 0 marks an address that a header gave, which is not that of the caller. */
function callerOf(record: JsonObject, sender: LogWriter | undefined): Caller {
  const identity = IDENTITIES.map((key) => nameAt(record, key)).find((name) => name?.includes('/ns/') === true);
  const proven = identity === undefined ? {} : { clientIdentity: identity };
  if (sender !== undefined) return { ...clientOf(sender), ...proven };
  if (identity !== undefined) return { client: 'unknown', ...proven };
  const remote = splitAddress(addressAt(record, 'downstream_remote_address'));
  return { client: remote?.port === undefined ? 'unknown' : remote.address };
}

/** No more than an address, if it is not the name of a pod. */
function addressOf({ client, clientKind }: Caller): Pick<Sighting, 'onlyAddress'> {
  return client === 'unknown' || clientKind !== undefined ? {} : { onlyAddress: 'client' };
}

function clientOf(writer: LogWriter | undefined): Pick<SeenEnds, 'client' | 'clientNamespace' | 'clientKind'> {
  if (writer === undefined) return { client: 'unknown' };
  const { namespace, kind, name } = writer;
  return { client: name, clientKind: kind, ...(namespace === undefined ? {} : { clientNamespace: namespace }) };
}

function serverOf({ namespace, kind, name }: LogWriter): Pick<SeenEnds, 'server' | 'serverNamespace' | 'serverKind'> {
  return { server: name, serverKind: kind, ...(namespace === undefined ? {} : { serverNamespace: namespace }) };
}

function requestOf(record: JsonObject): Pick<SeenEnds, 'protocol' | 'method' | 'path'> {
  const method = methodOf(record['method']);
  const path = pathOf(record['path']);
  if (method === undefined || asText(record['protocol'])?.startsWith('HTTP/') !== true) return {};
  return { protocol: 'http', method, ...(path === undefined ? {} : { path }) };
}

function whenOf(record: JsonObject): { readonly time: number | undefined } {
  return { time: timeOf(record['start_time']) ?? timeOf(record['time']) ?? timeOf(record['timestamp']) };
}

/** Why the proxy answered itself, for requests and for connections. */
function details(record: JsonObject): string {
  const ofRequest = asText(record['response_code_details']) ?? '-';
  return ofRequest === '-' || ofRequest === '' ? (asText(record['connection_termination_details']) ?? '') : ofRequest;
}

function localPort(record: JsonObject): number | undefined {
  return splitAddress(addressAt(record, 'downstream_local_address'))?.port;
}

function addressAt(record: JsonObject, key: string): string | undefined {
  return nameAt(record, key);
}
