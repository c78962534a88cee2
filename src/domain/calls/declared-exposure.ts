import { asTexts, at } from '../../lib/json.ts';
import { servicesOf, type Service } from '../world/service.ts';
import type { Workload } from '../world/workload.ts';
import { workloadsOf } from '../world/workloads-of.ts';
import type { World } from '../world/world.ts';
import type { Call, CallSource } from './call.ts';
import { podsOf } from './find-workloads.ts';
import { transportOf } from './find-services.ts';
import { foundCalls, fromOutsider, stateCall, toPodPort, type FoundCalls } from './found-calls.ts';

/**
 * Calls from outside the cluster that Services and pods open: load balancers to Services of type LoadBalancer, anybody
 * to node ports, external addresses and host ports.
 */
export function declaredExposure(world: World): FoundCalls {
  return foundCalls([...servicesOf(world).flatMap(throughService), ...workloadsOf(world).flatMap(throughHostPorts)]);
}

function throughService(service: Service): readonly Call[] {
  const opened = openedTo(service);
  if (opened === undefined) return [];
  const { namespace, name } = service;
  return service.ports.map((port) =>
    stateCall({
      from: opened.from,
      to: { kind: 'service-port', namespace, service: name, port: port.port },
      protocol: transportOf(port),
      evidence: { kind: 'declared', source: `Service ${namespace}/${name}`, detail: opened.detail },
    }),
  );
}

function openedTo(service: Service): { readonly from: CallSource; readonly detail: string } | undefined {
  if (service.type === 'LoadBalancer') return { from: fromOutsider('load-balancer'), detail: 'type LoadBalancer' };
  if (service.type === 'NodePort') {
    return { from: fromOutsider('internet'), detail: 'type NodePort: open to whoever reaches a node' };
  }
  const addresses = asTexts(at(service.object.spec, 'externalIPs'));
  if (addresses.length === 0 || service.type === 'ExternalName') return undefined;
  return { from: fromOutsider('internet'), detail: 'externalIPs: open to whoever reaches these addresses' };
}

function throughHostPorts(workload: Workload): readonly Call[] {
  const containers = podsOf(workload).flatMap((pod) => pod.containers);
  return containers.flatMap((container) =>
    container.ports.flatMap(({ port, hostPort, protocol }) => {
      if (hostPort === undefined || hostPort === 0 || port === 0) return [];
      const call = stateCall({
        from: fromOutsider('internet'),
        to: toPodPort(workload, port),
        protocol: protocol === 'TCP' ? undefined : protocol.toLowerCase(),
        evidence: {
          kind: 'declared',
          source: `${workload.kind} ${workload.namespace}/${workload.name} container ${container.name}`,
          detail: `hostPort ${String(hostPort)}: open to whoever reaches a node`,
        },
      });
      return [call];
    }),
  );
}
