import { formatWorkload, type WorkloadRef } from '../../world/workload.ts';
import type { Choices } from '../choices.ts';
import type { Standing, TellStanding } from '../enrolled.ts';

/** Why people keep a workload out of the plan, by itself or with its namespace; undefined where nobody does. */
export function exclusionOf({ exclude }: Choices, workload: WorkloadRef): string | undefined {
  const names = [formatWorkload(workload), workload.namespace];
  const found = exclude.find(({ what }) => names.includes(what));
  return found === undefined ? undefined : `left out by choice: ${found.reason}`;
}

/** The standing of workloads with what people keep out: whoever is enrolled already stays so. */
export function withExclusions(choices: Choices, tell: TellStanding): TellStanding {
  return (world, workload): Standing => {
    const standing = tell(world, workload);
    const reason = exclusionOf(choices, workload);
    return reason === undefined || standing.kind === 'enrolled' ? standing : { kind: 'left', reason };
  };
}
