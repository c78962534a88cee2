import type { Stage } from './plan.ts';

type Ordered = Pick<Stage, 'id' | 'state' | 'steps' | 'dependsOn' | 'rollback'>;

/**
 * The stages with what their rollbacks wait for written out: the later stages that rest on them, each of which must not
 * be applied, or be undone before. A stage without steps cannot be undone, so those that rest on it are named instead.
 */
export function withRollbackOrder<T extends Ordered>(stages: readonly T[]): readonly T[] {
  return stages.map((stage) => {
    if (stage.rollback.steps.length === 0) return stage;
    const later = restingOn(stage.id, stages);
    if (later.length === 0) return stage;
    const validWhile = `not applied, or undone before it, last first: ${later.join(', ')}`;
    return { ...stage, rollback: { ...stage.rollback, validWhile, undoFirst: [...later].reverse() } };
  });
}

/** Ids of the nearest stages with steps that rest on that one, in the order of the plan. */
function restingOn(id: string, stages: readonly Ordered[]): readonly string[] {
  const near = new Set<string>();
  const passed = new Set([id]);
  for (const stage of stages) {
    if (!stage.dependsOn.some((needed) => passed.has(needed))) continue;
    if (stage.steps.length > 0) near.add(stage.id);
    else passed.add(stage.id);
  }
  return [...near];
}
