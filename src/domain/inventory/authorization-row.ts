import { compareBy, sortedUnique } from '../../lib/order.ts';
import { KIND } from '../kubernetes/kinds.ts';
import { formatRef, refOf, type KubeObject, type ObjectRef } from '../kubernetes/object.ts';
import type { Workload } from '../world/workload.ts';
import type { World } from '../world/world.ts';
import type { ResolvedCohort } from './cohort-row.ts';

/** What becomes of a call that no policy names, and the policies that attach to a workload's pods. */
export interface AuthorizationRow {
  /** `allow`, `deny`, `unknown`; several where cohorts differ. */
  readonly default: string;
  /** Those that surely attach. */
  readonly policies: readonly ObjectRef[];
  /** Absent where `policies` are all that attach. */
  readonly notKnown?: UnknownPolicies;
}

/** Why more policies may attach than are known to, and those that may. */
export interface UnknownPolicies {
  readonly reason: string;
  /** Policies of the workload's namespace that are not known to attach, nor known not to. */
  readonly candidates: readonly ObjectRef[];
}

const POLICY_KINDS = [
  KIND.authorizationPolicy,
  KIND.linkerdAuthorizationPolicy,
  KIND.serverAuthorization,
  KIND.linkerdServer,
  KIND.consulServiceIntentions,
  KIND.ciliumNetworkPolicy,
  KIND.smiTrafficTarget,
] as const;

/** The policies over all cohorts of a workload, as the mesh of each tells. */
export function authorizationRow(
  workload: Workload,
  cohorts: readonly ResolvedCohort[],
  world: World,
): AuthorizationRow {
  const summaries = cohorts.map(
    ({ mesh, cohort }) => mesh?.policies({ workload, cohort }, world) ?? { default: 'allow' as const, policies: [] },
  );
  const policies = refsOf(summaries.flatMap((summary) => summary.policies));
  const gaps = summaries.flatMap((summary) => {
    const isVague = summary.default === 'unknown' && summary.policies.length === 0;
    return summary.gap ?? (isVague ? NOT_SAID : []);
  });
  const [reason] = gaps;
  return {
    default: sortedUnique(summaries.map((summary) => summary.default)).join(' or '),
    policies,
    ...(reason === undefined ? {} : { notKnown: { reason, candidates: candidatesIn(workload, policies, world) } }),
  };
}

const NOT_SAID = 'which policies attach is not known';

function candidatesIn({ namespace }: Workload, sure: readonly ObjectRef[], world: World): readonly ObjectRef[] {
  const names = new Set(sure.map(formatRef));
  const found = POLICY_KINDS.flatMap((kind) => world.listIn(kind, namespace).objects);
  return refsOf(found).filter((ref) => !names.has(formatRef(ref)));
}

/** Each once, in order. */
function refsOf(objects: readonly KubeObject[]): readonly ObjectRef[] {
  const byName = new Map(objects.map((object) => [JSON.stringify(refOf(object)), refOf(object)]));
  return [...byName.values()].sort(compareBy(formatRef, ({ kind }) => kind));
}
