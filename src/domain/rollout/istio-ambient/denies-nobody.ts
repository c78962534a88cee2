import { sortedUnique } from '../../../lib/order.ts';
import { formatRef, refOf, type KubeObject } from '../../kubernetes/object.ts';
import { parseAuthorizationPolicy } from '../../mesh/istio/authorization/parse.ts';
import { convertRule, isSentToZtunnel } from '../../mesh/istio/authorization/ztunnel.ts';
import { istio } from '../../mesh/istio/istio.ts';
import { cohortsOf, formatWorkload, type Workload } from '../../world/workload.ts';
import { findWorkload } from '../../world/workloads-of.ts';
import type { World } from '../../world/world.ts';
import type { Trap } from '../accepted-traps.ts';

/**
 * DENY policies for these workloads with a rule that ztunnel keeps nothing of, because all of it is layer 7: it refuses
 * nobody. One trap for each workload, in the world in which they are behind ztunnel.
 * Source: https://github.com/istio/istio/issues/61126.
 */
export function deniesNobody(world: World, workloads: readonly Workload[]): readonly Trap[] {
  return workloads.flatMap((workload) => {
    const after = findWorkload(world, workload) ?? workload;
    const attached = cohortsOf(after).flatMap((cohort) => istio.policies({ workload: after, cohort }, world).policies);
    const names = sortedUnique(attached.filter(hasEmptyRule).map((object) => formatRef(refOf(object))));
    if (names.length === 0) return [];
    return [
      {
        id: 'D8',
        where: formatWorkload(workload),
        what: `${names.join(', ')} denies by what only HTTP shows, and ztunnel refuses nobody at ${formatWorkload(workload)} by such a rule`,
        remedy:
          'bind it to a waypoint (targetRefs), write it with identities and ports, or take it away, and plan again',
      },
    ];
  });
}

function hasEmptyRule(object: KubeObject): boolean {
  const policy = parseAuthorizationPolicy(object);
  if (policy.action !== 'DENY' || !isSentToZtunnel(policy)) return false;
  return policy.rules.some((rule) =>
    (convertRule(rule, policy.action) ?? []).some((clause) => clause.every((alternative) => alternative.length === 0)),
  );
}
