import { hasEnded } from './choices.ts';
import type { RolloutInput } from './rollout-input.ts';

/** The openings of a stage, sorted out by what people accept. */
export interface SortedOpenings {
  /** Those that nobody accepts: they stand in the way. */
  readonly shut: readonly string[];
  /** Those that somebody accepts, each as a paragraph. */
  readonly notes: readonly string[];
}

/** Holds the openings of a stage against `accepts`; a word that ended, or whose end nobody can check, counts for nothing. */
export function acceptedOpenings(
  { choices, world }: Pick<RolloutInput, 'choices' | 'world'>,
  stage: string,
  opens: readonly string[],
): SortedOpenings {
  const { asOf } = world;
  const held = choices.accepts.filter(
    (accepted) => accepted.stage === stage && asOf.known && !hasEnded(accepted.expires, asOf.value),
  );
  const shut: string[] = [];
  const notes: string[] = [];
  for (const opening of opens) {
    const accepted = held.find((each) => opening.startsWith(each.opens));
    if (accepted === undefined) shut.push(opening);
    else {
      const { owner, expires, reason } = accepted;
      notes.push(`Opens ${opening}. Accepted by ${owner} until ${expires}: ${reason}`);
    }
  }
  return { shut, notes };
}
