import { groupBy } from '../../lib/order.ts';
import type { LabelSelector } from '../kubernetes/label-selector.ts';
import { derivedFrom, oncePer } from '../world/derived.ts';
import type { PodShape } from '../world/pod-shape.ts';
import { resolveTargetPort, servicesIn, servicesOf, type Service, type ServicePort } from '../world/service.ts';
import type { Workload } from '../world/workload.ts';
import type { World } from '../world/world.ts';
import { workloadsSelected, type SelectedWorkload } from './find-workloads.ts';

const NONE: readonly Service[] = [];

/** The Service of that name in the namespace, or undefined. */
export function findService(world: World, namespace: string, name: string): Service | undefined {
  return derivedFrom(servicesIn(world, namespace), indexServices).get(name);
}

/** The Services of that name in all namespaces. */
export function servicesNamed(world: World, name: string): readonly Service[] {
  return derivedFrom(world, indexNames).get(name) ?? NONE;
}

function indexNames(world: World): ReadonlyMap<string, readonly Service[]> {
  return groupBy(servicesOf(world), (service) => service.name);
}

/** The workloads behind a Service, by its selector; none where it has no selector. */
export function workloadsBehind(world: World, service: Service): readonly SelectedWorkload[] {
  return behind(world, service);
}

const behind = oncePer((world: World, { namespace, selector }: Service): readonly SelectedWorkload[] =>
  selector === undefined ? [] : workloadsSelected(world, namespace, toSelector(selector)),
);

/** The Services whose selector picks pods of the workload, sorted by name. */
export function servicesBefore(world: World, workload: Workload): readonly Service[] {
  return backends(world, workload.namespace).get(workloadKey(workload)) ?? NONE;
}

const backends = oncePer(indexBackends);

/** The container ports that a Service port reaches in these pods, each once, ascending. */
export function containerPorts(port: ServicePort, pods: readonly PodShape[]): readonly number[] {
  const ports = pods.map((pod) => resolveTargetPort(port, pod)).filter((number) => number !== undefined);
  return [...new Set(ports)].sort((left, right) => left - right);
}

/** Why a Service is not in the world: it was not read, or it is not there. */
export function missingService(world: World, namespace: string, name: string): string {
  const gap = world.listIn('Service', namespace).gap;
  return gap === undefined
    ? `there is no Service ${name} in namespace ${namespace}`
    : `Service ${namespace}/${name} was not found, and ${gap}`;
}

/** The transport protocol of a Service port where it is not TCP, as a call's protocol. */
export function transportOf(port: ServicePort): string | undefined {
  return port.protocol === 'TCP' ? undefined : port.protocol.toLowerCase();
}

function indexBackends(world: World, namespace: string): ReadonlyMap<string, readonly Service[]> {
  const pairs = servicesIn(world, namespace).flatMap((service) =>
    workloadsBehind(world, service).map(({ workload }) => ({ key: workloadKey(workload), service })),
  );
  const groups = groupBy(pairs, (pair) => pair.key);
  return new Map([...groups].map(([key, group]) => [key, group.map((pair) => pair.service)]));
}

function indexServices(services: readonly Service[]): ReadonlyMap<string, Service> {
  return new Map(services.map((service) => [service.name, service]));
}

function toSelector(matchLabels: Readonly<Record<string, string>>): LabelSelector {
  return { matchLabels, matchExpressions: [] };
}

function workloadKey(workload: Workload): string {
  return `${workload.kind}/${workload.name}`;
}
