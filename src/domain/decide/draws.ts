import { nextNormal, seededRandom, type Random } from '../../lib/seeded-random.ts';
import type { CapabilityMatrix } from './data/capabilities.ts';
import { CRITERIA } from './data/criteria.ts';
import { clamp01, widthOf, type Interval } from './interval.ts';
import { forEachOption, OPTION_IDS, type OptionId, type PerOption } from './option.ts';
import type { Values } from './readings.ts';
import { firstOf, SCORED_CRITERIA, scoredAt, utilities, type Point, type Scored } from './score.ts';

/** The random part of one draw; the same list serves every question, so that answers and not luck are compared. */
export interface Draw {
  /** Where in its range each criterion falls, 0 to 1. */
  readonly positions: Readonly<Record<string, number>>;
  /** By how much each base weight is off, as a factor. */
  readonly weights: readonly number[];
  /** By how much each option's value is off, per criterion. */
  readonly values: readonly PerOption<number>[];
  readonly fits: PerOption<number>;
}

/** What is drawn from: the ranges, and the options that are not dropped. */
export interface Lottery {
  readonly values: Values;
  readonly fits: PerOption<Interval>;
  readonly matrix: CapabilityMatrix;
  readonly eligible: readonly OptionId[];
}

export interface Outcome {
  /** Share of draws in which each option is first. */
  readonly first: PerOption<number>;
  /** Share of draws in which the best mesh is ahead of none. */
  readonly meshAhead: number;
  /** The first of each draw. */
  readonly winners: readonly (OptionId | undefined)[];
}

/** Spread of the logarithm of weights: two thirds lie within a factor of 1.4. Our judgement [E]. */
const WEIGHT_SPREAD = 0.35;
/** Half width of what a grade may be off by. Our judgement [E]. */
const GRADE_ERROR = 0.12;

/**
 * Random parts for a number of draws, the same for the same seed.
 * Source of the method (SMAA): Tervonen and Lahdelma 2007, https://doi.org/10.1016/j.ejor.2005.12.037.
 */
export function makeDraws(count: number, seed: number): readonly Draw[] {
  const random = seededRandom(seed);
  return Array.from({ length: count }, () => makeDraw(random));
}

function makeDraw(random: Random): Draw {
  return {
    positions: Object.fromEntries(CRITERIA.map((criterion) => [criterion.id, random()])),
    weights: SCORED_CRITERIA.map(() => Math.exp(WEIGHT_SPREAD * nextNormal(random))),
    values: SCORED_CRITERIA.map(() => forEachOption(() => GRADE_ERROR * (2 * random() - 1))),
    fits: forEachOption(() => random()),
  };
}

/** Which option is first how often, over the draws. */
export function play(lottery: Lottery, draws: readonly Draw[]): Outcome {
  const meshes = lottery.eligible.filter((option) => option !== 'none');
  const wins = new Map<OptionId, number>();
  const winners: (OptionId | undefined)[] = [];
  let ahead = 0;
  for (const draw of draws) {
    const scores = utilities(perturbed(lottery, draw));
    const winner = firstOf(scores, lottery.eligible);
    winners.push(winner);
    if (winner !== undefined) wins.set(winner, (wins.get(winner) ?? 0) + 1);
    const mesh = firstOf(scores, meshes);
    if (mesh !== undefined && (scores[mesh] > scores.none || !lottery.eligible.includes('none'))) ahead += 1;
  }
  const count = Math.max(1, draws.length);
  return { first: forEachOption((option) => (wins.get(option) ?? 0) / count), meshAhead: ahead / count, winners };
}

function perturbed({ values, fits, matrix }: Lottery, draw: Draw): readonly Scored[] {
  const fit = forEachOption((option) => fits[option].low + widthOf(fits[option]) * draw.fits[option]);
  const scored = scoredAt(pointAt(values, draw.positions), matrix, fit);
  return scored.map((criterion, index) => {
    const error = draw.values[index];
    // What is there already is seen or not; it is not a grade.
    const exact = error === undefined || criterion.id === 'existing-fit';
    return {
      id: criterion.id,
      weight: criterion.weight * (draw.weights[index] ?? 1),
      values: exact ? criterion.values : shifted(criterion.values, error),
    };
  });
}

function shifted(values: PerOption<number>, error: PerOption<number>): PerOption<number> {
  return forEachOption((option) => clamp01(values[option] + error[option]));
}

function pointAt(values: Values, positions: Draw['positions']): Point {
  const entries = CRITERIA.map(({ id }) => [id, values[id].low + widthOf(values[id]) * (positions[id] ?? 0.5)]);
  return Object.fromEntries(entries) as Point;
}

/** The point in the middle of every range. */
export function middlePoint(values: Values): Point {
  return pointAt(values, {});
}

/** The likeliest first. */
export function likeliest(outcome: Outcome): OptionId | undefined {
  const first = firstOf(outcome.first, OPTION_IDS);
  return first !== undefined && outcome.first[first] > 0 ? first : undefined;
}
