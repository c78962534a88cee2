import { asObject, asText, at, type JsonObject } from '../../lib/json.ts';
import { nameAt } from './fields.ts';
import { parseObject } from './reading.ts';

/** The pod that wrote a line, or the workload it belongs to, as whoever shipped the log says. */
export interface LogWriter {
  readonly namespace?: string;
  readonly kind: string;
  readonly name: string;
}

/** A line without what shippers of logs put around it: its own text and, where it is JSON, that. */
export interface Unwrapped {
  readonly text: string;
  readonly record: JsonObject | undefined;
  readonly writer: LogWriter | undefined;
}

const CRI = /^\d{4}-\d\d-\d\dT\S+ (?:stdout|stderr) [FP] /;
const KUBECTL_PREFIX = /^\[pod\/([^/\]\s]+)\/[^\]\s]+\] ?/;
const CONTAINER_FILE = /(?:^|\/)([a-z\d][a-z\d.-]*)_([a-z\d][a-z\d-]*)_[a-z\d.-]+-[\da-f]{64}\.log/;
const POD_FOLDER = /(?:^|\/)([a-z\d][a-z\d-]*)_([a-z\d][a-z\d.-]*)_[\da-f-]{32,36}\/[^/]+\/\d+\.log/;
/** Where shippers put the line that they ship: docker and fluent-bit, vector and filebeat, logcli, Cloud Logging. */
const CARRIERS = ['log', 'message', 'line', 'msg', 'textPayload', 'log_processed', 'jsonPayload'] as const;
const OWNERS: readonly (readonly [key: string, kind: string])[] = [
  ['deployment', 'Deployment'],
  ['statefulset', 'StatefulSet'],
  ['daemonset', 'DaemonSet'],
];

/**
 * Takes a line out of what the container runtime, `kubectl logs --prefix` or a shipper (fluent-bit, vector, filebeat,
 * logcli, Cloud Logging) put around it, and tells who wrote it where they, or the file's name on a node, say so.
 */
export function unwrap(line: string, file: string): Unwrapped {
  const prefix = KUBECTL_PREFIX.exec(line);
  const text = line.slice(prefix?.[0].length ?? 0).replace(CRI, '');
  const pod = nameAt({ pod: prefix?.[1] }, 'pod');
  const outer = text.trimStart().startsWith('{') ? parseObject(text) : undefined;
  const writer = (outer === undefined ? undefined : shippedBy(outer)) ?? fileWriter(file);
  const inner = outer === undefined ? undefined : carried(outer);
  const told = writer ?? (pod === undefined ? undefined : { kind: 'Pod', name: pod });
  return { text: inner?.text ?? text, record: inner === undefined ? outer : inner.record, writer: told };
}

function carried(outer: JsonObject): Pick<Unwrapped, 'text' | 'record'> | undefined {
  if (outer['upstream_cluster'] !== undefined || outer['scope'] === 'access') return undefined;
  for (const key of CARRIERS) {
    const value = outer[key];
    const record = asObject(value);
    if (record !== undefined) return { text: '', record };
    const text = asText(value)?.replace(CRI, '');
    if (text !== undefined) return { text, record: text.trimStart().startsWith('{') ? parseObject(text) : undefined };
  }
  return undefined;
}

function shippedBy(outer: JsonObject): LogWriter | undefined {
  const place = asObject(outer['kubernetes']) ?? asObject(outer['labels']) ?? asObject(at(outer, 'resource', 'labels'));
  if (place === undefined) return undefined;
  const namespace =
    nameAt(place, 'namespace_name') ?? nameAt(place, 'pod_namespace') ?? nameAt(place, 'namespace') ?? undefined;
  const within = namespace === undefined ? {} : { namespace };
  for (const [key, kind] of OWNERS) {
    const name = nameAt(place, key, 'name');
    if (name !== undefined) return { ...within, kind, name };
  }
  const pod = nameAt(place, 'pod_name') ?? nameAt(place, 'pod', 'name') ?? nameAt(place, 'pod');
  return pod === undefined ? undefined : { ...within, kind: 'Pod', name: pod };
}

/** The names that the kubelet gives to logs: `POD_NAMESPACE_CONTAINER-ID.log`, `NAMESPACE_POD_UID/CONTAINER/N.log`. */
function fileWriter(file: string): LogWriter | undefined {
  const [, pod, namespace] = CONTAINER_FILE.exec(file) ?? [];
  if (pod !== undefined && namespace !== undefined) return { namespace, kind: 'Pod', name: pod };
  const [, place, name] = POD_FOLDER.exec(file) ?? [];
  return place === undefined || name === undefined ? undefined : { namespace: place, kind: 'Pod', name };
}
