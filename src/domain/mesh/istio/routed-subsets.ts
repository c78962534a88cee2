import { asList, asNumber, asObjects, asText, asTexts, at, type JsonObject } from '../../../lib/json.ts';
import { KIND } from '../../kubernetes/kinds.ts';
import type { KubeObject } from '../../kubernetes/object.ts';
import { derivedFrom, oncePer } from '../../world/derived.ts';
import { known, unknown, type Fact } from '../../world/fact.ts';
import type { Service } from '../../world/service.ts';
import { covering, indexByHost, type HostIndex } from './destination-rule/host-index.ts';
import { resolveHost } from './destination-rule/parse.ts';
import { visibleEverywhere, type ProxyView } from './proxy-view.ts';

const CLUSTER_DOMAIN = 'cluster.local';

/** Whose routes are asked for: a gateway routes by VirtualServices of its own, whatever host they are for. */
export interface RouteClient {
  readonly namespace: string;
  readonly gateway: boolean;
}

/** Which port of a Service is called, and by whom. */
interface RouteQuestion extends RouteClient {
  readonly port: number;
}

/**
 * The subsets that VirtualServices send calls for a service to; `[undefined]` where none does, and calls go to the
 * service as a whole. Unknown where a route leads to another host or port, may answer itself, or may match nothing: the call
 * then ends somewhere else.
 */
export function subsetsRouted(
  view: ProxyView,
  client: RouteQuestion,
  service: Service,
): Fact<readonly (string | undefined)[]> {
  const { objects, gap } = visibleEverywhere(view, KIND.virtualService);
  if (gap !== undefined) return unknown(gap);
  const host = `${service.name}.${service.namespace}.svc.${CLUSTER_DOMAIN}`;
  if (client.gateway) return known(subsetsTo(host, shownTo(view, client, objects)));
  const { byRoute, inMesh } = routesTo(view, service);
  if (byRoute !== undefined) return unknown(byRoute);
  if (inMesh.length === 0) return WHOLE;
  const routing = shownTo(view, client, inMesh);
  const problem = routing.map((object) => whyElsewhere(object, host, client.port)).find((why) => why !== undefined);
  return problem === undefined ? known(subsetsTo(host, routing)) : unknown(problem);
}

/** The VirtualServices that may act on the client's calls for a service. */
export function routesFor(view: ProxyView, client: RouteClient, service: Service): readonly KubeObject[] {
  if (!client.gateway) return shownTo(view, client, routesTo(view, service).inMesh);
  const host = `${service.name}.${service.namespace}.svc.${CLUSTER_DOMAIN}`;
  const { objects } = visibleEverywhere(view, KIND.virtualService);
  return shownTo(view, client, objects).filter((object) =>
    destinationsOf(object).some((destination) => hostOf(object, destination) === host),
  );
}

const WHOLE = known([undefined]);

interface Routes {
  /** What a route of the Gateway API does to calls for the service. */
  readonly byRoute: string | undefined;
  /** The VirtualServices for clients in the mesh that name its host. */
  readonly inMesh: readonly KubeObject[];
}

const routesTo = oncePer((view: ProxyView, service: Service): Routes => {
  const { objects } = visibleEverywhere(view, KIND.virtualService);
  const host = `${service.name}.${service.namespace}.svc.${CLUSTER_DOMAIN}`;
  return { byRoute: gatewayApiRoute(view, service), inMesh: covering(derivedFrom(objects, indexMeshRoutes), host) };
});

function indexMeshRoutes(objects: readonly KubeObject[]): HostIndex<KubeObject> {
  return indexByHost(objects.filter(routesInMesh), hostsNamed);
}

function shownTo(view: ProxyView, client: RouteClient, objects: readonly KubeObject[]): readonly KubeObject[] {
  return objects.filter((object) => isShown(view, client, object));
}

function subsetsTo(host: string, routing: readonly KubeObject[]): readonly (string | undefined)[] {
  const destinations = routing.flatMap((object) =>
    destinationsOf(object).filter((destination) => hostOf(object, destination) === host),
  );
  const subsets = new Set(destinations.map((destination) => asText(destination['subset'])));
  return subsets.size === 0 ? [undefined] : [...subsets];
}

/** A VirtualService acts on clients of every namespace that it is exported to. */
function isShown(view: ProxyView, client: RouteClient, object: KubeObject): boolean {
  const written = asTexts(at(object.spec, 'exportTo'));
  const exports = written.length === 0 ? view.settings.defaultVirtualServiceExportTo : written;
  const isOwn = object.metadata.namespace === client.namespace;
  return exports.some((target) => target === '*' || target === client.namespace || (target === '.' && isOwn));
}

const ANSWERS_ITSELF = ['redirect', 'directResponse', 'fault', 'delegate'] as const;

function whyElsewhere(object: KubeObject, host: string, port: number): string | undefined {
  const name = `VirtualService ${object.metadata.namespace ?? ''}/${object.metadata.name}`;
  const destinations = destinationsOf(object);
  const away = destinations.find((destination) => hostOf(object, destination) !== host);
  if (away !== undefined) return `${name} sends calls for ${host} to ${String(asText(away['host']))}`;
  const isOther = (to: JsonObject): boolean => to['port'] !== undefined && asNumber(at(to, 'port', 'number')) !== port;
  if (destinations.some(isOther)) return `${name} sends calls for ${host} on to another port than ${String(port)}`;
  const routes = asObjects(at(object.spec, 'http'));
  const odd = ANSWERS_ITSELF.find((field) => routes.some((route) => route[field] !== undefined));
  if (odd !== undefined) return `${name} has ${odd} for ${host}, which is not followed here`;
  const isTotal = routes.length === 0 || routes.some((route) => asList(route['match']).length === 0);
  return isTotal ? undefined : `${name} has no route for requests that match none of its conditions`;
}

const MESH_ROUTES = [KIND.httpRoute, KIND.grpcRoute, KIND.tcpRoute, KIND.tlsRoute] as const;

/** Routes of the Gateway API with a Service as parent route in the mesh, and are not followed here. */
function gatewayApiRoute(view: ProxyView, service: Service): string | undefined {
  for (const kind of MESH_ROUTES) {
    const { objects, gap } = view.world.list(kind);
    const found = derivedFrom(objects, routesByParent).get(`${service.namespace}/${service.name}`);
    if (found !== undefined)
      return `${found.kind} ${found.metadata.namespace ?? ''}/${found.metadata.name} routes calls for ${service.name}`;
    if (gap !== undefined) return gap;
  }
  return undefined;
}

/** The first route of each Service that is a parent of some, by `namespace/name`. */
function routesByParent(routes: readonly KubeObject[]): ReadonlyMap<string, KubeObject> {
  const found = new Map<string, KubeObject>();
  for (const route of routes) {
    for (const parent of asObjects(at(route.spec, 'parentRefs'))) {
      const name = asText(parent['name']);
      const namespace = asText(parent['namespace']) ?? route.metadata.namespace;
      if (parent['kind'] !== 'Service' || name === undefined || namespace === undefined) continue;
      const key = `${namespace}/${name}`;
      if (!found.has(key)) found.set(key, route);
    }
  }
  return found;
}

function routesInMesh(object: KubeObject): boolean {
  const gateways = asTexts(at(object.spec, 'gateways'));
  return gateways.length === 0 || gateways.includes('mesh');
}

function hostsNamed(object: KubeObject): readonly string[] {
  const namespace = object.metadata.namespace ?? '';
  return asTexts(at(object.spec, 'hosts')).map((name) => resolveHost(name, namespace, CLUSTER_DOMAIN));
}

function hostOf(object: KubeObject, destination: JsonObject): string {
  return resolveHost(asText(destination['host']) ?? '', object.metadata.namespace ?? '', CLUSTER_DOMAIN);
}

function destinationsOf(object: KubeObject): readonly JsonObject[] {
  const routes = ['http', 'tcp', 'tls'].flatMap((protocol) => asObjects(at(object.spec, protocol)));
  return routes.flatMap((route) =>
    asObjects(route['route']).flatMap((target) => {
      const destination = at(target, 'destination');
      return asObjects([destination]);
    }),
  );
}
