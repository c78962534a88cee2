import type { WorkloadRef } from '../../world/workload.ts';
import type { RolloutInput } from '../rollout-input.ts';

/** A wave as the earlier plan had it. */
export interface PreviousWave {
  readonly id: string;
  /** Its place among the waves, from 1. */
  readonly wave: number;
  readonly members: readonly WorkloadRef[];
}

/** The waves of the earlier plan in their order; none where there is no earlier plan towards the same target. */
export function previousWaves({
  previous,
  target,
}: Pick<RolloutInput, 'previous' | 'target'>): readonly PreviousWave[] {
  if (previous?.target !== target) return [];
  return previous.stages.flatMap(({ id, kind, wave, scope }): readonly PreviousWave[] =>
    kind === 'enrol' && wave !== undefined && scope.workloads.length > 0
      ? [{ id, wave, members: scope.workloads }]
      : [],
  );
}
