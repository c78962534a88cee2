import type { RolloutPlan, Stage } from '../../../src/domain/rollout/plan.ts';
import type { Step } from '../../../src/domain/world/step.ts';
import { dumbApply } from './dumb-apply.ts';
import type { RawCluster } from './raw-cluster.ts';

/** A stage that may be applied, with every cluster that there is while it is. */
export interface WalkedStage {
  readonly stage: Stage;
  readonly before: RawCluster;
  /** What each step leaves and what is there while pods are replaced; the last one is the whole stage. */
  readonly moments: readonly RawCluster[];
  readonly after: RawCluster;
}

/** The clusters at each moment of these steps, in their order. */
export function momentsOf(cluster: RawCluster, steps: readonly Step[]): readonly RawCluster[] {
  const found: RawCluster[] = [];
  let current = cluster;
  for (const step of steps) {
    const { during, after } = dumbApply(current, step);
    found.push(...during, after);
    current = after;
  }
  return found;
}

/** Applies each stage that may be applied, in the order of the plan. */
export function walk(plan: RolloutPlan, start: RawCluster): readonly WalkedStage[] {
  let cluster = start;
  return plan.stages
    .filter(({ state }) => state === 'ready' || state === 'waived')
    .map((stage) => {
      const before = cluster;
      const moments = momentsOf(before, stage.steps);
      cluster = moments.at(-1) ?? before;
      return { stage, before, moments, after: cluster };
    });
}
