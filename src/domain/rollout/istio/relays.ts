import { containerPorts, servicesBefore } from '../../calls/find-services.ts';
import { podsOf } from '../../calls/find-workloads.ts';
import { relayFor } from '../../mesh/istio/ambient/relay-for.ts';
import { formatWorkload, type Workload } from '../../world/workload.ts';
import type { World } from '../../world/world.ts';
import { serverPortsOf } from '../../world/server-ports.ts';
import type { Obstacle } from '../plan.ts';

/** Who calls on to a workload on behalf of others, and of which Services that is not known. */
export interface Relays {
  /** Principals by container port. */
  readonly principals: ReadonlyMap<number, readonly string[]>;
  readonly unknown: readonly Obstacle[];
}

/** No waypoint stands before anything. */
export const NO_RELAYS: Relays = { principals: new Map(), unknown: [] };

/**
 * The waypoints that ambient clients pass on their way to a workload, by its Services and by its pods: ztunnel at the
 * server sees the identity of the waypoint, and not that of the client
 * (istio pilot/pkg/serviceregistry/ambient/waypoints.go; https://istio.io/latest/docs/ambient/usage/l4-policy/).
 */
export function relaysBefore(world: World, workload: Workload): Relays {
  const pods = podsOf(workload);
  const byService = servicesBefore(world, workload).map(({ namespace, object, ports }) => ({
    what: `Service ${namespace}/${object.metadata.name}`,
    question: { namespace, labels: object.metadata.labels, traffic: 'service' as const },
    ports: ports.flatMap((port) => (port.protocol === 'TCP' ? containerPorts(port, pods) : [])),
  }));
  const byPod = {
    what: formatWorkload(workload),
    question: { namespace: workload.namespace, labels: workload.template.labels, traffic: 'workload' as const },
    ports: serverPortsOf(workload, world),
  };
  const principals = new Map<number, Set<string>>();
  const unknown: Obstacle[] = [];
  for (const { what, question, ports } of [...byService, byPod]) {
    const relay = relayFor(question, world);
    if (!relay.known) {
      unknown.push(notKnown(what, relay.reason));
      continue;
    }
    if (relay.value === undefined) continue;
    const principal = relay.value.identity.replace(/^spiffe:\/\//, '');
    for (const port of ports) principals.set(port, (principals.get(port) ?? new Set()).add(principal));
  }
  const lists = [...principals].map(([port, set]) => [port, [...set].sort()] as const);
  return { principals: new Map(lists), unknown };
}

function notKnown(what: string, reason: string): Obstacle {
  return {
    kind: 'object',
    what: `through which waypoint ${what} is called is not known: ${reason}`,
    remedy:
      'read the Gateway and its pods, or wait until it is programmed, and plan again: rules on ztunnel must name its identity',
  };
}
