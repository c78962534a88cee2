import { asNumber, asObjects, asTexts, at } from '../../lib/json.ts';
import { nameAt } from './fields.ts';
import type { SeenEnds, Sighting } from './sighting.ts';

type Client = Pick<SeenEnds, 'client' | 'clientNamespace' | 'clientKind'>;
type Server = Omit<SeenEnds, keyof Client>;

/** An end of a flow, and whether no more than its address is known. */
export interface End<T> {
  readonly end: T;
  readonly onlyAddress: boolean;
}

/**
 * Who they are that Cilium has reserved identities for; those of the same name in labels and by number.
 * Source: https://github.com/cilium/cilium, pkg/identity/numericidentity.go.
 */
const RESERVED: ReadonlyMap<number, string> = new Map([
  [1, 'host'],
  [2, 'world'],
  [4, 'health'],
  [6, 'remote-node'],
  [7, 'kube-apiserver'],
  [8, 'ingress'],
  [9, 'world-ipv4'],
  [10, 'world-ipv6'],
]);

/** By weight: the node of an API server has its identity and that of a node. */
const CLIENTS: readonly (readonly [reserved: string, client: string])[] = [
  ['kube-apiserver', 'apiserver'],
  ['ingress', 'load-balancer'],
  ['host', 'node'],
  ['remote-node', 'node'],
  ['health', 'node'],
  ['world', 'internet'],
  ['world-ipv4', 'internet'],
  ['world-ipv6', 'internet'],
];

/** Ports of the tunnels of Istio's ambient mode and of Linkerd: which port is called is inside. */
export const TUNNELS: ReadonlySet<number> = new Set([15_008, 4143]);

/** Who a flow comes from: its workload, else its pod, else somebody outside, else its address. */
export function flowClient(flow: unknown): End<Client> {
  const source = at(flow, 'source');
  const pod = podOf(source);
  if (pod !== undefined) {
    const { name, kind, namespace } = pod;
    return { end: { client: name, clientNamespace: namespace, clientKind: kind }, onlyAddress: false };
  }
  const reserved = reservedOf(source);
  const outsider = CLIENTS.find(([label]) => reserved.has(label))?.[1];
  if (outsider !== undefined) return { end: { client: outsider }, onlyAddress: false };
  const address = nameAt(flow, 'IP', 'source');
  return { end: { client: address ?? 'unknown' }, onlyAddress: address !== undefined };
}

/** Whom a flow goes to at a port: the Service it was addressed to, the pod that it reached, or an address outside. */
export function flowServer(flow: unknown, port: number): End<Server> | undefined {
  const service = nameAt(flow, 'destination_service', 'name');
  const serviceNamespace = nameAt(flow, 'destination_service', 'namespace');
  if (service !== undefined && serviceNamespace !== undefined)
    return { end: { service, serviceNamespace, port }, onlyAddress: false };
  const destination = at(flow, 'destination');
  const pod = podOf(destination);
  if (pod !== undefined) {
    const ends = { server: pod.name, serverNamespace: pod.namespace, serverKind: pod.kind };
    return { end: TUNNELS.has(port) ? ends : { ...ends, targetPort: port }, onlyAddress: false };
  }
  if (reservedOf(destination).has('kube-apiserver') && (port === 443 || port === 6443))
    return { end: { service: 'kubernetes', serviceNamespace: 'default', targetPort: port }, onlyAddress: false };
  const [name, second] = asTexts(at(flow, 'destination_names'));
  const host = second === undefined ? nameAt({ name }, 'name')?.replace(/\.$/, '') : undefined;
  if (host !== undefined) return { end: { service: host, port }, onlyAddress: false };
  const address = nameAt(flow, 'IP', 'destination');
  return address === undefined ? undefined : { end: { service: address, port }, onlyAddress: true };
}

/** The word for what of the call is known by address alone, if any. */
export function addressOnly(client: End<unknown>, server: End<unknown>): Sighting['onlyAddress'] {
  return server.onlyAddress ? 'service' : client.onlyAddress ? 'client' : undefined;
}

interface PodName {
  readonly namespace: string;
  readonly kind: string;
  readonly name: string;
}

/** A node that does not run the pod knows its name and not its workload. */
function podOf(endpoint: unknown): PodName | undefined {
  const namespace = nameAt(endpoint, 'namespace');
  if (namespace === undefined) return undefined;
  const workload = workloadOf(endpoint);
  if (workload !== undefined) return { namespace, ...workload };
  const name = nameAt(endpoint, 'pod_name');
  return name === undefined ? undefined : { namespace, kind: 'Pod', name };
}

/** The one workload that Cilium names for an endpoint. */
export function workloadOf(endpoint: unknown): { readonly kind: string; readonly name: string } | undefined {
  const [workload, second] = asObjects(at(endpoint, 'workloads'));
  const name = nameAt(workload, 'name');
  const kind = nameAt(workload, 'kind');
  return second !== undefined || name === undefined || kind === undefined ? undefined : { kind, name };
}

function reservedOf(endpoint: unknown): ReadonlySet<string> {
  const labels = asTexts(at(endpoint, 'labels')).filter((label) => label.startsWith('reserved:'));
  const number = RESERVED.get(asNumber(at(endpoint, 'identity')) ?? 0);
  return new Set([
    ...labels.map((label) => label.slice('reserved:'.length)),
    ...(number === undefined ? [] : [number]),
  ]);
}
