import type { AuthorizationPolicy } from './policy.ts';
import { isSentToZtunnel } from './ztunnel.ts';

/** A kind of proxy that can enforce an AuthorizationPolicy. */
export type EnforcementPoint = 'sidecar' | 'ztunnel' | 'waypoint' | 'gateway';

/** What stands before the pod that a policy is meant for. */
export interface Destination {
  readonly dataplane: 'sidecar' | 'ambient' | 'gateway' | 'none';
  /** Whether a waypoint serves the pod or its Service. */
  readonly waypoint: boolean;
}

/**
 * Which proxies before a destination enforce a policy that is meant for it; none where nothing does. A policy with
 * targetRefs is left to the waypoint (or the gateway it names), any other to the pod's own proxy.
 * Source: istio pilot/pkg/model/policyattachment.go and pilot/pkg/serviceregistry/ambient/authorization.go.
 */
export function enforcementPoints(
  policy: AuthorizationPolicy,
  { dataplane, waypoint }: Destination,
): readonly EnforcementPoint[] {
  if (policy.targetRefs.length > 0) {
    if (dataplane === 'gateway') return policy.targetRefs.some(({ kind }) => kind === 'Gateway') ? ['gateway'] : [];
    return waypoint ? ['waypoint'] : [];
  }
  if (dataplane === 'none') return [];
  if (dataplane === 'ambient') return isSentToZtunnel(policy) ? ['ztunnel'] : [];
  return policy.dryRun && policy.action !== 'CUSTOM' ? [] : [dataplane];
}
