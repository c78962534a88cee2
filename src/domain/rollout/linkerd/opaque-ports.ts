import { sortedUnique } from '../../../lib/order.ts';
import { servicesBefore } from '../../calls/find-services.ts';
import { knownServerFirst } from '../../calls/known-server-first.ts';
import { KIND } from '../../kubernetes/kinds.ts';
import { OPAQUE_PORTS } from '../../mesh/linkerd/names.ts';
import {
  inboundOpaquePorts,
  opaquePortsOfEndpoint,
  opaquePortsOfService,
} from '../../mesh/linkerd/opaque-ports/effective.ts';
import { holdsPort, type PortRange } from '../../mesh/linkerd/opaque-ports/port-lists.ts';
import { protocolToService } from '../../mesh/linkerd/protocol/client-protocol.ts';
import { speaksFirst } from '../../simulate/server-first.ts';
import { known } from '../../world/fact.ts';
import { serverPortsOf } from '../../world/server-ports.ts';
import { resolveTargetPort, type Service } from '../../world/service.ts';
import { formatWorkload, type Workload } from '../../world/workload.ts';
import type { Planning } from '../planning.ts';
import type { LinkerdFacts } from './linkerd-facts.ts';
import { CHART_OPAQUE_PORTS } from './linkerd-releases.ts';

/** The container ports of a workload at which the server speaks first, as a call or a list of ours says. */
export function serverFirstPorts(planning: Planning, workload: Workload): readonly number[] {
  const { world, index } = planning;
  const key = formatWorkload(workload);
  const byCall = (index.byWorkload.get(key) ?? []).flatMap((call) =>
    (index.servers.get(call.id) ?? []).flatMap((server) => {
      const first = formatWorkload(server.workload) === key ? speaksFirst(call, server) : undefined;
      return first?.known === true && first.value ? [server.port] : [];
    }),
  );
  const byHint = serverPortsOf(workload, world).filter((port) => looksServerFirst(planning, workload, port));
  return [...new Set([...byCall, ...byHint])].sort((left, right) => left - right);
}

function looksServerFirst({ world }: Planning, workload: Workload, port: number): boolean {
  const { template } = workload;
  const containers = template.containers.filter(
    ({ ports }) => ports.length === 0 || ports.some((one) => one.port === port),
  );
  const before = servicesBefore(world, workload).flatMap(({ ports }) =>
    ports.filter((one) => resolveTargetPort(one, template) === port),
  );
  const inPod = containers.flatMap(({ ports }) => ports.filter((one) => one.port === port));
  const names = [...before.flatMap(({ name, appProtocol }) => [appProtocol, name]), ...inPod.map(({ name }) => name)];
  const numbers = [port, ...before.map((one) => one.port)];
  return (
    knownServerFirst(
      numbers,
      containers.map(({ image }) => image),
      names,
    ) !== undefined
  );
}

/**
 * What annotation `config.linkerd.io/opaque-ports` of a pod template must say so that proxies do not wait for a client
 * that waits for its server, and so that the policy controller can read it; undefined where it is right. The annotation
 * replaces the chart's list, so that what is opaque today stays in it; numbers alone, because the policy controller
 * drops a whole list for one name.
 */
export function podAnnotation(planning: Planning, facts: LinkerdFacts, workload: Workload): string | undefined {
  const { template } = workload;
  const ports = serverPortsOf(workload, planning.world);
  const chart = facts.plane?.opaquePorts ?? known(CHART_OPAQUE_PORTS);
  const today = opaquePortsOfEndpoint(template, chart);
  if (!today.known) return undefined;
  const wanted = ports.filter(
    (port) => holdsPort(today.value, port) || serverFirstPorts(planning, workload).includes(port),
  );
  const inherited = planning.world.get({ kind: KIND.namespace, name: workload.namespace })?.metadata.annotations;
  const written = template.annotations[OPAQUE_PORTS] ?? inherited?.[OPAQUE_PORTS];
  const read: readonly PortRange[] =
    written === undefined
      ? declaredIn(template, today.value)
      : inboundOpaquePorts({ annotations: { [OPAQUE_PORTS]: written } });
  return wanted.every((port) => holdsPort(read, port)) ? undefined : wanted.map(String).join(',');
}

/** Without an annotation the webhook writes the declared ports that are on the chart's list. */
function declaredIn({ containers }: Workload['template'], list: readonly PortRange[]): readonly PortRange[] {
  return containers.flatMap(({ ports }) =>
    ports.flatMap(({ port }) => (holdsPort(list, port) ? [{ first: port, last: port }] : [])),
  );
}

/** What the annotation of a Service must say for the same reason; undefined where it is right, or cannot matter. */
export function serviceAnnotation(
  planning: Planning,
  facts: LinkerdFacts,
  { service, workloads }: { readonly service: Service; readonly workloads: readonly Workload[] },
): string | undefined {
  const chart = facts.plane?.opaquePorts ?? known(CHART_OPAQUE_PORTS);
  const called = { ports: service.ports, annotations: service.object.metadata.annotations };
  const today = opaquePortsOfService(called, chart);
  if (!today.known || service.type === 'ExternalName') return undefined;
  const isFirst = (port: Service['ports'][number]): boolean =>
    workloads.some((workload) => {
      const target = resolveTargetPort(port, workload.template);
      return target !== undefined && serverFirstPorts(planning, workload).includes(target);
    });
  const missing = service.ports.filter((port) => {
    const protocol = protocolToService(called, port, chart);
    return port.protocol === 'TCP' && isFirst(port) && protocol.known && protocol.value !== 'opaque';
  });
  if (missing.length === 0) return undefined;
  const kept = service.ports.filter(({ port }) => holdsPort(today.value, port));
  const numbers = [...kept, ...missing].map(({ port }) => String(port).padStart(5, '0'));
  return sortedUnique(numbers)
    .map((padded) => String(Number(padded)))
    .join(',');
}
