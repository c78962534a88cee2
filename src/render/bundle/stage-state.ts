import type { Stage } from '../../domain/rollout/plan.ts';

/** Whether the stage's manifests are there to be applied. */
export function isWritten(stage: Stage): boolean {
  return stage.state === 'ready' || stage.state === 'waived';
}

/** Whether the stage's folder has its gate, and its manifests at least as a draft. */
export function isDrawnUp(stage: Stage): boolean {
  return isWritten(stage) || stage.state === 'blocked';
}
