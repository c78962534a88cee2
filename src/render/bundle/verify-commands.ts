import type { Stage } from '../../domain/rollout/plan.ts';

/** The command that tells whether a stage may begin; `plan` is the path of the bundle or of its plan.json. */
export function entryCheck({ id }: Pick<Stage, 'id'>, plan: string): readonly string[] {
  return ['meshwise', 'verify', '--plan', plan, '--stage', id, '--entry'];
}

/** The command that tells whether a stage is done, and whether the cluster is what the stage said. */
export function exitCheck({ id }: Pick<Stage, 'id'>, plan: string): readonly string[] {
  return ['meshwise', 'verify', '--plan', plan, '--stage', id];
}

/** The command that tells whether a stage may be undone now. */
export function rollbackCheck({ id }: Pick<Stage, 'id'>, plan: string): readonly string[] {
  return ['meshwise', 'verify', '--plan', plan, '--rollback', id];
}
