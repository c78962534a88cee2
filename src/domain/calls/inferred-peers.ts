import { asText, at } from '../../lib/json.ts';
import type { Workload } from '../world/workload.ts';
import { workloadsOf } from '../world/workloads-of.ts';
import type { World } from '../world/world.ts';
import type { Call } from './call.ts';
import { containerPorts, findService, transportOf, workloadsBehind } from './find-services.ts';
import { foundCalls, fromWorkload, stateCall, type FoundCalls } from './found-calls.ts';

/**
 * Probable calls among the pods of one StatefulSet: several replicas whose pods have names of their own through a
 * headless Service usually talk to each other.
 */
export function inferredPeers(world: World): FoundCalls {
  return foundCalls(workloadsOf(world).flatMap((workload) => peersOf(world, workload)));
}

function peersOf(world: World, workload: Workload): readonly Call[] {
  const name = workload.object.kind === 'StatefulSet' ? asText(at(workload.object.spec, 'serviceName')) : undefined;
  const replicas = workload.replicas.known ? workload.replicas.value : 0;
  if (name === undefined || replicas < 2) return [];
  const service = findService(world, workload.namespace, name);
  if (service?.headless !== true) return [];
  const pods = workloadsBehind(world, service).find((each) => each.workload === workload)?.pods ?? [];
  const source = `StatefulSet ${workload.namespace}/${workload.name} serviceName`;
  const detail = `${String(replicas)} pods have names of their own through headless Service ${name}`;
  // Where a number is open for both, the TCP call is the one that meshes touch.
  const tcp = new Set(service.ports.filter(({ protocol }) => protocol === 'TCP').map(({ port }) => port));
  const ports = service.ports.filter(({ protocol, port }) => protocol === 'TCP' || !tcp.has(port));
  return ports.flatMap((servicePort) =>
    containerPorts(servicePort, pods).map((port) =>
      stateCall({
        from: fromWorkload(workload),
        to: { kind: 'headless-instance', namespace: service.namespace, service: name, port },
        protocol: transportOf(servicePort),
        evidence: { kind: 'inferred', source, detail },
      }),
    ),
  );
}
