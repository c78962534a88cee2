import { asObject, asObjects, type JsonObject } from '../../lib/json.ts';
import { sortedUnique } from '../../lib/order.ts';
import { namespaceLabels } from '../calls/find-workloads.ts';
import { ruleAdmits } from '../world/network-policy.ts';
import { serverPortsOf } from '../world/server-ports.ts';
import { cohortsOf, formatWorkload, workloadRef, type Workload } from '../world/workload.ts';
import type { World } from '../world/world.ts';
import { ownerToBeNamed } from './exception-owner.ts';
import { selectorLabels } from './objects/generated-objects.ts';
import type { Exception } from './plan.ts';
import type { Planning } from './planning.ts';

/** A workload that takes the mesh's tunnel or mutual TLS at a port of the proxy. */
export interface MeshServer {
  readonly workload: Workload;
  /** Container ports that are known to be there, and those that the clients call. */
  readonly ports: readonly number[];
  /** Whether one of the clients is known or thought to call it. */
  readonly isCalled: boolean;
}

/** These servers as the clients see them, with the ports at which a call of theirs passes today. */
export function meshServers(
  planning: Planning,
  clients: readonly Workload[],
  servers: readonly Workload[],
): readonly MeshServer[] {
  const called = portsCalled(planning, clients);
  return servers.map((workload) => {
    const own = called.get(formatWorkload(workload)) ?? [];
    return {
      workload,
      ports: [...new Set([...serverPortsOf(workload, planning.world), ...own])],
      isCalled: own.length > 0,
    };
  });
}

function portsCalled({ index, fates }: Planning, clients: readonly Workload[]): ReadonlyMap<string, readonly number[]> {
  const called = new Map<string, number[]>();
  for (const client of clients.map(formatWorkload)) {
    for (const { id, from } of index.byWorkload.get(client) ?? []) {
      if (from.kind !== 'workload' || formatWorkload(from.workload) !== client) continue;
      if (fates.get(id)?.verdict === 'breaks') continue;
      for (const { workload, port } of index.servers.get(id) ?? []) {
        const key = formatWorkload(workload);
        called.set(key, [...(called.get(key) ?? []), port]);
      }
    }
  }
  return called;
}

/** What a rule for what goes out must admit at the mesh's port. */
export interface WayOut {
  /** As a rule's `to`; never empty. */
  readonly peers: readonly JsonObject[];
  /** The workloads behind it. */
  readonly reached: readonly Workload[];
}

/**
 * Towards whom a rule for what goes out must admit the mesh's port as well; undefined where it leads to no server of the
 * mesh at a port that it lists, as the rule for DNS. A rule for everybody, or for addresses, is held to the pods that it
 * leads to, because the mesh's port leads on to every port of a pod; pods without labels cannot be named.
 */
export function wayOut(
  world: World,
  rule: JsonObject,
  { namespace, servers }: { readonly namespace: string; readonly servers: readonly MeshServer[] },
): WayOut | undefined {
  const led = servers.filter((server) => leadsTo(world, rule, { namespace, server })).map(({ workload }) => workload);
  const peers = asObjects(rule['to']);
  if (peers.length > 0 && !peers.some(isWide)) return led.length === 0 ? undefined : { peers, reached: led };
  const reached = led.filter((workload) => Object.keys(selectorLabels(workload)).length > 0);
  const held = sortedUnique(reached.map((workload) => JSON.stringify(podsOf(workload))));
  return reached.length === 0 ? undefined : { peers: held.flatMap(parsed), reached };
}

function parsed(text: string): readonly JsonObject[] {
  return asObjects([JSON.parse(text)]);
}

/** A row of the register for each client whose rules no longer keep ports apart, until the servers are denied by default. */
export function portsNoLongerApart(
  clients: readonly Workload[],
  { policy, through, ways }: { readonly policy: string; readonly through: number; readonly ways: readonly WayOut[] },
): readonly Exception[] {
  const namespaces = sortedUnique(ways.flatMap(({ reached }) => reached.map(({ namespace }) => namespace)));
  if (namespaces.length === 0) return [];
  const servers = sortedUnique(ways.flatMap(({ reached }) => reached.map(formatWorkload)));
  return clients.map((workload) => ({
    workload: workloadRef(workload),
    layer: 'authorization',
    ports: [],
    reason: `NetworkPolicy ${policy} lets it out to some ports alone, and from the enrolment of ${formatWorkload(workload)} on it reaches the others of ${servers.join(', ')} through ${String(through)}, where nothing else shuts them`,
    owner: ownerToBeNamed(workload),
    expires: `with stage ${namespaces.map((namespace) => `deny-${namespace}`).join(', ')}`,
  }));
}

/** All pods of all namespaces, or addresses, which may be those of any pod. */
function isWide({ ipBlock, namespaceSelector, podSelector }: JsonObject): boolean {
  return ipBlock !== undefined || (isEmpty(namespaceSelector) && isEmpty(podSelector ?? {}));
}

function isEmpty(selector: unknown): boolean {
  const written = asObject(selector);
  return written !== undefined && Object.keys(written).length === 0;
}

/** Which pods have addresses of a block nobody knows, so that such a rule is for those that are called. */
function leadsTo(
  world: World,
  rule: JsonObject,
  { namespace, server }: { readonly namespace: string; readonly server: MeshServer },
): boolean {
  const peers = asObjects(rule['to']);
  const byLabels = peers.filter(({ ipBlock }) => ipBlock === undefined);
  if (byLabels.length < peers.length && !server.isCalled) {
    return byLabels.length > 0 && admits(world, { ...rule, to: byLabels }, { namespace, server });
  }
  return admits(world, rule, { namespace, server });
}

function admits(
  world: World,
  rule: JsonObject,
  { namespace, server: { workload, ports } }: { readonly namespace: string; readonly server: MeshServer },
): boolean {
  const peerLabels = namespaceLabels(world, workload.namespace);
  return cohortsOf(workload).some(({ pod }) =>
    ports.some((port) => {
      const listed = pod.containers.flatMap((container) => container.ports);
      const portNames = listed.flatMap((each) => (each.port === port && each.name !== undefined ? [each.name] : []));
      const peer = { namespace: workload.namespace, namespaceLabels: peerLabels, labels: pod.labels };
      return ruleAdmits(rule, { direction: 'Egress', pod: { namespace, labels: {} }, peer, port, portNames }) !== 'no';
    }),
  );
}

function podsOf(workload: Workload): JsonObject {
  return {
    namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': workload.namespace } },
    podSelector: { matchLabels: selectorLabels(workload) },
  };
}
