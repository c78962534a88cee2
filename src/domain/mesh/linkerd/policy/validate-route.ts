import { KIND } from '../../../kubernetes/kinds.ts';
import { kindOf, type KubeObject } from '../../../kubernetes/object.ts';
import { asList, asObject, asObjects, asText, at, type JsonObject } from '../../../../lib/json.ts';
import { targetsKind } from './target-kind.ts';

const DURATION_PART = /(\d+(?:\.\d+)?)(ms|us|ns|h|m|s)/g;
const SECONDS: Readonly<Record<string, number>> = { h: 3600, m: 60, s: 1, ms: 1e-3, us: 1e-6, ns: 1e-9 };

/**
 * What Linkerd's webhook says against an HTTPRoute, GRPCRoute, TCPRoute or TLSRoute; undefined where it takes it.
 * Source: linkerd2 policy-controller/runtime/src/admission.rs.
 */
export function whyRouteRefused(object: KubeObject): string | undefined {
  const { spec } = object;
  const parents = asObjects(at(spec, 'parentRefs'));
  if (parents.some((ref) => targetsKind(ref, KIND.egressNetwork) && ref['port'] === undefined))
    return 'an EgressNetwork as parent needs a port';
  const kind = kindOf(object);
  const rules = asObjects(at(spec, 'rules'));
  if (kind === KIND.tcpRoute || kind === KIND.tlsRoute)
    return asList(at(spec, 'rules')).length === 1 ? undefined : 'exactly one rule is supported';
  return rules.map((rule) => whyRuleRefused(rule, kind)).find((why) => why !== undefined);
}

/** Why the policy controller could not read an inbound route that the API server took; undefined where it can. */
export function whyRouteUnreadable({ spec }: KubeObject): string | undefined {
  const rules = asObjects(at(spec, 'rules'));
  const filters = rules.flatMap((rule) => asObjects(rule['filters']));
  const foreign = filters.find((filter) => !SUPPORTED.some((field) => asObject(filter[field]) !== undefined));
  return foreign === undefined ? undefined : `filter ${asText(foreign['type']) ?? 'without type'} is not supported`;
}

const SUPPORTED = ['requestHeaderModifier', 'responseHeaderModifier', 'requestRedirect'] as const;

function whyRuleRefused(rule: JsonObject, kind: string): string | undefined {
  const matches = asObjects(rule['matches']);
  const whyMatch = matches.map((match) => (kind === KIND.grpcRoute ? whyRpcRefused(match) : whyPathRefused(match)));
  const redirects = asObjects(rule['filters']).map((filter) => whyRedirectRefused(filter['requestRedirect']));
  const more = kind === KIND.linkerdHttpRoute ? [whyTimeoutsRefused(rule)] : [whyBackendsRefused(rule)];
  return [...whyMatch, ...redirects, ...more].find((why) => why !== undefined);
}

function whyPathRefused(match: JsonObject): string | undefined {
  const type = asText(at(match, 'path', 'type')) ?? 'PathPrefix';
  const value = asText(at(match, 'path', 'value')) ?? '/';
  return type === 'RegularExpression' || value.startsWith('/') ? undefined : `the path "${value}" is not absolute`;
}

function whyRpcRefused(match: JsonObject): string | undefined {
  const isRegex = at(match, 'method', 'type') === 'RegularExpression';
  return isRegex ? 'methods by regular expression are not supported' : undefined;
}

/** The text of a path may have been left out when the object was read; it is then not judged. */
function whyRedirectRefused(redirect: unknown): string | undefined {
  const path = at(redirect, 'path');
  const value = asText(at(path, 'replaceFullPath')) ?? asText(at(path, 'replacePrefixMatch')) ?? '';
  return value === '' || value.startsWith('/') ? undefined : `the path "${value}" is not absolute`;
}

function whyBackendsRefused(rule: JsonObject): string | undefined {
  const isService = ({ group, kind }: JsonObject): boolean =>
    (group === undefined || group === '' || group === 'core') && (kind === undefined || kind === 'Service');
  const bare = asObjects(rule['backendRefs']).some((ref) => isService(ref) && !(Number(ref['port'] ?? 0) > 0));
  return bare ? 'a Service as backend needs a port' : undefined;
}

function whyTimeoutsRefused(rule: JsonObject): string | undefined {
  const [request, backend] = ['request', 'backendRequest'].map((field) => asText(at(rule, 'timeouts', field)));
  if (request?.startsWith('-') === true || backend?.startsWith('-') === true) return 'a timeout is negative';
  if (request === undefined || backend === undefined || seconds(request) >= seconds(backend)) return undefined;
  return 'the timeout backendRequest is longer than request';
}

function seconds(duration: string): number {
  return [...duration.matchAll(DURATION_PART)].reduce(
    (sum, [, amount, unit]) => sum + Number(amount) * (SECONDS[unit ?? ''] ?? 0),
    0,
  );
}
