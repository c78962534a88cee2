import type { CapabilityMatrix } from './data/capabilities.ts';
import { CRITERIA, type BurdenId, type Criterion, type CriterionId, type NeedId } from './data/criteria.ts';
import { forEachOption, OPTION_IDS, type OptionId, type PerOption } from './option.ts';

/** One number for each criterion. */
export type Point = Readonly<Record<CriterionId, number>>;

/** A criterion that is scored, with what each option gives for it. */
export interface Scored {
  readonly id: NeedId | BurdenId | 'existing-fit';
  readonly weight: number;
  readonly values: PerOption<number>;
}

/** The criteria that carry weight of their own, in order. */
export const SCORED_CRITERIA = CRITERIA.filter((criterion) => criterion.baseWeight > 0);

/** What scales the weight of one criterion by need, team, size and alternatives. Factors are our judgement [E]. */
export function weightFactor(criterion: Pick<Criterion, 'id' | 'role'>, at: Point): number {
  const { id, role } = criterion;
  if (role === 'fit') return 1;
  if (role === 'need') return at[id] * needFactor(at);
  const burden = 0.5 + at[id];
  return id === 'adoption-effort' ? burden * (0.75 + 0.5 * at['upgrade-blast-radius']) : burden;
}

/** What all needs share: few services, one language or an own alternative make each of them smaller. */
function needFactor(at: Point): number {
  const scale = 0.35 + 0.65 * at.scale;
  const polyglot = 0.8 + 0.4 * at.polyglot;
  return scale * polyglot * (1 - 0.8 * at['in-house-alternative']);
}

/** The scored criteria at one point: weight, and each option's value. */
export function scoredAt(at: Point, matrix: CapabilityMatrix, fits: PerOption<number>): readonly Scored[] {
  return SCORED_CRITERIA.map((criterion) => {
    const id = criterion.id as Scored['id'];
    const values = id === 'existing-fit' ? fits : matrix[id];
    return { id, weight: criterion.baseWeight * weightFactor(criterion, at), values };
  });
}

/** The additive utility of each option, 0 to 1; 0 for all where nothing has weight. */
export function utilities(scored: readonly Scored[]): PerOption<number> {
  const total = scored.reduce((sum, criterion) => sum + criterion.weight, 0);
  if (total === 0) return forEachOption(() => 0);
  return forEachOption(
    (option) => scored.reduce((sum, criterion) => sum + criterion.weight * criterion.values[option], 0) / total,
  );
}

/** The first of the options by a value each; of equals the one that comes first in the list of options. */
export function firstOf(values: PerOption<number>, among: readonly OptionId[] = OPTION_IDS): OptionId | undefined {
  let best: OptionId | undefined;
  for (const option of among) if (best === undefined || values[option] > values[best]) best = option;
  return best;
}
