import { KIND } from '../../kubernetes/kinds.ts';
import type { KubeObject } from '../../kubernetes/object.ts';
import { parseAuthorizationPolicy } from '../../mesh/istio/authorization/parse.ts';
import { istio } from '../../mesh/istio/istio.ts';
import { formatRef, refOf } from '../../kubernetes/object.ts';
import type { ApplyStep } from '../../world/step.ts';
import { cohortsOf, type Workload } from '../../world/workload.ts';
import type { World } from '../../world/world.ts';
import { sortedUnique } from '../../../lib/order.ts';
import type { Callers } from './callers.ts';
import { admitsEverybody, isEnforcedAllow } from './enforced-allow.ts';
import { isOurs, MANAGED_LABELS, nameFor, selectorLabels } from '../objects/generated-objects.ts';

/** Name of the policy without a selector that first admits everybody and then nobody. */
export const NAMESPACE_POLICY = 'namespace-default';

const DRY_RUN = 'istio.io/dry-run';
const API_VERSION = 'security.istio.io/v1';

/** The policy that admits a workload's callers; as a dry run it only reports what it would refuse. */
export function callersPolicy(
  world: World,
  workload: Workload,
  { callers, isDryRun }: { readonly callers: Callers; readonly isDryRun: boolean },
): ApplyStep {
  const byIdentity = callers.rules.map(({ principals, ports }) => ({
    from: [{ source: { principals } }],
    to: [{ operation: { ports: ports.map(String) } }],
  }));
  const withoutIdentity =
    callers.open.length === 0 ? [] : [{ to: [{ operation: { ports: callers.open.map(String) } }] }];
  return {
    step: 'apply',
    manifest: {
      apiVersion: API_VERSION,
      kind: 'AuthorizationPolicy',
      metadata: {
        name: nameFor(world, workload, 'callers'),
        namespace: workload.namespace,
        labels: MANAGED_LABELS,
        // Said outright in both stages: an annotation that is only left out stays where another manager holds it.
        annotations: { [DRY_RUN]: isDryRun ? 'true' : 'false' },
      },
      spec: {
        selector: { matchLabels: selectorLabels(workload) },
        action: 'ALLOW',
        rules: [...byIdentity, ...withoutIdentity],
      },
    },
  };
}

/**
 * The namespace's own policy: `everybody` has one rule that matches all, `nobody` an empty list of rules, which
 * matches nothing. The list is written out, because a field that is only left out stays in the object.
 */
export function namespacePolicy(namespace: string, admits: 'everybody' | 'nobody'): ApplyStep {
  return {
    step: 'apply',
    manifest: {
      apiVersion: API_VERSION,
      kind: 'AuthorizationPolicy',
      metadata: { name: NAMESPACE_POLICY, namespace, labels: MANAGED_LABELS },
      spec: { action: 'ALLOW', rules: admits === 'everybody' ? [{}] : [] },
    },
  };
}

/** Where the authorization of a namespace stands, by the objects of an earlier plan. */
export type AuthorizationProgress = 'none' | 'catch-all' | 'denied';

/** Reads the namespace's policy that an earlier plan wrote. */
export function progressOf(world: World, namespace: string): AuthorizationProgress {
  const object = world.get({ kind: KIND.authorizationPolicy, namespace, name: NAMESPACE_POLICY });
  if (object === undefined || !isOurs(object)) return 'none';
  return parseAuthorizationPolicy(object).rules.length === 0 ? 'denied' : 'catch-all';
}

/**
 * Enforced ALLOW policies of others that attach to the workload, as people write them: its deny is there already. None
 * where one of them admits everybody to all of its pods, and so takes the force from the others.
 */
export function foreignAllows(world: World, workload: Workload): readonly string[] {
  if (foreignCatchAlls(world, workload).length > 0) return [];
  return namesOf(enforcedAllows(world, workload).flat());
}

/** Enforced ALLOW policies of others that admit everybody to every pod of the workload. */
export function foreignCatchAlls(world: World, workload: Workload): readonly string[] {
  const [first, ...others] = enforcedAllows(world, workload).map((own) => namesOf(own.filter(admitsEverybody)));
  return (first ?? []).filter((name) => others.every((own) => own.includes(name)));
}

/** By cohort. */
function enforcedAllows(world: World, workload: Workload): readonly (readonly KubeObject[])[] {
  return cohortsOf(workload).map((cohort) =>
    istio.policies({ workload, cohort }, world).policies.filter((policy) => !isOurs(policy) && isEnforcedAllow(policy)),
  );
}

function namesOf(policies: readonly KubeObject[]): readonly string[] {
  return sortedUnique(policies.map((policy) => formatRef(refOf(policy))));
}
