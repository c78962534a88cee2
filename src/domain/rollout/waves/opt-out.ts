import type { RestartMethod } from '../../world/step.ts';
import type { Workload } from '../../world/workload.ts';
import type { World } from '../../world/world.ts';
import { restartMethod } from './restart-method.ts';

/** A workload that the plan keeps out of the mesh by its own template, so that no mark of its namespace takes it in. */
export interface OptOut {
  readonly kind: 'opt-out';
  readonly reason: string;
  /** When the reason ends, as the register says it. */
  readonly expires: string;
  /** How the change of the template makes its pods new; undefined where it leaves them. */
  readonly restart: RestartMethod | undefined;
}

/** When that ends which keeps pods on Windows out. */
export const ON_WINDOWS = 'when it moves to Linux';

/** The restart that a change of the template brings by itself; undefined where running pods stay. */
export function rolledByTemplate(world: World, workload: Workload): RestartMethod | undefined {
  const method = restartMethod(world, workload);
  return method === 'rollout-restart' || method === 'rollouts-restart' || method === 'flagger' ? method : undefined;
}
