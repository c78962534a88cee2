import type { CallTarget } from '../calls/call.ts';
import { serversOf, type CallServer } from '../calls/resolve-target.ts';
import type { Arrival, Authorization, Destination, Inbound, Mesh, ServerEnd } from '../mesh/mesh.ts';
import { dataPlaneOf } from '../mesh/registry.ts';
import { unmeshedInbound } from '../mesh/unmeshed.ts';
import { oncePer } from '../world/derived.ts';
import { besidePolicies } from '../world/object-world.ts';
import { cohortsOf } from '../world/workload.ts';
import type { World } from '../world/world.ts';
import { whyPodsMissing, whyServersMissing } from './end-gaps.ts';
import type { Manner } from './manner.ts';
import { noArrivals, type RecentArrivals } from './recent-arrivals.ts';
import type { HopEnd } from './wire-policies.ts';

/** One cohort of a server at the port that is called, with the mesh that stands before it. */
export interface Door {
  readonly server: CallServer;
  readonly end: ServerEnd;
  readonly mesh: Mesh | undefined;
  /** Whether what is allowed there may depend on who calls or on the request. */
  readonly judged: boolean;
  /** The cohort's pods, for what stands between them and others. */
  readonly pods: readonly HopEnd[];
  readonly world: World;
  /** What became of the last calls that arrived. */
  readonly recent: RecentArrivals<Answers>;
  /** What is found of the door once and then kept: by who speaks what first, and by what arrives. */
  readonly destinations: Map<boolean | string, Destination>;
  readonly inbounds: Map<Arrival, Inbound>;
}

/** What is made of a call where it arrives. */
export type Answers = readonly [inbound: Inbound, authorization: Authorization];

/** Who answers calls to a target. */
export interface Answering {
  readonly servers: readonly CallServer[];
  /** Those that are called over what meshes carry. */
  readonly carried: readonly CallServer[];
  /** Why others may answer, or other pods than are known, if so. */
  readonly gap: string | undefined;
  /** Why nobody answers; undefined where somebody does. */
  readonly reason: string | undefined;
}

/** Who answers calls to a target; found once for each world, as many calls go to the same. */
export function answering(to: CallTarget, world: World): Answering {
  if (to.kind === 'external-host') return findAnswering(to, world);
  const found = answers(world, to.kind === 'pod-port' ? to.workload.namespace : to.namespace);
  const key = keyOf(to);
  let atPorts = found.get(key);
  if (atPorts === undefined) found.set(key, (atPorts = new Map<number, Answering>()));
  const kept = atPorts.get(to.port);
  if (kept !== undefined) return kept;
  const answer = findAnswering(to, world);
  atPorts.set(to.port, answer);
  return answer;
}

const answers = oncePer<World, string, Map<string, Map<number, Answering>>>(() => new Map(), besidePolicies);

function findAnswering(to: CallTarget, world: World): Answering {
  const { servers, reason } = serversOf({ to }, world);
  const carried = servers.filter(({ servicePort }) => servicePort?.protocol !== 'UDP');
  const gaps = [...carried.map(({ workload }) => whyPodsMissing(workload, world)), whyServersMissing({ to }, world)];
  return {
    servers,
    carried,
    gap: gaps.find((gap) => gap !== undefined),
    reason: servers.length > 0 ? undefined : (reason ?? 'nobody answers this call'),
  };
}

/** Stands for the target but for its port, among those of its namespace; no Service has a space in its name. */
function keyOf(to: Exclude<CallTarget, { kind: 'external-host' }>): string {
  if (to.kind === 'pod-port') return `pod ${JSON.stringify([to.workload.kind, to.workload.name])}`;
  return to.kind === 'headless-instance' ? `instance ${to.service}` : to.service;
}

/** The doors of a server, one for each of its cohorts. */
export function doorsOf(server: CallServer, world: World): readonly Door[] {
  return doors(world, server);
}

const doors = oncePer((world: World, server: CallServer): readonly Door[] => {
  const { workload, port } = server;
  return cohortsOf(workload).map((cohort) => doorAt(server, { workload, cohort, port }, world));
});

function doorAt(server: CallServer, end: ServerEnd, world: World): Door {
  const { workload, cohort } = end;
  const { mesh } = dataPlaneOf(workload, cohort, world);
  return {
    server,
    end,
    mesh,
    judged: mesh !== undefined && (mesh.judgesCallers?.(end, world) ?? true),
    pods: [{ namespace: workload.namespace, pod: cohort.pod }],
    world,
    recent: noArrivals(),
    destinations: new Map<boolean | string, Destination>(),
    inbounds: new Map<Arrival, Inbound>(),
  };
}

/** Where a client sends a call of that manner: one object for all manners that agree on who speaks first, and on HTTP. */
export function destinationAt(door: Door, { serverFirst, payload }: Manner): Destination {
  const first = serverFirst.known ? serverFirst.value : serverFirst.reason;
  const noHttp = payload === 'tls' || payload === 'tcp' ? payload : undefined;
  const key = noHttp === undefined ? first : `${noHttp} ${String(first)}`;
  const kept = door.destinations.get(key);
  if (kept !== undefined) return kept;
  const destination = { ...addressOf(door), serverFirst, ...(noHttp === undefined ? {} : { noHttp }) };
  door.destinations.set(key, destination);
  return destination;
}

/** Where calls to the door go, whoever makes them. */
export function addressOf({ server: { service, servicePort }, end }: Door): Destination {
  if (service === undefined || servicePort === undefined) return { server: end };
  return { service: { service, port: servicePort }, server: end };
}

/** What stands before the door makes of what arrives. */
export function inboundAt(door: Door, arrival: Arrival): Inbound {
  const kept = door.inbounds.get(arrival);
  if (kept !== undefined) return kept;
  const { mesh, end, world } = door;
  const inbound = mesh === undefined ? unmeshedInbound(arrival) : mesh.inbound(end, arrival, world);
  door.inbounds.set(arrival, inbound);
  return inbound;
}
