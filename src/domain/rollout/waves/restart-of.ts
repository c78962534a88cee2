import type { RestartMethod } from '../../world/step.ts';
import { workloadRef, type Workload } from '../../world/workload.ts';
import type { Restart } from '../plan.ts';
import { maxParallel } from './restart-method.ts';

/** Why a mesh has pods made new, by what makes them new. */
export interface RestartReasons {
  readonly nextRun: string;
  /** What pods wait for where they are made new only when they are deleted, as `are made new`. */
  readonly deleted: string;
  readonly rolled: string;
}

/** How a workload is restarted, and after which others. */
export interface RestartChoice {
  readonly method: RestartMethod;
  readonly after: readonly Workload[];
  readonly reasons: RestartReasons;
}

/** The restart of one member of a wave, as its page lists it. */
export function restartOf(workload: Workload, { method, after, reasons }: RestartChoice): Restart {
  return {
    workload: workloadRef(workload),
    method,
    after: after.map(workloadRef),
    maxParallel: maxParallel(workload),
    why: whyRestart(workload, method, reasons),
  };
}

function whyRestart({ kind }: Workload, method: RestartMethod, { nextRun, deleted, rolled }: RestartReasons): string {
  if (method === 'next-run') return nextRun;
  if (method === 'delete-pods') return `pods of this ${kind} ${deleted} only when they are deleted, one at a time`;
  if (method === 'flagger') return 'Flagger starts an analysis when the template changes, and promotes it';
  return rolled;
}
