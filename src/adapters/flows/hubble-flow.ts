import { asBoolean, asObjects, asText, at, type JsonObject } from '../../lib/json.ts';
import type { Connections } from './connections.ts';
import { methodOf, nameAt, pathOf, portOf, timeOf } from './fields.ts';
import { addressOnly, flowClient, flowServer } from './hubble-ends.ts';
import type { SeenEnds, Sighting } from './sighting.ts';

/** What a flow tells: a call, why it tells none, or nothing that was to be told. */
export type FlowReading = Omit<Sighting, 'place'> | { readonly leftOut: string } | undefined;

/** Reasons for which somebody refused the call; for all others the network lost it. Source: Cilium's DropReason. */
const REFUSALS: ReadonlySet<string> = new Set(['POLICY_DENIED', 'POLICY_DENY', 'AUTH_REQUIRED']);
const REFUSAL_NUMBERS: ReadonlySet<number> = new Set([133, 181, 189]);

interface Layer4 {
  readonly protocol: 'TCP' | 'UDP' | 'SCTP';
  readonly from: number;
  readonly to: number;
}

/**
 * The call that one flow of Hubble tells of. Replies and ICMP tell of none. A connection counts once however many
 * points observed it; an HTTP request counts at each end that parsed it.
 * Source: https://github.com/cilium/cilium, api/v1/flow/flow.proto.
 */
export function readFlow(flow: JsonObject, connections: Connections): FlowReading {
  const layer4 = layer4Of(flow);
  if (layer4 === undefined) return isOtherProtocol(flow) ? undefined : { leftOut: 'a flow without ports' };
  const connection = connectionOf(flow, layer4);
  const direction = directionOf(flow, layer4);
  if (direction === 'reply') return undefined;
  if (direction === 'unknown') {
    const isKnown =
      connection !== undefined && (connections.has(connection.forward) || connections.has(connection.back));
    return isKnown ? undefined : { leftOut: 'a flow that does not say whether it is a reply' };
  }
  const client = flowClient(flow);
  const server = flowServer(flow, layer4.to);
  if (server === undefined) return { leftOut: 'a flow without a destination' };
  const request = requestOf(flow);
  const isRefused = wasRefused(flow);
  const alone = request !== undefined || connection === undefined;
  const onlyAddress = addressOnly(client, server);
  return {
    ends: { ...client.end, ...server.end, ...protocolOf(layer4), ...request },
    time: timeOf(flow['time']),
    side: request !== undefined && flow['traffic_direction'] === 'INGRESS' ? 'server' : 'client',
    isNew: alone || connections.isFirst(connection.forward),
    denied: isRefused && (alone || connections.isFirstRefusal(connection.forward)),
    ...(onlyAddress === undefined ? {} : { onlyAddress }),
  };
}

function layer4Of(flow: JsonObject): Layer4 | undefined {
  for (const protocol of ['TCP', 'UDP', 'SCTP'] as const) {
    const layer = at(flow, 'l4', protocol);
    const to = portOf(at(layer, 'destination_port'));
    if (to !== undefined) return { protocol, from: portOf(at(layer, 'source_port')) ?? 0, to };
  }
  return undefined;
}

function isOtherProtocol(flow: JsonObject): boolean {
  return ['ICMPv4', 'ICMPv6', 'VRRP', 'IGMP'].some((protocol) => at(flow, 'l4', protocol) !== undefined);
}

/** What goes over TCP is not said. */
function protocolOf({ protocol }: Layer4): Pick<SeenEnds, 'protocol'> {
  return protocol === 'TCP' ? {} : { protocol: protocol.toLowerCase() };
}

interface Connection {
  readonly forward: string;
  readonly back: string;
}

/** What happens at a socket has no port of its own yet, and stands for itself. */
function connectionOf(flow: JsonObject, { protocol, from, to }: Layer4): Connection | undefined {
  if (from === 0) return undefined;
  const source = `${nameAt(flow, 'IP', 'source') ?? ''} ${String(from)}`;
  const destination = `${nameAt(flow, 'IP', 'destination') ?? ''} ${String(to)}`;
  return { forward: `${protocol} ${source} ${destination}`, back: `${protocol} ${destination} ${source}` };
}

/** Drops do not say it themselves, but the first packet of a TCP connection shows by its flags. */
function directionOf(flow: JsonObject, { protocol }: Layer4): 'call' | 'reply' | 'unknown' {
  const type = at(flow, 'l7', 'type');
  if (type === 'REQUEST') return 'call';
  if (type === 'RESPONSE' || type === 'SAMPLE') return 'reply';
  const said = asBoolean(flow['is_reply']) ?? (flow['reply'] === true ? true : undefined);
  if (said !== undefined) return said ? 'reply' : 'call';
  const point = asText(flow['sock_xlate_point']);
  if (point !== undefined) return point.endsWith('_FWD') ? 'call' : 'reply';
  const flags = protocol === 'TCP' ? at(flow, 'l4', 'TCP', 'flags') : undefined;
  if (at(flags, 'SYN') !== true) return 'unknown';
  return at(flags, 'ACK') === true ? 'reply' : 'call';
}

function requestOf(flow: JsonObject): Pick<SeenEnds, 'protocol' | 'method' | 'path'> | undefined {
  const http = at(flow, 'l7', 'http');
  if (http === undefined) return undefined;
  const method = methodOf(at(http, 'method'));
  const path = pathOf(at(http, 'url'));
  const isGrpc = asObjects(at(http, 'headers')).some(
    (header) =>
      asText(header['key'])?.toLowerCase() === 'content-type' &&
      asText(header['value'])?.startsWith('application/grpc') === true,
  );
  return {
    protocol: isGrpc ? 'grpc' : 'http',
    ...(method === undefined ? {} : { method }),
    ...(path === undefined ? {} : { path }),
  };
}

function wasRefused(flow: JsonObject): boolean {
  if (flow['verdict'] !== 'DROPPED') return false;
  if (at(flow, 'l7') !== undefined) return true;
  const { drop_reason_desc: reason, drop_reason: number } = flow;
  return typeof reason === 'string' ? REFUSALS.has(reason) : typeof number === 'number' && REFUSAL_NUMBERS.has(number);
}
