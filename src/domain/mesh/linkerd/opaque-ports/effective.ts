import { known, mapFact, type Fact } from '../../../world/fact.ts';
import type { PodShape } from '../../../world/pod-shape.ts';
import type { Service } from '../../../world/service.ts';
import { OPAQUE_PORTS } from '../names.ts';
import { goPortRanges, rustPortRanges, type PortRange } from './port-lists.ts';

/** Ports as the rules of opaque ports look at them. */
export interface PortsOfPod extends Pick<PodShape, 'annotations'> {
  readonly containers: readonly Pick<PodShape['containers'][number], 'ports'>[];
  readonly initContainers: readonly Pick<PodShape['containers'][number], 'ports'>[];
}

/**
 * The ports that the proxy of a pod takes as opaque when others call it: the pod's own annotation as the policy
 * controller reads it, and nothing else; the chart's list does not count. A `Server` on the port replaces this.
 * Source: linkerd2 policy-controller/k8s/index/src/inbound/workload.rs#Settings::from_metadata.
 */
export function inboundOpaquePorts(pod: Pick<PodShape, 'annotations'>): readonly PortRange[] {
  return rustPortRanges(pod.annotations[OPAQUE_PORTS] ?? '');
}

/**
 * The ports of a pod that its meshed clients take as opaque when they reach the pod itself: its annotation (container
 * port names count) replaces the chart's list, even if empty. A `Server` with `proxyProtocol: opaque` adds its port.
 * Source: linkerd2 controller/api/destination/watcher/workload_watcher.go#GetAnnotatedOpaquePorts.
 */
export function opaquePortsOfEndpoint(pod: PortsOfPod, chartList: Fact<string>): Fact<readonly PortRange[]> {
  const own = pod.annotations[OPAQUE_PORTS];
  if (own === undefined) return mapFact(chartList, (list) => goPortRanges(list));
  return known(goPortRanges(own, containerPortNames(pod)));
}

/**
 * The ports of a Service that meshed clients take as opaque when they call its cluster address: its annotation
 * (Service port names count) replaces the chart's list, even if empty.
 * Source: linkerd2 controller/api/destination/watcher/opaque_ports_watcher.go#getServiceOpaquePortsAnnotation.
 */
export function opaquePortsOfService(
  service: Pick<Service, 'ports'> & { readonly annotations: Readonly<Record<string, string>> },
  chartList: Fact<string>,
): Fact<readonly PortRange[]> {
  const own = service.annotations[OPAQUE_PORTS];
  if (own === undefined) return mapFact(chartList, (list) => goPortRanges(list));
  const names = new Map<string, number>();
  // As upstream: an empty entry names the port that has no name.
  for (const { name = '', port } of service.ports) if (!names.has(name)) names.set(name, port);
  return known(goPortRanges(own, names));
}

/** Of two container ports of one name the last counts, init containers first. Source: linkerd2 pkg/util/parsing.go#GetNamedPorts. */
function containerPortNames(pod: PortsOfPod): ReadonlyMap<string, number> {
  const named = [...pod.initContainers, ...pod.containers].flatMap(({ ports }) =>
    ports.flatMap(({ name, port }): [string, number][] => (name === undefined || name === '' ? [] : [[name, port]])),
  );
  return new Map(named);
}
