import type { Service, ServicePort } from '../world/service.ts';
import type { World } from '../world/world.ts';
import type { CallTarget } from './call.ts';
import { containerPorts, workloadsBehind } from './find-services.ts';
import { toPodPort } from './found-calls.ts';

/** What a service and port mean, with a remark on how they were read; without targets, the reason. */
export interface PortTarget {
  readonly targets: readonly CallTarget[];
  readonly remark?: string;
  readonly reason?: string;
}

/**
 * What a call to a Service at some port reaches: the Service's port of that number, else the one whose pods listen
 * there, else the one with that node port, else a pod's own address.
 */
export function targetAtPort(world: World, service: Service, number: number): PortTarget {
  const own = service.ports.find((port) => port.port === number);
  if (own !== undefined) return toServicePort(service, own);
  const selected = workloadsBehind(world, service);
  const pods = selected.flatMap((each) => each.pods);
  const behind = service.ports.find(
    (port) => containerPorts(port, pods).includes(number) || port.targetPort === number,
  );
  if (behind !== undefined) {
    const remark = `${String(number)} is the pods' port behind Service port ${String(behind.port)}`;
    return { ...toServicePort(service, behind), remark };
  }
  const node = service.ports.find((port) => port.nodePort === number);
  if (node !== undefined) {
    return {
      ...toServicePort(service, node),
      remark: `${String(number)} is the node port of port ${String(node.port)}`,
    };
  }
  return atPods(service, number, selected);
}

/** What is no port of the Service can only have gone to a pod's own address. */
function atPods(service: Service, number: number, selected: ReturnType<typeof workloadsBehind>): PortTarget {
  const { namespace, name } = service;
  const remark = `Service ${namespace}/${name} has no port ${String(number)}, so a pod was called by its own address`;
  if (service.headless) {
    return { targets: [{ kind: 'headless-instance', namespace, service: name, port: number }], remark };
  }
  const open = selected.filter(({ pods }) =>
    pods.some((pod) => pod.containers.some((container) => container.ports.some(({ port }) => port === number))),
  );
  if (open.length > 0) return { targets: open.map(({ workload }) => toPodPort(workload, number)), remark };
  const ports = service.ports.map((port) => String(port.port)).join(', ');
  return {
    targets: [],
    reason: `Service ${namespace}/${name} has no port ${String(number)} (it has ${ports === '' ? 'none' : ports})`,
  };
}

function toServicePort(service: Service, port: ServicePort): PortTarget {
  return { targets: [{ kind: 'service-port', namespace: service.namespace, service: service.name, port: port.port }] };
}
