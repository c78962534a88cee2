import { groupBy } from '../../lib/order.ts';
import type { CallCoverage } from '../calls/coverage.ts';
import { formatWorkload, type WorkloadRef } from '../world/workload.ts';

/** What is known of the calls to some workloads, of what is known of those to all; callers are not limited by it. */
export function coverageOf(shown: readonly WorkloadRef[], whole: CallCoverage): CallCoverage {
  const names = new Set(shown.map(formatWorkload));
  const isShown = ({ workload }: { readonly workload: WorkloadRef }): boolean => names.has(formatWorkload(workload));
  const ports = whole.ports.filter(isShown);
  const byWorkload = [...groupBy(ports, ({ workload }) => formatWorkload(workload)).values()];
  return {
    ...whole,
    ports,
    counts: {
      ports: ports.length,
      observedPorts: ports.filter(({ observed }) => observed).length,
      workloads: byWorkload.length,
      observedWorkloads: byWorkload.filter((ofOne) => ofOne.every(({ observed }) => observed)).length,
    },
    blindTo: whole.blindTo.filter(isShown),
    youngerThanWindow: whole.youngerThanWindow.filter(isShown),
    stale: whole.stale.filter(isShown),
    withoutCaller: whole.withoutCaller.filter((workload) => names.has(formatWorkload(workload))),
  };
}
