import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { CheckPlan } from './adapters/files/read-whole-plan.ts';
import type { RolloutPlan } from './domain/rollout/plan.ts';
import { AppError } from './lib/errors.ts';
import type { PlanFlags } from './plan-flags.ts';

/** A function that reads a written bundle's plan whole, every member checked; a usage error for one that is damaged. */
export async function wireWholePlan(): Promise<(path: string) => RolloutPlan> {
  const [{ readWholePlan }, { rolloutPlan }] = await Promise.all([
    import('./adapters/files/read-whole-plan.ts'),
    import('./schema/contracts/rollout-plan.ts'),
  ]);
  const check: CheckPlan = (document) => {
    const { data, error } = rolloutPlan.safeParse(document);
    if (data !== undefined) return { plan: data };
    const [issue] = error.issues;
    return { fault: `${issue?.path.map(String).join('.') ?? ''}: ${issue?.message ?? 'not as described'}` };
  };
  return (path) => readWholePlan(path, check);
}

/** The plans that were made before, as far as the flags of `plan` speak of any. */
export interface EarlierPlans {
  /** Whose waves and ids are kept. */
  readonly previous: RolloutPlan | undefined;
  /** What the new plan is compared with. */
  readonly diff: RolloutPlan | undefined;
  readonly warnings: readonly string[];
}

/**
 * Reads the plans that `--previous` and `--diff` name; without the first, the one in the folder of `--out`. That one
 * nobody named, so where it is damaged it only says so.
 */
export async function wireEarlierPlans(flags: Pick<PlanFlags, 'out' | 'previous' | 'diff'>): Promise<EarlierPlans> {
  const diff = flags.diff === undefined ? undefined : (await wireWholePlan())(flags.diff);
  const named = flags.previous ?? flags.diff;
  if (named !== undefined) return { previous: (await wireWholePlan())(named), diff, warnings: [] };
  if (flags.out === undefined || !existsSync(join(flags.out, 'plan.json'))) {
    return { previous: undefined, diff, warnings: [] };
  }
  try {
    return { previous: (await wireWholePlan())(flags.out), diff, warnings: [] };
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    const warning = `the plan in ${flags.out} is not taken up, so its waves and ids may change: ${error.message}`;
    return { previous: undefined, diff, warnings: [warning] };
  }
}
