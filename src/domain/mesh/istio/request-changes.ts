import { asList, asObject, asObjects, asText, at, type JsonObject } from '../../../lib/json.ts';
import { KIND } from '../../kubernetes/kinds.ts';
import { formatRef, refOf, type KubeObject } from '../../kubernetes/object.ts';
import { derivedFrom } from '../../world/derived.ts';
import type { Service } from '../../world/service.ts';
import { anyChange, type RequestChange } from '../request.ts';
import type { ProxyView } from './proxy-view.ts';
import { routesFor, type RouteClient } from './routed-subsets.ts';

type Changed = RequestChange['facts'][number];

/**
 * What routes of the client's proxy may change in requests to a service, so that the policies of whoever takes them
 * judge something else than what the client sent. Undefined where no route that may take the call changes any of it.
 * Source: https://istio.io/latest/docs/reference/config/networking/virtual-service/#HTTPRewrite
 */
export function changesRouted(view: ProxyView, client: RouteClient, service: Service): RequestChange | undefined {
  const byRoute = client.gateway ? byGatewayRoute(view, service) : undefined;
  const changing = routesFor(view, client, service).filter((object) => derivedFrom(object, factsChanged).length > 0);
  const [first] = changing;
  if (byRoute !== undefined || first === undefined) return byRoute;
  return { facts: changing.flatMap((object) => derivedFrom(object, factsChanged)), why: whyChanged(first) };
}

function whyChanged(object: KubeObject): string {
  return `${formatRef(refOf(object))} may change the request on its way, which is not followed`;
}

/** Over all routes of the object: which of them takes the call may depend on the request. */
function factsChanged({ spec }: KubeObject): readonly Changed[] {
  const routes = asObjects(at(spec, 'http'));
  const found = routes.flatMap((route) => [
    ...rewritten(route['rewrite']),
    ...[route, ...asObjects(route['route'])].flatMap(({ headers }) => byHeaders(headers)),
  ]);
  return [...new Set(found)];
}

function rewritten(rewrite: unknown): readonly Changed[] {
  if (rewrite === undefined) return [];
  const fields = Object.keys(asObject(rewrite) ?? {});
  if (fields.some((field) => !REWRITES.has(field))) return ['path', 'host'];
  return fields.map((field) => (field === 'authority' ? 'host' : 'path'));
}

const REWRITES: ReadonlySet<string> = new Set(['uri', 'uriRegexRewrite', 'authority']);

/** What other headers are set to matters to nobody: nothing is known of a request's headers anyway. */
function byHeaders(headers: unknown): readonly Changed[] {
  const names = ['set', 'add'].flatMap((verb) => Object.keys(asObject(at(headers, 'request', verb)) ?? {}));
  if (names.some((name) => name.startsWith(':'))) return ['method', 'path', 'host'];
  return names.some((name) => name.toLowerCase() === 'host') ? ['host'] : [];
}

const GATEWAY_ROUTES = [KIND.httpRoute, KIND.grpcRoute] as const;
const HARMLESS: ReadonlySet<unknown> = new Set(['ResponseHeaderModifier', 'RequestMirror']);

/** Gateways follow routes of the Gateway API too; which of them a gateway has is not asked. */
function byGatewayRoute(view: ProxyView, service: Service): RequestChange | undefined {
  for (const kind of GATEWAY_ROUTES) {
    const { objects, gap } = view.world.list(kind);
    const found = derivedFrom(objects, changingRoutes).find((route) => leadsTo(route, service));
    if (found !== undefined) return anyChange(whyChanged(found));
    if (gap !== undefined) return anyChange(gap);
  }
  return undefined;
}

function changingRoutes(routes: readonly KubeObject[]): readonly KubeObject[] {
  return routes.filter(({ spec }) =>
    asObjects(at(spec, 'rules')).some((rule) => [rule, ...asObjects(rule['backendRefs'])].some(filters)),
  );
}

function filters(rule: JsonObject): boolean {
  return asList(rule['filters']).some((filter) => !HARMLESS.has(at(filter, 'type')));
}

function leadsTo({ spec, metadata }: KubeObject, { name, namespace }: Service): boolean {
  return asObjects(at(spec, 'rules')).some((rule) =>
    asObjects(rule['backendRefs']).some(
      (ref) => ref['name'] === name && (asText(ref['namespace']) ?? metadata.namespace) === namespace,
    ),
  );
}
