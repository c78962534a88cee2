import type { Stage } from '../../domain/rollout/plan.ts';

/** Whether the stage's manifests are there to be applied. */
export function isWritten(stage: Stage): boolean {
  return stage.state === 'ready' || stage.state === 'waived';
}
