import { asList, asText, at } from '../../../src/lib/json.ts';
import type { Arrival } from './naive-arrival.ts';
import { istioTakes, istioWire } from './naive-istio.ts';
import { linkerdTakes, linkerdWire } from './naive-linkerd.ts';
import { networkLetsIn } from './naive-network.ts';
import { controllersOf, podsOf, selectorOf, type NaivePod, type WorkloadName } from './naive-pods.ts';
import { keyOf, listed, nameOf, namespaceOf, selects, type Raw, type RawCluster } from './raw-cluster.ts';

/**
 * A judge of rollouts that shares nothing with the resolvers: it reads plain manifests, decides for every pod of both
 * ends whether a call passes, and knows only what the worlds of these laws can hold.
 */
export interface NaiveCall {
  readonly from: WorkloadName;
  readonly to: WorkloadName;
  /** The container port. */
  readonly port: number;
  /** Through the Service of the server's name and this port of it; else by the address of a pod. */
  readonly via: { readonly service: string; readonly port: number } | undefined;
  readonly speaks: 'http' | 'tcp' | 'server-first';
}

/** Names a call: `a/Deployment/x -> b/Deployment/y:8080`. */
export function nameOfCall({ from, to, port, via }: NaiveCall): string {
  return `${nameOfWorkload(from)} -> ${nameOfWorkload(to)}:${String(port)}${via === undefined ? ' by address' : ''}`;
}

export function nameOfWorkload({ namespace, kind, name }: WorkloadName): string {
  return `${namespace}/${kind}/${name}`;
}

/** What becomes of a call between each pod of the one and each pod of the other. */
export function answersOf(cluster: RawCluster, call: NaiveCall): readonly boolean[] {
  const servers = podsOf(cluster, call.to);
  return podsOf(cluster, call.from).flatMap((client) =>
    servers.map((server) => passes(cluster, [client, server], { call, servers })),
  );
}

const remembered = new WeakMap<RawCluster, Map<string, unknown>>();

/** What was found out of a cluster once: clusters never change. */
function once<T>(cluster: RawCluster, key: string, find: () => T): T {
  const known = remembered.get(cluster) ?? new Map<string, unknown>();
  remembered.set(cluster, known);
  if (!known.has(key)) known.set(key, find());
  return known.get(key) as T;
}

/** Whether it passes for all pods of both ends. */
export function works(cluster: RawCluster, call: NaiveCall): boolean {
  return once(cluster, nameOfCall(call), () => answersOf(cluster, call).every(Boolean));
}

interface Between {
  readonly call: NaiveCall;
  readonly servers: readonly NaivePod[];
}

function passes(
  cluster: RawCluster,
  [client, server]: readonly [NaivePod, NaivePod],
  { call, servers }: Between,
): boolean {
  const { to, port, via, speaks } = call;
  const service = via && cluster.objects.get(keyOf('Service', to.namespace, via.service));
  const declared = declaredBy(cluster, server, port);
  if (stallsAtClient(client, speaks, via === undefined ? 'tcp' : declared)) return false;
  const address = {
    endpoints: servers,
    port,
    ...(via === undefined
      ? {}
      : {
          service: {
            namespace: to.namespace,
            name: via.service,
            headless: at(service, 'spec', 'clusterIP') === 'None',
          },
        }),
  };
  const wire =
    client.proxy === 'linkerd'
      ? linkerdWire([client, server], port, via?.port ?? port)
      : istioWire(cluster, [client, server], address);
  return isTaken({ cluster, wire, client, server, port, speaks, declared });
}

/** A sidecar that detects the protocol waits for the client's first bytes, which never come where the server speaks first. */
function stallsAtClient({ proxy }: NaivePod, speaks: NaiveCall['speaks'], declared: Arrival['declared']): boolean {
  return proxy === 'sidecar' && speaks === 'server-first' && declared !== 'tcp';
}

/** What the Services in front of a pod say of one of its ports. */
export function declaredBy(cluster: RawCluster, pod: NaivePod, port: number): Arrival['declared'] {
  const ports = listed(cluster, 'Service', pod.namespace)
    .filter((raw) => {
      const selector = selectorOf(raw);
      return selector !== undefined && selects(selector, pod.labels);
    })
    .flatMap((raw) => asList(at(raw, 'spec', 'ports')))
    .filter((one) => targetOf(one, pod) === port);
  const words = ports.map(
    (one) => asText(at(one, 'appProtocol')) ?? (asText(at(one, 'name')) ?? '').split('-')[0] ?? '',
  );
  if (words.some((word) => word === 'tcp' || word === 'mysql')) return 'tcp';
  return words.some((word) => word === 'http' || word === 'http2' || word === 'grpc') ? 'http' : 'auto';
}

/** The container port that a port of a Service stands for. */
export function targetOf(port: unknown, pod: Pick<NaivePod, 'ports'>): number | undefined {
  const target = at(port, 'targetPort') ?? at(port, 'port');
  if (typeof target === 'number') return target;
  return pod.ports.find(({ name }) => name === target)?.number;
}

/** Whether what arrives at a pod is let in by the network and taken by whatever stands before the application. */
export function isTaken(arrival: Arrival): boolean {
  if (!networkLetsIn(arrival)) return false;
  switch (arrival.server.proxy) {
    case 'none':
      return arrival.wire === 'plaintext';
    case 'sidecar':
    case 'ztunnel':
      return istioTakes(arrival);
    case 'linkerd':
      return linkerdTakes(arrival);
  }
}

/** Somebody whom nobody named: without a mesh, or with an account of the mesh, of a namespace. */
export interface Stranger {
  readonly namespace: string;
  readonly meshed: boolean;
}

/** A container port at which strangers are tried; `open` for all, some or none of the workload's pods. */
export function strangersAt(
  cluster: RawCluster,
  [to, port]: readonly [WorkloadName, number],
  stranger: Stranger,
): 'all' | 'some' | 'none' {
  const key = `${nameOfWorkload(to)}:${String(port)} ${stranger.namespace} ${String(stranger.meshed)}`;
  return once(cluster, key, () => tryStranger(cluster, [to, port], stranger));
}

function tryStranger(
  cluster: RawCluster,
  [to, port]: readonly [WorkloadName, number],
  { namespace, meshed }: Stranger,
): 'all' | 'some' | 'none' {
  const taken = podsOf(cluster, to).map((server) => {
    const declared = declaredBy(cluster, server, port);
    return isTaken({
      cluster,
      wire: meshed && server.proxy !== 'none' ? 'mtls' : 'plaintext',
      client: { namespace, labels: { app: 'stranger' }, account: 'stranger', proxy: meshed ? server.proxy : 'none' },
      server,
      port,
      speaks: declared === 'tcp' ? 'tcp' : 'http',
      declared,
    });
  });
  if (taken.every(Boolean)) return 'all';
  return taken.some(Boolean) ? 'some' : 'none';
}

/** Every workload of the namespaces, by its controller. */
export function workloadsIn(cluster: RawCluster, namespaces: readonly string[]): readonly WorkloadName[] {
  return controllersOf(cluster)
    .filter((raw) => namespaces.includes(namespaceOf(raw) ?? ''))
    .map((raw: Raw) => ({ namespace: namespaceOf(raw) ?? '', kind: asText(raw['kind']) ?? '', name: nameOf(raw) }));
}
