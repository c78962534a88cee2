import type { Stage } from '../../../src/domain/rollout/plan.ts';
import type { Step } from '../../../src/domain/world/step.ts';
import { keyOfRef } from './stage-player.ts';

/** A step of a stage that can be left out, with what belongs to it. */
export interface LeftOut {
  readonly step: Step;
  /** The stage without it. */
  readonly rest: Stage;
}

/**
 * One of the steps that leaves something to be seen, another one for each stage; undefined where that is all of the stage.
 * Editing a template restarts by itself, so both are left out together. No restart is left out alone: one that took place
 * before the stage was undone stays.
 */
export function leaveOneOut(stage: Stage): LeftOut | undefined {
  const telling = stage.steps.filter((step) => {
    if (step.step === 'external') return step.expect.length > 0;
    return step.step !== 'restart';
  });
  const step = telling[stage.number % telling.length];
  if (step === undefined || telling.length === 1) return undefined;
  const own = step.step === 'patch' ? keyOfRef(step.target) : undefined;
  const steps = stage.steps.filter((each) => {
    return each !== step && !(each.step === 'restart' && keyOfRef(each.workload) === own);
  });
  return { step, rest: { ...stage, steps } };
}
