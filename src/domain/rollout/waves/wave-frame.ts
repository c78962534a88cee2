import { formatWorkload, workloadRef, type Workload } from '../../world/workload.ts';
import type { StageParts } from '../stage-draft.ts';
import type { Wave } from './plan-waves.ts';

/** What the stage of a wave says of itself, whichever mesh it leads into. */
export function waveFrame({ id, number, dependsOn, workloads }: Wave, why: string): StageParts {
  const { namespace } = workloads[0];
  return {
    id,
    kind: 'enrol',
    title: `Enrol ${String(workloads.length)} of ${namespace}`,
    why,
    dependsOn,
    wave: number,
    scope: { namespaces: [namespace], workloads: workloads.map(workloadRef) },
  };
}

/** Names the workloads that somebody else writes, as notes; `mark` is what the patch brings, as `label`. */
export function managedNotes(workloads: readonly Workload[], mark: string): readonly string[] {
  return workloads
    .filter(({ managedBy }) => managedBy !== undefined)
    .map(
      (workload) =>
        `${formatWorkload(workload)} is managed by ${workload.managedBy ?? ''}: put the patch into its source, or the ${mark} is taken away again.`,
    );
}

/** Why a template is patched, and where that belongs; `asks` as `asks for a sidecar in new pods of this Deployment`. */
export function whyPatch({ managedBy }: Pick<Workload, 'managedBy'>, asks: string): string {
  return managedBy === undefined
    ? asks
    : `${asks}; ${managedBy} manages the object, so the patch belongs into its source`;
}
