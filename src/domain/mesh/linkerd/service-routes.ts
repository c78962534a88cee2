import { asList, asNumber, asObjects, asText, at, type JsonObject } from '../../../lib/json.ts';
import { KIND } from '../../kubernetes/kinds.ts';
import { formatRef, refOf, type KubeObject } from '../../kubernetes/object.ts';
import type { Service, ServicePort } from '../../world/service.ts';
import type { World } from '../../world/world.ts';
import { routeStatuses, serviceParentStatus } from './protocol/route-conflict.ts';

/** A meshed client's call to a Service. */
export interface ServiceCall {
  readonly clientNamespace: string;
  readonly service: Service;
  readonly port: ServicePort;
}

const ROUTES = [KIND.linkerdHttpRoute, KIND.httpRoute, KIND.grpcRoute, KIND.tlsRoute, KIND.tcpRoute] as const;
const MIRRORS = ['mirror.linkerd.io/mirrored-service', 'multicluster.linkerd.io/remote-discovery'] as const;

/**
 * Why a meshed client may reach other pods than those that the Service selects: a route, ServiceProfile or TrafficSplit
 * over it, a mirror of another cluster, or such kinds unread. Undefined where nothing of the kind is there.
 * Source: linkerd2 policy-controller/k8s/index/src/outbound/index.rs, controller/api/destination/server.go.
 */
export function whyRoutedElsewhere(call: ServiceCall, world: World): string | undefined {
  const { metadata, spec } = call.service.object;
  // Who calls a headless Service calls its pods' own addresses.
  if (serviceParentStatus(asText(at(spec, 'clusterIP'))) !== 'Accepted') return undefined;
  const { labels, annotations } = metadata;
  const name = `${call.service.namespace}/${call.service.name}`;
  const mirror = MIRRORS.find((key) => labels[key] !== undefined || annotations[key] !== undefined);
  if (mirror !== undefined)
    return `Service ${name} stands for one of another cluster (${mirror}), which is not modelled`;
  return byRoute(call, world) ?? bySplit(call, world) ?? byProfile(call, world);
}

function byRoute(call: ServiceCall, world: World): string | undefined {
  for (const kind of ROUTES) {
    for (const namespace of new Set([call.service.namespace, call.clientNamespace])) {
      const { objects, gap } = world.listIn(kind, namespace);
      const found = objects.find(
        (route) => isOver(route, call) && !leadsBack(route, call) && !isOutweighed(route, call, world),
      );
      if (found !== undefined)
        return `${formatRef(refOf(found))} routes calls to Service ${call.service.name}, which is not followed`;
      if (gap !== undefined) return gap;
    }
  }
  return undefined;
}

/**
 * Whether a heavier route has every parent by which this one would take the call, so that Linkerd does not accept it.
 * Not asked of HTTPRoutes: whether a GRPCRoute outweighs them depends on the version, as older ones do not know it.
 */
function isOutweighed(route: KubeObject, call: ServiceCall, world: World): boolean {
  if (route.kind === 'HTTPRoute') return false;
  const attached = ROUTES.flatMap((kind) => world.list(kind).objects);
  return parentsFor(route, call).every(({ port }) => {
    const hasParent = (parent: JsonObject): boolean => parent['port'] === port && isCore(parent['group']);
    const siblings = attached.filter((one) => parentsFor(one, call).some(hasParent));
    const kinds = [route, ...siblings].map(({ kind }) => kind);
    return routeStatuses(kinds).get(route.kind) === 'RouteReasonConflicted';
  });
}

function isCore(group: unknown): boolean {
  return group === '' || group === 'core';
}

/** A route in the Service's namespace is for all clients, one elsewhere for the clients of its own namespace. */
function isOver(route: KubeObject, call: ServiceCall): boolean {
  return parentsFor(route, call).length > 0;
}

function parentsFor(route: KubeObject, { service, port }: ServiceCall): readonly JsonObject[] {
  return asObjects(at(route.spec, 'parentRefs')).filter((parent) => {
    const wanted = asNumber(parent['port']);
    const kind = asText(parent['kind']) ?? 'Gateway';
    return kind === 'Service' && names(parent, route, service) && (wanted === undefined || wanted === port.port);
  });
}

/** Whether all calls go where they would go without the route: every rule to the Service itself, and one for any request. */
function leadsBack(route: KubeObject, { service, port }: ServiceCall): boolean {
  const rules = asObjects(at(route.spec, 'rules'));
  const isHome = (rule: JsonObject): boolean => {
    const backends = asObjects(rule['backendRefs']);
    return backends.length > 0 && backends.every((one) => names(one, route, service) && one['port'] === port.port);
  };
  return rules.every(isHome) && rules.some((rule) => asList(rule['matches']).length === 0) && !hasFilters(rules);
}

function hasFilters(rules: readonly JsonObject[]): boolean {
  const filtered = (one: JsonObject): boolean => asList(one['filters']).length > 0;
  return rules.some((rule) => filtered(rule) || asObjects(rule['backendRefs']).some(filtered));
}

function names(ref: JsonObject, route: KubeObject, service: Service): boolean {
  const kind = asText(ref['kind']) ?? 'Service';
  const namespace = asText(ref['namespace']) ?? route.metadata.namespace;
  return kind === 'Service' && ref['name'] === service.name && namespace === service.namespace;
}

function bySplit({ service }: ServiceCall, world: World): string | undefined {
  const { objects, gap } = world.listIn(KIND.smiTrafficSplit, service.namespace);
  const found = objects.find(({ spec }) => asText(at(spec, 'service'))?.split('.')[0] === service.name);
  return found === undefined
    ? gap
    : `${formatRef(refOf(found))} splits calls to Service ${service.name}, which is not followed`;
}

function byProfile({ service, clientNamespace }: ServiceCall, world: World): string | undefined {
  const prefix = `${service.name}.${service.namespace}.svc.`;
  for (const namespace of new Set([clientNamespace, service.namespace])) {
    const { objects, gap } = world.listIn(KIND.serviceProfile, namespace);
    const found = objects.find(
      ({ metadata, spec }) => metadata.name.startsWith(prefix) && asList(at(spec, 'dstOverrides')).length > 0,
    );
    if (found !== undefined)
      return `${formatRef(refOf(found))} leads calls to Service ${service.name} elsewhere (dstOverrides)`;
    if (gap !== undefined) return gap;
  }
  return undefined;
}
