import { longestGapSeconds } from '../kubernetes/cron-period.ts';
import { workloadRef, type Workload, type WorkloadRef } from '../world/workload.ts';

/** A CronJob that a window of observation cannot vouch for, and why. */
export interface TimedCaller {
  readonly workload: WorkloadRef;
  readonly schedule?: string;
  /** The longest time between two runs; absent where the schedule is not understood. */
  readonly periodSeconds?: number;
  readonly suspended: boolean;
  readonly reason: string;
}

/** The CronJobs that are suspended, or whose runs lie further apart than the window (in seconds) is long. */
export function timedCallers(workloads: readonly Workload[], windowSeconds: number): readonly TimedCaller[] {
  return workloads.filter(({ kind }) => kind === 'CronJob').flatMap((workload) => judge(workload, windowSeconds));
}

function judge(workload: Workload, windowSeconds: number): readonly TimedCaller[] {
  const { schedule, suspended } = workload;
  const period = schedule === undefined ? undefined : longestGapSeconds(schedule);
  const reason = reasonOf({ period, suspended, windowSeconds });
  if (reason === undefined) return [];
  return [
    {
      workload: workloadRef(workload),
      ...(schedule === undefined ? {} : { schedule }),
      ...(period === undefined ? {} : { periodSeconds: period }),
      suspended,
      reason,
    },
  ];
}

function reasonOf(job: {
  readonly period: number | undefined;
  readonly suspended: boolean;
  readonly windowSeconds: number;
}): string | undefined {
  if (job.suspended) return 'it is suspended, so no window shows its calls';
  if (job.period === undefined) return 'its schedule is not understood';
  if (job.windowSeconds === 0) return 'no window that sees callers outside a mesh was given';
  return job.period > job.windowSeconds ? 'its runs lie further apart than the longest window' : undefined;
}
