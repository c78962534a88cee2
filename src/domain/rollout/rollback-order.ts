import type { Stage } from './plan.ts';

type Ordered = Pick<Stage, 'id' | 'state' | 'steps' | 'dependsOn' | 'rollback'>;

/**
 * The stages with what their rollbacks wait for written out: the later stages that rest on them, each of which must not
 * be applied, or be undone before. A stage without steps cannot be undone, so those that rest on it are named instead.
 */
export function withRollbackOrder<T extends Ordered>(stages: readonly T[]): readonly T[] {
  const dependents = dependentsOf(stages);
  return stages.map((stage) => {
    if (stage.rollback.steps.length === 0) return stage;
    const later = restingOn(stage.id, stages, dependents);
    if (later.length === 0) return stage;
    const validWhile = `not applied, or undone before it, last first: ${later.join(', ')}`;
    return { ...stage, rollback: { ...stage.rollback, validWhile, undoFirst: [...later].reverse() } };
  });
}

/** The places of the stages that wait for each stage, by its id. */
function dependentsOf(stages: readonly Ordered[]): ReadonlyMap<string, readonly number[]> {
  const found = new Map<string, number[]>();
  for (const [place, { dependsOn }] of stages.entries()) {
    for (const needed of new Set(dependsOn)) {
      const places = found.get(needed);
      if (places === undefined) found.set(needed, [place]);
      else places.push(place);
    }
  }
  return found;
}

/** Ids of the nearest stages with steps that rest on that one, in the order of the plan. */
function restingOn(
  id: string,
  stages: readonly Ordered[],
  dependents: ReadonlyMap<string, readonly number[]>,
): readonly string[] {
  const near = new Set<string>();
  const waiting = new Set(dependents.get(id));
  for (let place = lowest(waiting); place !== undefined; place = lowest(waiting)) {
    waiting.delete(place);
    const stage = stages[place];
    if (stage === undefined) continue;
    if (stage.steps.length > 0) near.add(stage.id);
    else for (const later of dependents.get(stage.id) ?? []) if (later > place) waiting.add(later);
  }
  return [...near];
}

function lowest(places: ReadonlySet<number>): number | undefined {
  let found: number | undefined;
  for (const place of places) if (found === undefined || place < found) found = place;
  return found;
}
