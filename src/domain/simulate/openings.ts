import type { Arrival, Mesh } from '../mesh/mesh.ts';
import { dataPlaneOf } from '../mesh/registry.ts';
import { known, unknown, type Fact } from '../world/fact.ts';
import { cohortsOf, formatWorkload, type Cohort, type Workload } from '../world/workload.ts';
import { findWorkload, workloadsIn } from '../world/workloads-of.ts';
import type { World } from '../world/world.ts';
import { serverPortsOf } from '../world/server-ports.ts';

/** Callers that stand for all of their kind: nobody needs to have been seen for a door to be open. */
const STRANGERS = [
  { name: 'plaintext from any pod', wire: 'plaintext' },
  { name: 'mutual TLS from any namespace', wire: 'mtls' },
] as const;

/**
 * What the second world accepts, from callers that nobody named, and the first refused; sorted. A door counts as open
 * where some cohort opens it, and an unknown answer before counts as open, so that only what was surely shut is listed.
 */
export function openingsBetween(before: World, after: World): readonly string[] {
  if (before === after) return [];
  return after
    .namespaces()
    .flatMap((namespace) => workloadsIn(after, namespace))
    .flatMap((workload) => openingsOf(workload, before, after))
    .sort();
}

function openingsOf(workload: Workload, before: World, after: World): string[] {
  const earlier = findWorkload(before, workload);
  if (earlier === undefined) return [];
  return serverPortsOf(workload, after).flatMap((port) =>
    STRANGERS.filter(
      (stranger) =>
        refuses({ workload: earlier, port, stranger }, before) && !refuses({ workload, port, stranger }, after),
    ).map((stranger) => `${formatWorkload(workload)} port ${String(port)}: ${stranger.name}`),
  );
}

interface Door {
  readonly workload: Workload;
  readonly port: number;
  readonly stranger: (typeof STRANGERS)[number];
}

/** Whether every cohort surely refuses the stranger. */
function refuses(door: Door, world: World): boolean {
  return cohortsOf(door.workload).every((cohort) => cohortRefuses(door, cohort, world));
}

function cohortRefuses(door: Door, cohort: Cohort, world: World): boolean {
  const { mesh, dataPlane } = dataPlaneOf(door.workload, cohort, world);
  if (mesh === undefined) return false;
  // Behind ztunnel mutual TLS comes as HBONE, and in no other way.
  const isTunnel = dataPlane.mode === 'ambient' && door.stranger.wire === 'mtls';
  return meshRefuses({ ...door, cohort, mesh, wire: isTunnel ? 'hbone' : door.stranger.wire }, world);
}

interface OpenDoor extends Door {
  readonly cohort: Cohort;
  readonly mesh: Mesh;
  readonly wire: Arrival['wire'];
}

function meshRefuses(door: OpenDoor, world: World): boolean {
  const server = { workload: door.workload, cohort: door.cohort, port: door.port };
  const arrival: Arrival = {
    sender: 'workload',
    wire: door.wire,
    payload: 'unknown',
    serverFirst: known(false),
  };
  const inbound = door.mesh.inbound(server, arrival, world);
  if (inbound.outcome === 'refused') return true;
  const identity = door.stranger.wire === 'plaintext' ? known(undefined) : identityIn(door, world);
  const question = { server, arrival, handledAs: inbound.handledAs, identity, request: {} };
  return door.mesh.authorize(question, world).decision === 'deny';
}

/** Names of identities differ by mesh, and policies may name whole trust domains; of others nobody can say who calls. */
function identityIn({ mesh, workload, cohort }: OpenDoor, world: World): Fact<string | undefined> {
  return mesh.stranger?.({ workload, cohort }, world) ?? unknown(`what identities of ${mesh.displayName} look like`);
}
