import type { RolloutPlan, Stage } from '../../domain/rollout/plan.ts';
import { isWritten } from './stage-state.ts';

/** The first stage that may be applied and has nothing undone before it; undefined where there is none. */
export function nextStage(plan: RolloutPlan): Stage | undefined {
  const done = new Set(plan.stages.filter(({ state }) => state === 'done').map(({ id }) => id));
  return plan.stages.find((each) => isWritten(each) && each.dependsOn.every((id) => done.has(id)));
}
