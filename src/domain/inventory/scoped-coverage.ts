import { groupBy } from '../../lib/order.ts';
import type { CallCoverage } from '../calls/coverage.ts';
import { formatWorkload, type WorkloadRef } from '../world/workload.ts';

/** What is known of the calls to some workloads, of what is known of those to all; callers are not limited by it. */
export function coverageOf(shown: readonly WorkloadRef[], whole: CallCoverage): CallCoverage {
  const names = new Set(shown.map(formatWorkload));
  const ports = whole.ports.filter(({ workload }) => names.has(formatWorkload(workload)));
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
    withoutCaller: whole.withoutCaller.filter((workload) => names.has(formatWorkload(workload))),
  };
}
