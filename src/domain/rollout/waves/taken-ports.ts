import { isKnownCall } from '../../calls/call.ts';
import type { Container } from '../../world/pod-shape.ts';
import { isProxyContainer } from '../../world/proxy-containers.ts';
import { serverPortsOf } from '../../world/server-ports.ts';
import { cohortsOf, formatWorkload, type Workload } from '../../world/workload.ts';
import type { Obstacle } from '../plan.ts';
import type { Planning } from '../planning.ts';
import { OWN_PORTS } from '../proxy-ports.ts';

/**
 * Ports of these workloads that the target's proxy takes for itself in the pod's network: of the two that listen there
 * one cannot start, or callers meet the proxy and not the application. The workloads are those that are to be enrolled.
 * Source: https://istio.io/latest/docs/ops/deployment/application-requirements/#ports-used-by-istio, linkerd2
 * charts/linkerd-control-plane/values.yaml, proxy.ports.
 */
export function takenPorts(planning: Planning, workloads: readonly Workload[]): readonly Obstacle[] {
  const isTaken = OWN_PORTS[planning.input.target];
  return workloads.flatMap((workload) =>
    [...usedPorts(planning, workload)]
      .filter(([port]) => isTaken(port))
      .sort(([left], [right]) => left - right)
      .map(([port, who]): Obstacle => ({
        kind: 'object',
        what: `${formatWorkload(workload)}: ${who} uses port ${String(port)}, which the proxy takes for itself in every pod that it serves`,
        remedy: `have the application listen at another port, its Service and probes with it, and plan again; or keep it out by plan.exclude`,
      })),
  );
}

/** Container ports that the workload answers at, each with what says so; a container that names it before all else. */
function usedPorts({ index, world }: Planning, workload: Workload): ReadonlyMap<number, string> {
  const name = formatWorkload(workload);
  const called = (index.byWorkload.get(name) ?? [])
    .filter(isKnownCall)
    .flatMap(({ id }) => index.servers.get(id) ?? [])
    .filter((server) => formatWorkload(server.workload) === name)
    .map(({ port }): [number, string] => [port, 'a known call']);
  const { template } = workload;
  const own = [...template.initContainers, ...template.containers].filter(
    (container) => !isProxyContainer(container.name, template),
  );
  const reached = serverPortsOf(workload, world).map((port): [number, string] => [port, 'a Service or a running pod']);
  // Where pods run a proxy already, what goes to its ports is meant for it: scrapes of merged metrics do.
  return new Map<number, string>([...(runsProxy(workload) ? [] : [...called, ...reached]), ...own.flatMap(portsOf)]);
}

function runsProxy(workload: Workload): boolean {
  return cohortsOf(workload).some(({ pod }) =>
    [...pod.initContainers, ...pod.containers].some(({ name }) => isProxyContainer(name, pod)),
  );
}

function portsOf({ name, ports, probes }: Container): readonly (readonly [number, string])[] {
  return [
    ...probes.flatMap(({ phase, port }): [number, string][] =>
      port === undefined ? [] : [[port, `the ${phase} probe of container ${name}`]],
    ),
    ...ports
      .filter(({ protocol }) => protocol === 'TCP')
      .map(({ port }): [number, string] => [port, `container ${name}`]),
  ];
}
