/** Kinds of routes that may have one parent, the one that wins first. Source: https://gateway-api.sigs.k8s.io/geps/gep-1426/#route-types. */
const BY_WEIGHT = ['GRPCRoute', 'HTTPRoute', 'TLSRoute', 'TCPRoute'] as const;

/** What Linkerd says of a route in its status. */
export type RouteStatus = 'Accepted' | 'RouteReasonConflicted' | 'NoMatchingParent';

/**
 * Whether Linkerd accepts routes of these kinds on one Service or EgressNetwork: of several kinds only the heaviest.
 * Source: linkerd2 policy-controller/k8s/status/src/index.rs#parent_has_conflicting_routes.
 */
export function routeStatuses(kinds: readonly string[]): ReadonlyMap<string, RouteStatus> {
  const heaviest = BY_WEIGHT.find((kind) => kinds.includes(kind));
  return new Map(kinds.map((kind) => [kind, kind === heaviest ? 'Accepted' : 'RouteReasonConflicted']));
}

/** Whether a Service can be a route's parent: one without a cluster address cannot. Source: the same, #headless_parent. */
export function serviceParentStatus(clusterIp: string | undefined): RouteStatus {
  return clusterIp === 'None' ? 'NoMatchingParent' : 'Accepted';
}
