import { asText, type JsonObject } from '../../lib/json.ts';
import type { LogReading } from './envoy-line.ts';
import { nameAt, portOf, splitAddress, timeOf } from './fields.ts';
import type { SeenEnds } from './sighting.ts';

const FIELD = /([\w.]+)=("(?:[^"\\]|\\.)*"|\S+)/g;
const HEAD = /^(\d{4}-\d\d-\d\dT\S{1,30})\s+\w{1,8}\s+access[:\s]\s*(connection (?:complete|opened|failed))\s+/;
const LONGEST_PLAIN = 8192;

/** The fields of an access log of ztunnel in its plain form, which is the default; undefined for any other line. */
export function ztunnelRecord(text: string): JsonObject | undefined {
  const head = text.length > LONGEST_PLAIN ? null : HEAD.exec(text);
  if (head === null) return undefined;
  const fields: Record<string, unknown> = Object.create(null) as Record<string, unknown>;
  for (const [, name = '', value = ''] of text.slice(head[0].length).matchAll(FIELD)) {
    fields[name] = value.startsWith('"') ? value.slice(1, -1).replace(/\\(.)/g, '$1') : value;
  }
  return { ...fields, scope: 'access', time: head[1], message: head[2] };
}

/** Whether the object is an access log of ztunnel. */
export function isZtunnelRecord(record: JsonObject): boolean {
  return record['scope'] === 'access' && Object.hasOwn(record, 'src.addr');
}

/**
 * The call that one access log of ztunnel tells of. The identities are logged only where mutual TLS proved them; `src` and
 * `dst` name pods, or what ztunnel knows instead. Source: https://github.com/istio/ztunnel, src/proxy/metrics.rs.
 */
export function readZtunnelRecord(record: JsonObject): LogReading | undefined {
  if (record['message'] === 'connection opened') return undefined;
  const inbound = record['direction'] === 'inbound';
  if (!inbound && record['direction'] !== 'outbound')
    return { leftOut: 'an access log of ztunnel without a direction' };
  const called = calledOf(record);
  if (called === undefined) return { leftOut: 'an access log of ztunnel without a destination' };
  const caller = callerOf(record);
  return {
    time: timeOf(record['time']),
    ends: { ...caller, ...called, wire: wireOf(record) },
    side: inbound ? 'server' : 'client',
    isNew: true,
    denied: /policy rejection|policy change/.test(asText(record['error']) ?? ''),
    ...(inbound ? { seesUnmeshed: true } : {}),
    ...(caller.clientNamespace === undefined && caller.client !== 'unknown' ? { onlyAddress: 'client' as const } : {}),
  };
}

function wireOf(record: JsonObject): 'mutual-tls' | 'plaintext' {
  const proven = ['src.identity', 'dst.identity', 'dst.hbone_addr'].some((key) => nameAt(record, key) !== undefined);
  return proven ? 'mutual-tls' : 'plaintext';
}

function callerOf(record: JsonObject): Pick<SeenEnds, 'client' | 'clientNamespace' | 'clientIdentity'> {
  const identity = nameAt(record, 'src.identity');
  const proven = identity === undefined ? {} : { clientIdentity: identity };
  const workload = nameAt(record, 'src.workload');
  const namespace = nameAt(record, 'src.namespace');
  if (workload !== undefined && namespace !== undefined)
    return { client: workload, clientNamespace: namespace, ...proven };
  if (identity !== undefined) return { client: 'unknown', ...proven };
  return { client: splitAddress(nameAt(record, 'src.addr'))?.address ?? 'unknown' };
}

/** Behind the tunnel's own port stands the one that was called: of the pod, or of the Service if a waypoint serves it. */
function calledOf(record: JsonObject): Omit<SeenEnds, 'client'> | undefined {
  const tunnelled = nameAt(record, 'dst.hbone_addr');
  const plain = splitAddress(nameAt(record, 'dst.addr'));
  const inner = portOf(/:(\d{1,5})$/.exec(tunnelled ?? '')?.[1]);
  const targetPort = tunnelled === undefined ? plain?.port : inner;
  const atPort = targetPort === undefined ? {} : { targetPort };
  const service = nameAt(record, 'dst.service');
  if (service !== undefined) return { service, ...atPort };
  const server = nameAt(record, 'dst.workload');
  const serverNamespace = nameAt(record, 'dst.namespace');
  if (server !== undefined && serverNamespace !== undefined) return { server, serverNamespace, ...atPort };
  if (plain === undefined || targetPort === undefined) return undefined;
  return { service: plain.address, port: targetPort };
}
