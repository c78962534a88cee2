import { asObjects, asText, at } from '../../../lib/json.ts';
import { sortedUnique } from '../../../lib/order.ts';
import { servicesBefore } from '../../calls/find-services.ts';
import { KIND } from '../../kubernetes/kinds.ts';
import { formatRef, refOf } from '../../kubernetes/object.ts';
import { dataPlaneOf } from '../../mesh/registry.ts';
import type { Call } from '../../calls/call.ts';
import { cohortsOf, formatWorkload, type Workload } from '../../world/workload.ts';
import { findWorkload } from '../../world/workloads-of.ts';
import type { World } from '../../world/world.ts';
import type { Trap } from '../accepted-traps.ts';
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
  const past = callsPast(planning, own);
  return [
    past.length === 0
      ? `No known call passes the waypoint before ${own} by. One of a client with a sidecar, of an unmarked gateway or by the address of a pod would, and would meet the rules on ztunnel alone.`
      : `What the waypoint before ${own} enforces is partial: ${shown(past)} pass it by, and meet the rules on ztunnel alone.`,
  ];
}

/** The trap that those calls are where policies are bound to the waypoint: whoever wrote them takes them for the whole. */
export function bypassTraps(planning: Planning, workload: Workload, relays: Relays): readonly Trap[] {
  if (relays.principals.size === 0) return [];
  const own = formatWorkload(workload);
  const past = callsPast(planning, own);
  const policies = boundToWaypoints(planning.world, workload);
  if (past.length === 0 || policies.length === 0) return [];
  return [
    {
      id: 'D9',
      where: own,
      what: `${policies.join(', ')} holds at the waypoint before ${own}, and ${shown(past)} pass it by`,
      remedy: 'put these callers behind ztunnel and have them call the Service, and plan again',
    },
  ];
}

function callsPast({ index, world }: Planning, own: string): readonly Call[] {
  return (index.byWorkload.get(own) ?? []).filter(
    (call) =>
      (index.servers.get(call.id) ?? []).some((server) => formatWorkload(server.workload) === own) &&
      passesBy(world, call),
  );
}

function shown(past: readonly Call[]): string {
  const more = past.length > SHOWN ? ` and ${String(past.length - SHOWN)} more` : '';
  return `${past
    .slice(0, SHOWN)
    .map(({ id }) => id)
    .join(', ')}${more}`;
}

/** Policies for a Service before the workload, or for a gateway or its class, any of which may be its waypoint. */
function boundToWaypoints(world: World, workload: Workload): readonly string[] {
  const services = new Set(servicesBefore(world, workload).map(({ namespace, name }) => `${namespace}/${name}`));
  const bound = world.list(KIND.authorizationPolicy).objects.filter(({ metadata, spec }) =>
    [...asObjects(at(spec, 'targetRefs')), at(spec, 'targetRef')].some((ref) => {
      const kind = asText(at(ref, 'kind'));
      if (kind === 'Service') return services.has(`${metadata.namespace ?? ''}/${asText(at(ref, 'name')) ?? ''}`);
      return kind === 'GatewayClass' || (kind === 'Gateway' && metadata.namespace === workload.namespace);
    }),
  );
  return sortedUnique(bound.map((object) => formatRef(refOf(object))));
}

function passesBy(world: World, { from, to }: Call): boolean {
  if (to.kind === 'pod-port' || from.kind !== 'workload') return true;
  const client = findWorkload(world, from.workload);
  if (client === undefined) return true;
  return cohortsOf(client).some((cohort) => dataPlaneOf(client, cohort, world).dataPlane.mode !== 'ambient');
}
