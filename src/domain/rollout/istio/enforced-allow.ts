import type { KubeObject } from '../../kubernetes/object.ts';
import { parseAuthorizationPolicy } from '../../mesh/istio/authorization/parse.ts';
import type { AuthorizationRule } from '../../mesh/istio/authorization/policy.ts';

/**
 * Whether the AuthorizationPolicy is an enforced ALLOW for pods. One that is bound to a Service or Gateway holds at a
 * waypoint or gateway, and flips nothing before the pods.
 */
export function isEnforcedAllow(object: KubeObject): boolean {
  const { action, dryRun, targetRefs } = parseAuthorizationPolicy(object);
  return action === 'ALLOW' && !dryRun && targetRefs.length === 0;
}

/** Whether it is such a one that surely admits everybody: it takes the force from all other ALLOWs of the same pods. */
export function admitsEverybody(object: KubeObject): boolean {
  const { rules, unreadable } = parseAuthorizationPolicy(object);
  return isEnforcedAllow(object) && unreadable.length === 0 && rules.some(asksNothing);
}

function asksNothing({ from, to, when, unreadable }: AuthorizationRule): boolean {
  return unreadable === undefined && from.length + to.length + when.length === 0;
}
