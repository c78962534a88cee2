import { compareBy } from '../../lib/order.ts';
import { servicesOf } from '../world/service.ts';
import { formatWorkload, type Workload } from '../world/workload.ts';
import { workloadsOf } from '../world/workloads-of.ts';
import type { World } from '../world/world.ts';
import type { Call } from './call.ts';
import { containerPorts, workloadsBehind } from './find-services.ts';
import { podsOf } from './find-workloads.ts';
import { isProxyContainer } from '../world/proxy-containers.ts';
import { serversOf } from './resolve-target.ts';

/** A container port at which a workload is, or may be, called, with the calls to it. */
export interface ServerPort {
  readonly workload: Workload;
  readonly port: number;
  readonly calls: readonly Call[];
}

/**
 * All container ports that containers declare over TCP, that Services lead to or that calls reach, sorted by workload
 * and number; and the calls to Services that no workload answers.
 */
export function serverPorts(
  world: World,
  calls: readonly Call[],
): { readonly servers: readonly ServerPort[]; readonly withoutServer: readonly { call: string; reason: string }[] } {
  const found = new Map<Workload, Map<number, Set<Call>>>();
  const withoutServer: { call: string; reason: string }[] = [];
  for (const [workload, port] of declaredPorts(world)) callsAt(found, workload, port);
  for (const call of calls) {
    const { servers, reason } = serversOf(call, world);
    for (const { workload, port } of servers) callsAt(found, workload, port).add(call);
    if (reason !== undefined && call.to.kind !== 'external-host') withoutServer.push({ call: call.id, reason });
  }
  const servers = [...found].flatMap(([workload, ports]) =>
    [...ports].map(([port, reached]) => ({ workload, port, calls: [...reached] })),
  );
  const byWorkload = compareBy<ServerPort>(({ workload }) => formatWorkload(workload));
  return { servers: servers.sort((left, right) => byWorkload(left, right) || left.port - right.port), withoutServer };
}

function declaredPorts(world: World): readonly (readonly [Workload, number])[] {
  const byContainers = workloadsOf(world).flatMap((workload) =>
    podsOf(workload)
      .flatMap((pod) => pod.containers.filter(({ name }) => !isProxyContainer(name, pod)))
      .flatMap((container) => container.ports.filter(({ port, protocol }) => port > 0 && protocol === 'TCP'))
      .map(({ port }) => [workload, port] as const),
  );
  const byServices = servicesOf(world).flatMap((service) =>
    workloadsBehind(world, service).flatMap(({ workload, pods }) =>
      service.ports
        .filter(({ protocol }) => protocol === 'TCP')
        .flatMap((port) => containerPorts(port, pods).map((number) => [workload, number] as const)),
    ),
  );
  return [...byContainers, ...byServices];
}

function callsAt(found: Map<Workload, Map<number, Set<Call>>>, workload: Workload, port: number): Set<Call> {
  let ports = found.get(workload);
  if (ports === undefined) found.set(workload, (ports = new Map<number, Set<Call>>()));
  let calls = ports.get(port);
  if (calls === undefined) ports.set(port, (calls = new Set()));
  return calls;
}
