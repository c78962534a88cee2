import { sortedUnique } from '../../../lib/order.ts';
import { formatRef, refOf, type KubeObject } from '../../kubernetes/object.ts';
import { enforcementPoints } from '../../mesh/istio/authorization/enforcement-point.ts';
import { parseAuthorizationPolicy } from '../../mesh/istio/authorization/parse.ts';
import { istio } from '../../mesh/istio/istio.ts';
import { cohortsOf, type Cohort, type Workload } from '../../world/workload.ts';
import type { World } from '../../world/world.ts';
import { findWorkload } from '../../world/workloads-of.ts';
import { admitsEverybody } from './enforced-allow.ts';
import { isOurs } from '../objects/generated-objects.ts';

/**
 * The enforced policies that refuse callers of a workload once its pods are in the mesh, as people write them: until
 * then nobody enforces them. `world` is the one after the enrolment. Each cohort is judged by itself: an ALLOW that
 * admits everybody takes the force from the other ALLOWs of the pods that it selects, and of no others. Those that were
 * not read may be among them.
 */
export function policiesAtBirth(world: World, workload: Workload): readonly string[] {
  const after = findWorkload(world, workload) ?? workload;
  return sortedUnique(cohortsOf(after).flatMap((cohort) => refusingAt(world, after, cohort)));
}

function refusingAt(world: World, workload: Workload, cohort: Cohort): readonly string[] {
  const { policies, gap } = istio.policies({ workload, cohort }, world);
  const isAmbient = istio.dataPlane(workload, cohort, world)?.mode === 'ambient';
  const enforced = policies.filter((policy) => isEnforced(policy, isAmbient));
  const isOpen = enforced.some(admitsEverybody);
  const refusing = enforced.filter((policy) => !(isOpen && isAllow(policy)) && !(isAmbient && isOurDeny(policy)));
  return [
    ...refusing.map((policy) => formatRef(refOf(policy))),
    ...(gap === undefined ? [] : [`policies of which nobody knows (${gap})`]),
  ];
}

/** ztunnel is given no policies of other actions than ALLOW and DENY, and none that are bound to Services or Gateways. */
function isEnforced(object: KubeObject, isAmbient: boolean): boolean {
  const policy = parseAuthorizationPolicy(object);
  const dataplane = isAmbient ? 'ambient' : 'sidecar';
  return policy.action !== 'AUDIT' && enforcementPoints(policy, { dataplane, waypoint: false }).length > 0;
}

function isAllow(object: KubeObject): boolean {
  return parseAuthorizationPolicy(object).action === 'ALLOW';
}

/** What the plan itself denies at ztunnel was refused by NetworkPolicies before. */
function isOurDeny(object: KubeObject): boolean {
  return isOurs(object) && parseAuthorizationPolicy(object).action === 'DENY';
}
