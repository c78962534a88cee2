import type { RolloutPlan } from '../../domain/rollout/plan.ts';
import { notAPlan, openPlan, readStages } from './read-plan.ts';

/** Says of a document whether it is a plan with everything in it, or what of it is not, as `stages.3.effort: missing`. */
export type CheckPlan = (document: unknown) => { readonly plan: RolloutPlan } | { readonly fault: string };

/** Ids name folders and branches, so nothing else is taken for one. */
const ID = /^[a-z0-9](?:[a-z0-9.-]{0,250}[a-z0-9])?$/;
const OLDER = 'it may have been written by another version of meshwise';

/**
 * The plan of a rollout bundle, whole; the path is the bundle's folder or the plan.json itself. Throws a usage error for
 * one that is damaged, that its manifests differ from, or whose stages refer to others that are not there.
 */
export function readWholePlan(path: string, check: CheckPlan): RolloutPlan {
  const document = openPlan(path);
  readStages(document, path);
  const checked = check(document);
  if ('fault' in checked) throw notAPlan(path, `${checked.fault} (${OLDER})`);
  const { plan } = checked;
  const fault = faultOf(plan);
  if (fault !== undefined) throw notAPlan(path, fault);
  return plan;
}

function faultOf({ stages }: RolloutPlan): string | undefined {
  const before = new Set<string>();
  const ids = new Set(stages.map(({ id }) => id));
  let last = 0;
  for (const { id, number, dependsOn, rollback } of stages) {
    if (!ID.test(id) || id.includes('..')) return `${JSON.stringify(id)} is no id of a stage`;
    if (!Number.isInteger(number) || number < last)
      return `the number of stage ${id} is less than that of the one before`;
    last = number;
    const missing = dependsOn.find((needed) => !before.has(needed));
    if (missing !== undefined) return `stage ${id} depends on ${missing}, which does not come before it`;
    const strange = rollback.undoFirst.find((later) => !ids.has(later) || later === id || before.has(later));
    if (strange !== undefined)
      return `stage ${id} waits with its rollback for ${strange}, which does not come after it`;
    before.add(id);
  }
  return undefined;
}
