import type { RolloutPlan } from '../../../src/domain/rollout/plan.ts';
import type { RawCluster } from './raw-cluster.ts';
import type { Faults } from './rollout-laws.ts';

/** Plans a cluster. */
export type Planner = (cluster: RawCluster) => RolloutPlan;

interface Replan {
  readonly first: RolloutPlan;
  /** Ids of the stages that were applied, in their order. */
  readonly applied: readonly string[];
  readonly cluster: RawCluster;
}

/** Planned again, a cluster in which part of a plan was carried out gives what is left of it. */
export function notRemaining(plan: Planner, { first, applied, cluster }: Replan): Faults {
  const again = plan(cluster);
  const isOpen = (state: string): boolean => state === 'ready' || state === 'waived';
  const changing = (one: RolloutPlan): readonly string[] =>
    one.stages.filter(({ state, steps }) => isOpen(state) && steps.length > 0).map(({ id }) => id);
  const wanted = changing(first).filter((id) => !applied.includes(id));
  const found = changing(again);
  const at = `after ${applied.at(-1) ?? 'nothing'}`;
  return [
    ...wanted.filter((id) => !found.includes(id)).map((id) => `${at} ${id} is left and not planned`),
    ...found.filter((id) => !wanted.includes(id)).map((id) => `${at} ${id} is planned and was not left`),
    ...(wanted.every((id) => found.includes(id)) && wanted.join() !== found.join()
      ? [`${at} the order is ${found.join()} and was ${wanted.join()}`]
      : []),
  ];
}
