import { oncePer } from './derived.ts';
import { isProxyContainer } from './proxy-containers.ts';
import { resolveTargetPort, selectsLabels, servicesIn } from './service.ts';
import { cohortsOf, type Workload } from './workload.ts';
import type { World } from './world.ts';

/** Container ports at which a workload may be called: those that it names, and those that Services lead to; sorted. */
export function serverPortsOf(workload: Workload, world: World): readonly number[] {
  return portsIn(world, workload);
}

const portsIn = oncePer(serverPortsIn);

function serverPortsIn(world: World, workload: Workload): readonly number[] {
  const ports = new Set<number>();
  for (const pod of new Set(cohortsOf(workload).map((cohort) => cohort.pod))) {
    const containers = pod.containers.filter(({ name }) => !isProxyContainer(name, pod));
    for (const container of containers) {
      for (const { port, protocol } of container.ports) if (protocol === 'TCP' && port > 0) ports.add(port);
    }
    for (const service of servicesIn(world, workload.namespace)) {
      if (!selectsLabels(service, pod.labels)) continue;
      for (const port of service.ports) {
        const target = port.protocol === 'TCP' ? resolveTargetPort(port, pod) : undefined;
        if (target !== undefined) ports.add(target);
      }
    }
  }
  return [...ports].sort((left, right) => left - right);
}
