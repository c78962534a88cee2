import { asObject, asObjects, asText, asTextMap, asTexts, at, type JsonObject } from '../../lib/json.ts';
import { KIND } from '../kubernetes/kinds.ts';
import { formatRef, refOf, type KubeObject } from '../kubernetes/object.ts';
import { clusterHosts } from '../world/cluster-dns.ts';
import type { World } from '../world/world.ts';
import type { Backend } from './backend-targets.ts';
import { findService } from './find-services.ts';

/** Where a mesh sends what clients call a Service for. */
export interface OnwardRoute {
  /** The object that routes: `VirtualService shop/pay`. */
  readonly source: string;
  /** Port of the Service that it is about; absent for all of them. */
  readonly port?: number;
  /** The clients that it is for, each with what their pods' labels must hold; absent for all. */
  readonly clients?: readonly { readonly namespace?: string; readonly labels: Readonly<Record<string, string>> }[];
  readonly backends: readonly Backend[];
}

const ROUTES = [KIND.httpRoute, KIND.grpcRoute, KIND.tcpRoute, KIND.tlsRoute, KIND.linkerdHttpRoute] as const;
const PROTOCOLS = ['http', 'tls', 'tcp'] as const;

/**
 * What mesh routes say by Service (`NAMESPACE/NAME`): VirtualServices of the mesh, routes of the Gateway API whose parent
 * is a Service, and TrafficSplits. Only what leads to other Services counts, mirrors included.
 * Source: https://gateway-api.sigs.k8s.io/mesh/, https://istio.io/latest/docs/reference/config/networking/virtual-service/.
 */
export function onwardRoutes(world: World): ReadonlyMap<string, readonly OnwardRoute[]> {
  const found = new Map<string, OnwardRoute[]>();
  const add = (service: string, route: OnwardRoute): void => {
    const backends = route.backends.filter((backend) => `${backend.namespace}/${backend.service}` !== service);
    if (backends.length > 0) found.set(service, [...(found.get(service) ?? []), { ...route, backends }]);
  };
  for (const object of world.list(KIND.virtualService).objects) addVirtualService(world, object, add);
  for (const kind of ROUTES) for (const object of world.list(kind).objects) addRoute(object, add);
  for (const object of world.list(KIND.smiTrafficSplit).objects) addSplit(object, add);
  return found;
}

type Add = (service: string, route: OnwardRoute) => void;

function addVirtualService(world: World, object: KubeObject, add: Add): void {
  const home = object.metadata.namespace ?? '';
  const gateways = asTexts(at(object.spec, 'gateways'));
  if (gateways.length > 0 && !gateways.includes('mesh')) return;
  const services = asTexts(at(object.spec, 'hosts')).flatMap((host) => serviceOf(world, host, home) ?? []);
  const routes = PROTOCOLS.flatMap((protocol) => asObjects(at(object.spec, protocol)));
  for (const route of routes) {
    const backends = destinationsOf(route).flatMap((destination): readonly Backend[] => {
      const found = serviceOf(world, asText(destination['host']) ?? '', home);
      return found === undefined ? [] : [{ ...found, port: at(destination, 'port', 'number') }];
    });
    const matches = asObjects(route['match']);
    const isForAll = matches.length === 0 || matches.some((match) => asObject(match['sourceLabels']) === undefined);
    const clients = isForAll ? {} : { clients: matches.map(clientOf) };
    for (const { namespace, service } of services) {
      add(`${namespace}/${service}`, { source: formatRef(refOf(object)), backends, ...clients });
    }
  }
}

function clientOf(match: JsonObject): {
  readonly namespace?: string;
  readonly labels: Readonly<Record<string, string>>;
} {
  const namespace = asText(match['sourceNamespace']);
  return { labels: asTextMap(match['sourceLabels']), ...(namespace === undefined ? {} : { namespace }) };
}

function destinationsOf(route: JsonObject): readonly JsonObject[] {
  const routed = [...asObjects(route['route']), ...asObjects(route['mirrors'])].map((each) =>
    asObject(each['destination']),
  );
  return [...routed, asObject(route['mirror'])].filter((each) => each !== undefined);
}

function serviceOf(world: World, host: string, home: string): { namespace: string; service: string } | undefined {
  const found = clusterHosts(host, home).find(
    ({ namespace, service, instance }) =>
      instance === undefined && findService(world, namespace, service) !== undefined,
  );
  return found === undefined ? undefined : { namespace: found.namespace, service: found.service };
}

/** A route in another namespace than its Service's is for the clients of its own. */
function addRoute(object: KubeObject, add: Add): void {
  const home = object.metadata.namespace ?? '';
  const backends = asObjects(at(object.spec, 'rules')).flatMap((rule) => {
    const refs = asObjects(rule['backendRefs']);
    return [...refs, ...mirrorsOf(rule), ...refs.flatMap(mirrorsOf)].flatMap((ref) => backendOf(ref, home));
  });
  for (const parent of asObjects(at(object.spec, 'parentRefs'))) {
    const name = asText(parent['name']);
    if (parent['kind'] !== 'Service' || name === undefined) continue;
    const namespace = asText(parent['namespace']) ?? home;
    const port = typeof parent['port'] === 'number' ? { port: parent['port'] } : {};
    const clients = namespace === home ? {} : { clients: [{ namespace: home, labels: {} }] };
    add(`${namespace}/${name}`, { source: formatRef(refOf(object)), backends, ...port, ...clients });
  }
}

function mirrorsOf(part: JsonObject): readonly JsonObject[] {
  return asObjects(part['filters'])
    .map((filter) => asObject(at(filter, 'requestMirror', 'backendRef')))
    .filter((ref) => ref !== undefined);
}

function backendOf(ref: JsonObject, home: string): readonly Backend[] {
  const service = asText(ref['name']);
  if (service === undefined || (asText(ref['kind']) ?? 'Service') !== 'Service') return [];
  return [{ namespace: asText(ref['namespace']) ?? home, service, port: ref['port'] }];
}

function addSplit(object: KubeObject, add: Add): void {
  const namespace = object.metadata.namespace ?? '';
  const backends = asObjects(at(object.spec, 'backends')).flatMap((backend) => {
    const service = asText(backend['service']);
    return service === undefined ? [] : [{ namespace, service, port: undefined }];
  });
  const root = asText(at(object.spec, 'service'))?.split('.')[0] ?? '';
  add(`${namespace}/${root}`, { source: formatRef(refOf(object)), backends });
}
