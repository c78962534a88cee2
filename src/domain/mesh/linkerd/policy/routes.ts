import { KIND } from '../../../kubernetes/kinds.ts';
import { kindOf, type KubeObject } from '../../../kubernetes/object.ts';
import { asObjects, asText, asTexts, at, type JsonObject } from '../../../../lib/json.ts';
import { compareText } from '../../../../lib/order.ts';
import { known, unknown, type Fact } from '../../../world/fact.ts';
import type { World } from '../../../world/world.ts';
import { admissionDoubt } from './admission.ts';
import type { Lookup } from './authentications.ts';
import { policiesOnRoute } from './authorization-policies.ts';
import { defaultLabel, type Grant, type Label } from './grant.ts';
import { networksOf } from './networks.ts';
import type { LinkerdServer } from './servers.ts';
import { targetsKind } from './target-kind.ts';
import { whyRouteUnreadable } from './validate-route.ts';

/** A route that a server's proxy holds, or may hold. */
export interface PolicyRoute {
  readonly label: Label;
  /** Absent for the routes that are there where none is attached. */
  readonly object?: KubeObject;
  readonly hostnames: readonly string[];
  /** The conditions of each rule; a rule without conditions takes every request. */
  readonly rules: readonly (readonly JsonObject[])[];
  /** What it grants beyond the server's own grants. */
  readonly grants: readonly Grant[];
  /** Whether it is attached. */
  readonly attached: Fact<boolean>;
}

/** The routes of a server's port in the order in which the proxy looks at them. */
export interface RouteTable {
  readonly isGrpc: boolean;
  readonly routes: readonly PolicyRoute[];
  /** Why there may be other routes. */
  readonly gap: string | undefined;
  /** Why there may be other grants on them. */
  readonly grantGap: string | undefined;
  /** The routes that name the Server, and the policies about these. */
  readonly policies: readonly KubeObject[];
}

const HTTP_KINDS = [KIND.linkerdHttpRoute, KIND.httpRoute] as const;
const CONTROLLER = 'linkerd.io/policy-controller';
const NO_CONDITION: readonly (readonly JsonObject[])[] = [[]];
/** Every procedure; as all conditions on procedures it takes POST alone. */
const ANY_RPC: readonly (readonly JsonObject[])[] = [[{}]];

/**
 * The routes in force on a Server: those that are attached to it and accepted; where there is none, the one that takes
 * everything, with one for the paths of probes. Routes over HTTP count for ports with HTTP, over gRPC for gRPC ones.
 * Source: linkerd2 policy-controller/k8s/index/src/inbound/index.rs#http_routes, #grpc_routes.
 */
export function routesOfServer(server: LinkerdServer, paths: readonly string[], lookup: Lookup): RouteTable {
  const isGrpc = server.protocol === 'gRPC';
  const listings = (isGrpc ? [KIND.grpcRoute] : HTTP_KINDS).map((kind) =>
    lookup.world.listIn(kind, server.object.metadata.namespace ?? ''),
  );
  const named = listings.flatMap(({ objects }) => objects).filter((route) => names(route, server));
  const policies = named.map((route) => policiesOnRoute(route, lookup));
  const attached = named
    .map((route, index) => routeOf(route, policies[index]?.grants ?? [], attachment(route, server, lookup.world)))
    .filter((route) => !route.attached.known || route.attached.value)
    .sort(inOrder);
  const gap = listings.find((listing) => listing.gap !== undefined)?.gap;
  const grantGap = policies.find((one) => one.gap !== undefined)?.gap;
  const isSure = attached.some((route) => route.attached.known);
  const doubtful = attached.find((route) => !route.attached.known)?.attached;
  const usual = isGrpc ? [{ ...defaultRoute(), rules: ANY_RPC }] : defaultRoutes(paths, lookup);
  const fallback = usual.map((route) => ({ ...route, attached: doubtful ?? route.attached }));
  return {
    isGrpc,
    routes: isSure ? attached : [...attached, ...fallback],
    gap,
    grantGap,
    policies: [...named, ...policies.flatMap(({ objects }) => objects)],
  };
}

/** The routes of a port that no Server is about. */
export function routesWithoutServer(paths: readonly string[], lookup: Lookup): RouteTable {
  return { isGrpc: false, routes: defaultRoutes(paths, lookup), gap: undefined, grantGap: undefined, policies: [] };
}

function defaultRoutes(paths: readonly string[], { plane }: Lookup): readonly PolicyRoute[] {
  const networks = networksOf(plane.probeNetworks, 'policyController.probeNetworks');
  if (paths.length === 0 || (networks.known && networks.value.length === 0)) return [defaultRoute()];
  const rule = paths.map((value) => ({ path: { type: 'Exact', value }, method: 'GET' }));
  const probe = defaultLabel('probe');
  const grants: readonly Grant[] = [{ label: probe, clients: { kind: 'anybody' }, networks }];
  return [defaultRoute(), { label: probe, hostnames: [], rules: [rule], grants, attached: known(true) }];
}

function defaultRoute(): PolicyRoute {
  return {
    label: defaultLabel('default'),
    hostnames: [],
    rules: NO_CONDITION,
    grants: [],
    attached: known(true),
  };
}

function routeOf(object: KubeObject, grants: readonly Grant[], attached: Fact<boolean>): PolicyRoute {
  const { spec, apiVersion, kind, metadata } = object;
  const rules = at(spec, 'rules');
  return {
    label: { group: apiVersion.split('/')[0] ?? '', kind, name: metadata.name },
    object,
    hostnames: asTexts(at(spec, 'hostnames')),
    rules: rules === undefined ? NO_CONDITION : asObjects(rules).map((rule) => asObjects(rule['matches'])),
    grants,
    attached,
  };
}

function names(route: KubeObject, server: LinkerdServer): boolean {
  return serverRefs(route).some((ref) => ref['name'] === server.name);
}

/** References to Servers; the API server fills in the group of the route's own kind. */
function serverRefs(route: KubeObject): readonly JsonObject[] {
  const group = kindOf(route) === KIND.linkerdHttpRoute ? 'policy.linkerd.io' : 'gateway.networking.k8s.io';
  return asObjects(at(route.spec, 'parentRefs'))
    .map((ref): JsonObject => ({ group, ...ref }))
    .filter((ref) => targetsKind(ref, KIND.linkerdServer));
}

/**
 * Whether a route that names a Server is attached to it: its references can be read, and the policy controller says
 * that it accepted it. Source: linkerd2 policy-controller/k8s/index/src/inbound/routes.rs.
 */
function attachment(route: KubeObject, server: LinkerdServer, world: World): Fact<boolean> {
  if (serverRefs(route).some((ref) => isForeign(ref, route))) return known(false);
  const doubt = admissionDoubt(route, world) ?? whyRouteUnreadable(route);
  if (doubt !== undefined) return unknown(`whether route ${route.metadata.name} is in force is not known: ${doubt}`);
  const status = asObjects(at(route.status, 'parents')).filter(
    (parent) =>
      parent['controllerName'] === CONTROLLER &&
      at(parent, 'parentRef', 'kind') === 'Server' &&
      at(parent, 'parentRef', 'name') === server.name,
  );
  const accepted = status.flatMap((parent) =>
    asObjects(parent['conditions']).filter((condition) => condition['type'] === 'Accepted'),
  );
  if (accepted.some((condition) => condition['status'] === 'True')) return known(true);
  return accepted.length > 0
    ? known(false)
    : unknown(`no status says whether route ${route.metadata.name} is accepted`);
}

function isForeign(ref: JsonObject, route: KubeObject): boolean {
  const namespace = asText(ref['namespace']);
  if (namespace !== undefined && namespace !== route.metadata.namespace) return true;
  return ref['port'] !== undefined || ref['sectionName'] !== undefined;
}

/** The oldest first, then by group, kind and name. Source: linkerd2 policy-controller/grpc/src/inbound/http.rs#to_route_list. */
function inOrder(left: PolicyRoute, right: PolicyRoute): number {
  const [first, second] = [createdAt(left), createdAt(right)];
  if (first !== second) return first < second ? -1 : 1;
  return (
    compareText(left.label.group, right.label.group) ||
    compareText(left.label.kind, right.label.kind) ||
    compareText(left.label.name, right.label.name)
  );
}

/** Milliseconds since 1970; after everything where the time was not read. */
export function createdAt({ object }: PolicyRoute): number {
  const time = Date.parse(object?.metadata.creationTimestamp ?? '');
  return Number.isNaN(time) ? Number.POSITIVE_INFINITY : time;
}
