import type { Goal } from './plan.ts';

const GOALS: readonly Goal[] = ['enrol', 'permissive', 'strict', 'deny-by-default'];

/** Whether a plan towards that goal passes the given step on its way, or ends there. */
export function reaches(goal: Goal, step: Goal): boolean {
  return GOALS.indexOf(goal) >= GOALS.indexOf(step);
}
