import type { RolloutPlan, Stage } from './plan.ts';

/**
 * The stages that nothing stands in the way of, by id: done already, or written out and resting on none that is not. One
 * that waits for a blocked stage or an outline can only be applied out of order.
 */
export function openStages({ stages }: Pick<RolloutPlan, 'stages'>): ReadonlySet<string> {
  const open = new Set<string>();
  for (const { id, state, dependsOn } of stages) {
    const mayCome = isWrittenOrDone(state) && dependsOn.every((needed) => open.has(needed));
    if (state === 'done' || mayCome) open.add(id);
  }
  return open;
}

/** Whether the plan reaches its goal as it stands: no stage is blocked, and none is an outline for want of evidence. */
export function isReadyThroughout({ stages }: Pick<RolloutPlan, 'stages'>): boolean {
  return stages.every(({ state }) => isWrittenOrDone(state));
}

function isWrittenOrDone(state: Stage['state']): boolean {
  return state === 'ready' || state === 'waived' || state === 'done';
}
