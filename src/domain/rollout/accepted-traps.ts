import { hasEnded, type TrapId } from './choices.ts';
import type { Obstacle } from './plan.ts';
import type { RolloutInput } from './rollout-input.ts';

/** A trap that objects show, and that a stage would fall into. */
export interface Trap {
  readonly id: TrapId;
  /** `shop`, or `shop/Deployment/cart`. */
  readonly where: string;
  readonly what: string;
  readonly remedy: string;
}

/** The traps of a stage, sorted out by what people accept. */
export interface SortedTraps {
  /** Those that nobody accepts: they stand in the way. */
  readonly blockedBy: readonly Obstacle[];
  /** Those that somebody accepts, each as a paragraph. */
  readonly notes: readonly string[];
}

/** Holds traps against `traps` of the choices; a word that ended, or whose end nobody can check, counts for nothing. */
export function sortTraps(input: Pick<RolloutInput, 'choices' | 'world'>, traps: readonly Trap[]): SortedTraps {
  const blockedBy: Obstacle[] = [];
  const notes: string[] = [];
  for (const trap of traps) {
    const accepted = acceptanceOf(input, trap);
    if (accepted === undefined) blockedBy.push(toObstacle(trap));
    else {
      const { owner, expires, reason } = accepted;
      notes.push(`Trap ${trap.id}: ${trap.what}. Accepted by ${owner} until ${expires}: ${reason}`);
    }
  }
  return { blockedBy, notes };
}

/** Whether somebody stands for it that the trap does not matter there. */
export function isAccepted(input: Pick<RolloutInput, 'choices' | 'world'>, trap: Pick<Trap, 'id' | 'where'>): boolean {
  return acceptanceOf(input, trap) !== undefined;
}

function acceptanceOf(
  { choices, world: { asOf } }: Pick<RolloutInput, 'choices' | 'world'>,
  { id, where }: Pick<Trap, 'id' | 'where'>,
) {
  return choices.traps.find(
    ({ trap, what, expires }) =>
      trap === id && asOf.known && !hasEnded(expires, asOf.value) && (where === what || where.startsWith(`${what}/`)),
  );
}

function toObstacle({ id, where, what, remedy }: Trap): Obstacle {
  return {
    kind: 'object',
    what: `${what} (trap ${id})`,
    remedy: `${remedy}; or plan.traps in meshwise.yaml, with trap: ${id} and what: ${where}, where somebody knows that it does not matter`,
  };
}
