import { asNumber, asObjects, asText, asTextMap, at, type JsonObject } from '../../lib/json.ts';
import { KIND } from '../kubernetes/kinds.ts';
import type { KubeObject } from '../kubernetes/object.ts';
import { derivedFrom } from './derived.ts';
import type { PodShape } from './pod-shape.ts';
import type { World } from './world.ts';

export interface ServicePort {
  readonly port: number;
  readonly name?: string;
  readonly protocol: string;
  readonly appProtocol?: string;
  /** A number, or the name of a container port that each pod resolves for itself. */
  readonly targetPort: number | string;
  readonly nodePort?: number;
}

export interface Service {
  readonly namespace: string;
  readonly name: string;
  readonly type: string;
  readonly headless: boolean;
  /** Undefined for a Service whose endpoints somebody writes by hand. */
  readonly selector: Readonly<Record<string, string>> | undefined;
  readonly ports: readonly ServicePort[];
  readonly externalName?: string;
  readonly object: KubeObject;
}

/** Reads a Service object; ports without a number are left out, as the API server refuses them. */
export function readService(object: KubeObject): Service {
  const spec = object.spec;
  const selector = asTextMap(at(spec, 'selector'));
  const externalName = asText(at(spec, 'externalName'));
  return {
    namespace: object.metadata.namespace ?? '',
    name: object.metadata.name,
    type: asText(at(spec, 'type')) ?? 'ClusterIP',
    headless: at(spec, 'clusterIP') === 'None',
    selector: Object.keys(selector).length === 0 ? undefined : selector,
    ports: asObjects(at(spec, 'ports')).flatMap(readServicePort),
    object,
    ...(externalName === undefined ? {} : { externalName }),
  };
}

function readServicePort(raw: JsonObject): ServicePort[] {
  const port = asNumber(raw['port']);
  if (port === undefined) return [];
  const name = asText(raw['name']);
  const appProtocol = asText(raw['appProtocol']);
  const nodePort = asNumber(raw['nodePort']);
  return [
    {
      port,
      protocol: asText(raw['protocol']) ?? 'TCP',
      targetPort: asNumber(raw['targetPort']) ?? asText(raw['targetPort']) ?? port,
      ...(name === undefined ? {} : { name }),
      ...(appProtocol === undefined ? {} : { appProtocol }),
      ...(nodePort === undefined ? {} : { nodePort }),
    },
  ];
}

/** The services of a namespace, sorted by name. */
export function servicesIn(world: World, namespace: string): readonly Service[] {
  return derivedFrom(world.listIn(KIND.service, namespace).objects, readServices);
}

/** All services, sorted by namespace and name. */
export function servicesOf(world: World): readonly Service[] {
  return world.namespaces().flatMap((namespace) => servicesIn(world, namespace));
}

function readServices(objects: readonly KubeObject[]): readonly Service[] {
  return objects.map(readService);
}

/** The container port that the service port reaches in the pod; undefined where the pod has no port of that name. */
export function resolveTargetPort(port: ServicePort, pod: PodShape): number | undefined {
  if (typeof port.targetPort === 'number') return port.targetPort;
  for (const container of [...pod.containers, ...pod.initContainers]) {
    const found = container.ports.find((candidate) => candidate.name === port.targetPort);
    if (found !== undefined) return found.port;
  }
  return undefined;
}

/** Whether the service's selector picks pods with these labels. */
export function selectsLabels(service: Service, labels: Readonly<Record<string, string>>): boolean {
  if (service.selector === undefined) return false;
  return derivedFrom(service.selector, pairsOf).every(([key, value]) => labels[key] === value);
}

function pairsOf(labels: Readonly<Record<string, string>>): readonly (readonly [key: string, value: string])[] {
  return Object.entries(labels);
}
