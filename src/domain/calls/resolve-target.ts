import type { Service, ServicePort } from '../world/service.ts';
import { findWorkload } from '../world/workloads-of.ts';
import type { Workload } from '../world/workload.ts';
import type { World } from '../world/world.ts';
import { NO_NAMESPACE, type Call, type CallTarget } from './call.ts';
import { containerPorts, findService, missingService, workloadsBehind } from './find-services.ts';

/** One workload that answers a call, with the container port at which it does. */
export interface CallServer {
  readonly workload: Workload;
  /** Container port. */
  readonly port: number;
  /** The Service that the call went to, and its port; absent for calls to a pod's own address. */
  readonly service?: Service;
  readonly servicePort?: ServicePort;
}

/** Who answers a call; where nobody does, the reason. */
export interface CallServers {
  readonly servers: readonly CallServer[];
  readonly reason?: string;
}

type ServiceTarget = Extract<CallTarget, { kind: 'service-port' | 'headless-instance' }>;

/**
 * The workloads and container ports that answer a call: through the Service's selector over live pods and what each
 * template would create next. A Service port leads to its target port; an instance of a headless Service is reached at
 * the port that is dialled, because its name gives the pod's own address.
 */
export function serversOf(call: Pick<Call, 'to'>, world: World): CallServers {
  const { to } = call;
  switch (to.kind) {
    case 'external-host':
      return nobody(`${to.host} is outside the cluster`);
    case 'pod-port': {
      const workload = findWorkload(world, to.workload);
      const { kind, namespace, name } = to.workload;
      if (workload === undefined) return nobody(`there is no ${kind} ${namespace}/${name}`);
      return { servers: [{ workload, port: to.port }] };
    }
    case 'service-port':
    case 'headless-instance':
      return behindService(world, to);
  }
}

function behindService(world: World, to: ServiceTarget): CallServers {
  if (to.namespace === NO_NAMESPACE) return nobody(`nobody can tell which Service ${to.service} was called`);
  const service = findService(world, to.namespace, to.service);
  if (service === undefined) return nobody(missingService(world, to.namespace, to.service));
  const name = `Service ${to.namespace}/${to.service}`;
  if (service.type === 'ExternalName')
    return nobody(`${name} stands for the external host ${service.externalName ?? ''}`);
  if (service.selector === undefined) return nobody(`${name} has no selector; its endpoints are written by hand`);
  const selected = workloadsBehind(world, service);
  if (selected.length === 0) return nobody(`the selector of ${name} picks no workload`);
  const servers =
    to.kind === 'service-port' ? atServicePort(service, to.port, selected) : atInstances(service, to.port, selected);
  if (servers.length > 0) return { servers };
  return nobody(
    service.ports.some((port) => port.port === to.port)
      ? `no pod behind ${name} has the port that port ${String(to.port)} names`
      : `${name} has no port ${String(to.port)}`,
  );
}

function atServicePort(
  service: Service,
  number: number,
  selected: ReturnType<typeof workloadsBehind>,
): readonly CallServer[] {
  const servicePort = portOf(service, number);
  if (servicePort === undefined) return [];
  return selected.flatMap(({ workload, pods }) =>
    containerPorts(servicePort, pods).map((port) => ({ workload, port, service, servicePort })),
  );
}

function atInstances(
  service: Service,
  port: number,
  selected: ReturnType<typeof workloadsBehind>,
): readonly CallServer[] {
  return selected.map(({ workload, pods }) => {
    const servicePort =
      service.ports.find((candidate) => containerPorts(candidate, pods).includes(port)) ?? portOf(service, port);
    return { workload, port, service, ...(servicePort === undefined ? {} : { servicePort }) };
  });
}

/** One number may be served over TCP and UDP; meshes carry TCP. */
function portOf(service: Service, number: number): ServicePort | undefined {
  const ports = service.ports.filter((port) => port.port === number);
  return ports.find((port) => port.protocol === 'TCP') ?? ports[0];
}

function nobody(reason: string): CallServers {
  return { servers: [], reason };
}
