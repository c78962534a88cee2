import type { Service, ServicePort } from '../world/service.ts';
import type { Workload } from '../world/workload.ts';
import type { World } from '../world/world.ts';
import { NO_NAMESPACE, type CallTarget, type SeenCall } from './call.ts';
import { containerPorts, servicesBefore, workloadsBehind } from './find-services.ts';
import { podsOf } from './find-workloads.ts';
import { toPodPort } from './found-calls.ts';
import { observedTarget, serviceOfRow } from './observed-service.ts';
import { ownerByPodName } from './pod-owner.ts';
import { mayCarry } from './payload.ts';
import type { PortTarget } from './target-at-port.ts';
import { findNamedWorkload } from './workload-name.ts';

/** What a watcher saw called. A guess: the call went to one of the targets, and nobody can tell to which. */
export interface SeenTarget extends PortTarget {
  readonly isGuess?: boolean;
}

/** What a row's call went to: by the Service and port that it names, else by the workload and the port of its pods. */
export function observedServer(world: World, row: SeenCall, clientNamespace: string | undefined): SeenTarget {
  const { service, port, server } = row;
  if (service !== undefined && port !== undefined) {
    return observedTarget(world, { ...row, service, port }, clientNamespace);
  }
  if (service !== undefined) {
    const found = serviceOfRow(world, { ...row, service }, clientNamespace);
    if ('service' in found) return atSomePort(world, found.service, row);
    if ('host' in found) return { targets: [{ kind: 'external-host', host: found.host }] };
    if (server === undefined) return { targets: [], reason: `service: ${found.reason}` };
  }
  if (server === undefined) return { targets: [], reason: 'the row names neither a Service nor a workload' };
  const place = { text: server, namespace: row.serverNamespace ?? row.serviceNamespace, kind: row.serverKind };
  const named = findNamedWorkload(world, place);
  if (named.workload !== undefined) return atWorkload(world, named.workload, row);
  const owner = place.namespace === undefined ? undefined : ownerByPodName(world, place.namespace, server);
  return owner === undefined ? nowhere(row, server, `server: ${named.reason}`) : atWorkload(world, owner, row);
}

/** Where somebody called what this world does not have, the call stands with nobody to answer it. */
function nowhere(row: SeenCall, server: string, reason: string): SeenTarget {
  const port = row.port ?? row.targetPort;
  if (port === undefined) return { targets: [], reason };
  const namespace = row.serverNamespace ?? row.serviceNamespace ?? NO_NAMESPACE;
  return { targets: [{ kind: 'service-port', namespace, service: server, port }], reason, remark: reason };
}

/** A Service without the port: the one that leads to the port of the pods, or the only one that fits the protocol. */
function atSomePort(world: World, service: Service, row: SeenCall): SeenTarget {
  const name = `Service ${service.namespace}/${service.name}`;
  const pods = workloadsBehind(world, service).flatMap((each) => each.pods);
  const { targetPort } = row;
  if (targetPort !== undefined) {
    const behind = service.ports.filter((port) => containerPorts(port, pods).includes(targetPort));
    if (behind.length > 0) return { targets: behind.map((port) => toServicePort(service, port)) };
    return observedTarget(
      world,
      { ...row, service: service.name, serviceNamespace: service.namespace, port: targetPort },
      undefined,
    );
  }
  const fitting = service.ports.filter((port) => mayCarry(port, row.protocol));
  const [only, second] = fitting;
  if (only === undefined) return { targets: [], reason: `${name} has no port that carries ${row.protocol ?? 'calls'}` };
  const targets = fitting.map((port) => toServicePort(service, port));
  if (second === undefined) return { targets, remark: `port ${String(only.port)} is the only one that fits` };
  return {
    targets,
    isGuess: true,
    remark: 'which of its ports was not seen',
    reason: `${name}: its port was not seen`,
  };
}

/** Watchers of pods see what the Service's address was translated to; a Service before the port is what was called. */
function atWorkload(world: World, workload: Workload, row: SeenCall): SeenTarget {
  const services = servicesBefore(world, workload);
  const dialled = services.some(({ headless }) => !headless) ? services.filter(({ headless }) => !headless) : services;
  const pods = podsOf(workload);
  const number = row.targetPort ?? row.port;
  const isGuess = number === undefined;
  const ports = number === undefined ? openPorts(workload) : [number];
  const targets = ports.flatMap((port) => {
    const fronts = dialled.flatMap((service) =>
      service.ports
        .filter((each) => containerPorts(each, pods).includes(port) && (!isGuess || mayCarry(each, row.protocol)))
        .map((each) => toServicePort(service, each)),
    );
    return fronts.length > 0 ? fronts : [toPodPort(workload, port)];
  });
  const reason = `${workload.namespace}/${workload.name}: its port was not seen`;
  if (targets.length === 0) return { targets, reason };
  if (isGuess && targets.length > 1) return { targets, isGuess, remark: 'which of its ports was not seen', reason };
  return { targets, remark: 'by a Service before its pods, or by their address' };
}

function openPorts({ template }: Workload): readonly number[] {
  const open = template.containers.flatMap(({ ports }) => ports).filter(({ protocol }) => protocol === 'TCP');
  return [...new Set(open.map(({ port }) => port))].sort((left, right) => left - right);
}

/** What answers a headless Service is its pods themselves. */
function toServicePort({ namespace, name, headless }: Service, port: ServicePort): CallTarget {
  const kind = headless ? 'headless-instance' : 'service-port';
  return { kind, namespace, service: name, port: port.port };
}
