import { longestGapSeconds } from '../kubernetes/cron-period.ts';
import type { Call, CallGraph, ObservationWindow } from '../calls/call.ts';
import { timedCallers } from '../calls/timed-callers.ts';
import { formatWorkload, type Workload } from '../world/workload.ts';
import { workloadsOf } from '../world/workloads-of.ts';
import type { World } from '../world/world.ts';
import { wasWatched } from './observation-windows.ts';

const DAY = 86_400;
const WEEK = 7 * DAY;
const LONGEST_WAIT = 35 * DAY;

/** The CronJobs that may call a server of the plan: those of its namespaces (of all if absent), and known callers. */
export function timedJobs(
  world: World,
  graph: CallGraph,
  namespaces: readonly string[] | undefined,
): readonly Workload[] {
  const callers = new Set(
    graph.calls.flatMap(({ from }) => (from.kind === 'workload' ? [formatWorkload(from.workload)] : [])),
  );
  return workloadsOf(world).filter(
    (workload) =>
      workload.kind === 'CronJob' &&
      (namespaces === undefined || namespaces.includes(workload.namespace) || callers.has(formatWorkload(workload))),
  );
}

/** Seven days, or the longest period up to 35 days of a job, in seconds. */
export function defaultWindow(jobs: readonly Workload[]): number {
  const periods = jobs.flatMap(({ schedule }) => {
    const period = schedule === undefined ? undefined : longestGapSeconds(schedule);
    return period === undefined || period > LONGEST_WAIT ? [] : [period];
  });
  return Math.max(WEEK, ...periods);
}

/** Jobs that the windows cannot vouch for, as sentences; one whose calls were seen or exercised is known for what it calls. */
export function unobservedJobs(
  jobs: readonly Workload[],
  graph: CallGraph,
  watched: { readonly coveredSeconds: number; readonly windows: readonly ObservationWindow[] },
): readonly string[] {
  const isSeen = (call: Call): boolean =>
    call.evidence.some(({ kind }) => kind === 'exercised') || wasWatched(call, watched.windows);
  const seen = new Set(
    graph.calls.flatMap((call) =>
      call.from.kind === 'workload' && isSeen(call) ? [formatWorkload(call.from.workload)] : [],
    ),
  );
  return timedCallers(jobs, watched.coveredSeconds)
    .filter(({ workload }) => !seen.has(formatWorkload(workload)))
    .map(({ workload, reason }) => `${formatWorkload(workload)}: ${reason}`);
}
