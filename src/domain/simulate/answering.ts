import type { CallTarget } from '../calls/call.ts';
import { serversOf, type CallServer, type CallServers } from '../calls/resolve-target.ts';
import type { Arrival, Authorization, Destination, Inbound, Mesh, ServerEnd } from '../mesh/mesh.ts';
import { dataPlaneOf } from '../mesh/registry.ts';
import { unmeshedInbound } from '../mesh/unmeshed.ts';
import { oncePer } from '../world/derived.ts';
import { cohortsOf } from '../world/workload.ts';
import type { World } from '../world/world.ts';
import type { Manner } from './manner.ts';
import { noArrivals, type RecentArrivals } from './recent-arrivals.ts';
import type { HopEnd } from './wire-policies.ts';

/** One cohort of a server at the port that is called, with the mesh that stands before it. */
export interface Door {
  readonly server: CallServer;
  readonly end: ServerEnd;
  readonly mesh: Mesh | undefined;
  /** The cohort's pods, for what stands between them and others. */
  readonly pods: readonly HopEnd[];
  readonly world: World;
  /** What became of the last calls that arrived. */
  readonly recent: RecentArrivals<Answers>;
}

/** What is made of a call where it arrives. */
export type Answers = readonly [inbound: Inbound, authorization: Authorization];

/** Who answers calls to a target; found once for each world, as many calls go to the same. */
export function answering(to: CallTarget, world: World): CallServers {
  if (to.kind === 'external-host') return serversOf({ to }, world);
  const found = answers(world, to.kind === 'pod-port' ? to.workload.namespace : to.namespace);
  const key = keyOf(to);
  const kept = found.get(key) ?? serversOf({ to }, world);
  found.set(key, kept);
  return kept;
}

const answers = oncePer<World, string, Map<string, CallServers>>(() => new Map());

/** Stands for the target among those of its namespace, whatever its name is made of. */
function keyOf(to: Exclude<CallTarget, { kind: 'external-host' }>): string {
  const name = to.kind === 'pod-port' ? JSON.stringify([to.workload.kind, to.workload.name]) : to.service;
  return `${to.kind} ${String(to.port)} ${name}`;
}

/** The doors of a server, one for each of its cohorts. */
export function doorsOf(server: CallServer, world: World): readonly Door[] {
  return doors(world, server);
}

const doors = oncePer((world: World, server: CallServer): readonly Door[] => {
  const { workload, port } = server;
  return cohortsOf(workload).map((cohort) => ({
    server,
    end: { workload, cohort, port },
    mesh: dataPlaneOf(workload, cohort, world).mesh,
    pods: [{ namespace: workload.namespace, pod: cohort.pod }],
    world,
    recent: noArrivals(),
  }));
});

/** Where a client sends a call of that manner. */
export const destinationAt = oncePer((door: Door, { serverFirst }: Manner): Destination => ({
  ...addressOf(door),
  serverFirst,
}));

/** Where calls to the door go, whoever makes them. */
export function addressOf({ server: { service, servicePort }, end }: Door): Destination {
  if (service === undefined || servicePort === undefined) return { server: end };
  return { service: { service, port: servicePort }, server: end };
}

/** What stands before the door makes of what arrives. */
export const inboundAt = oncePer(({ mesh, end, world }: Door, arrival: Arrival): Inbound =>
  mesh === undefined ? unmeshedInbound(arrival) : mesh.inbound(end, arrival, world),
);
