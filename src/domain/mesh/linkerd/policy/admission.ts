import { KIND } from '../../../kubernetes/kinds.ts';
import { formatRef, kindOf, refOf, type KubeObject } from '../../../kubernetes/object.ts';
import type { World } from '../../../world/world.ts';
import {
  whyEgressNetworkRefused,
  whyMeshTlsRefused,
  whyNetworkAuthenticationRefused,
  whyPolicyRefused,
} from './validate-authorization.ts';
import { whyRouteRefused } from './validate-route.ts';
import { whyRateLimitRefused, whyServerAuthorizationRefused, whyServerRefused } from './validate-server.ts';

const RULES: Readonly<Record<string, (object: KubeObject) => string | undefined>> = {
  [KIND.linkerdServer]: whyServerRefused,
  [KIND.linkerdAuthorizationPolicy]: whyPolicyRefused,
  [KIND.meshTlsAuthentication]: whyMeshTlsRefused,
  [KIND.networkAuthentication]: whyNetworkAuthenticationRefused,
  [KIND.serverAuthorization]: whyServerAuthorizationRefused,
  [KIND.httpLocalRateLimitPolicy]: whyRateLimitRefused,
  [KIND.egressNetwork]: whyEgressNetworkRefused,
  [KIND.linkerdHttpRoute]: whyRouteRefused,
  [KIND.httpRoute]: whyRouteRefused,
  [KIND.grpcRoute]: whyRouteRefused,
  [KIND.tcpRoute]: whyRouteRefused,
  [KIND.tlsRoute]: whyRouteRefused,
};

/** Why the API server, with Linkerd's webhook, refuses an object of Linkerd's policy; undefined where it takes it. */
export function whyRefusedByLinkerd(object: KubeObject): string | undefined {
  return RULES[kindOf(object)]?.(object);
}

/**
 * Why it is not known that an object is in force: what only a file or a plan says was never seen by the webhook that
 * refuses invalid objects. Undefined where it was read from a cluster, or is valid.
 */
export function admissionDoubt(object: KubeObject, world: World): string | undefined {
  if (object.origin.from === 'read' && world.coverage.basis !== 'declared') return undefined;
  const why = whyRefusedByLinkerd(object);
  return why === undefined ? undefined : `the API server refuses ${formatRef(refOf(object))}: ${why}`;
}
