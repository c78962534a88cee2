import { dataPlaneOf } from '../../mesh/registry.ts';
import type { Call } from '../../calls/call.ts';
import { cohortsOf, formatWorkload, type Workload } from '../../world/workload.ts';
import { findWorkload } from '../../world/workloads-of.ts';
import type { World } from '../../world/world.ts';
import type { Planning } from '../planning.ts';
import type { Relays } from './relays.ts';

const SHOWN = 10;

/**
 * Which known calls to a workload that has a waypoint before it do not pass that waypoint, so that its policies hold for
 * a part of the callers only; empty where no waypoint is before it.
 * Source: https://github.com/istio/istio/issues/57729, https://github.com/istio/istio/issues/61620.
 */
export function pastWaypoints(planning: Planning, workload: Workload, relays: Relays): readonly string[] {
  if (relays.principals.size === 0) return [];
  const own = formatWorkload(workload);
  const past = (planning.index.byWorkload.get(own) ?? []).filter(
    ({ id, ...call }) =>
      (planning.index.servers.get(id) ?? []).some((server) => formatWorkload(server.workload) === own) &&
      passesBy(planning.world, call),
  );
  const shown = past.slice(0, SHOWN).map(({ id }) => id);
  const more = past.length > SHOWN ? ` and ${String(past.length - SHOWN)} more` : '';
  return [
    past.length === 0
      ? `No known call passes the waypoint before ${own} by. One of a client with a sidecar, of an unmarked gateway or by the address of a pod would, and would meet the rules on ztunnel alone.`
      : `What the waypoint before ${own} enforces is partial: ${shown.join(', ')}${more} pass it by, and meet the rules on ztunnel alone.`,
  ];
}

function passesBy(world: World, { from, to }: Omit<Call, 'id'>): boolean {
  if (to.kind === 'pod-port' || from.kind !== 'workload') return true;
  const client = findWorkload(world, from.workload);
  if (client === undefined) return true;
  return cohortsOf(client).some((cohort) => dataPlaneOf(client, cohort, world).dataPlane.mode !== 'ambient');
}
