import type { Flip, Question } from './assessment.ts';
import { CRITERIA, type Criterion, type CriterionId } from './data/criteria.ts';
import { likeliest, middlePoint, play, type Draw, type Lottery, type Outcome } from './draws.ts';
import { compareText } from '../../lib/order.ts';
import { middleOf, point, widthOf } from './interval.ts';
import { forEachOption, type OptionId } from './option.ts';
import { firstOf, scoredAt, utilities, type Point } from './score.ts';

const STEPS = 20;
const NOT_OPEN_SOURCE: readonly OptionId[] = ['linkerd', 'consul'];

/** What is still open, the question whose answer would change most first. */
export function openQuestions(lottery: Lottery, draws: readonly Draw[]): readonly Question[] {
  const before = play(lottery, draws);
  return CRITERIA.filter((criterion) => criterion.id !== 'existing-fit' && widthOf(lottery.values[criterion.id]) > 0)
    .map((criterion) => questionOn(criterion, { lottery, draws, before }))
    .sort(
      (left, right) =>
        right.valueOfInformation - left.valueOfInformation || compareText(left.criterion, right.criterion),
    );
}

function questionOn(
  criterion: Criterion,
  base: { readonly lottery: Lottery; readonly draws: readonly Draw[]; readonly before: Outcome },
): Question {
  const { lottery, draws, before } = base;
  const { low, high } = lottery.values[criterion.id];
  const after = [low, high].map((value) => play(answered(lottery, criterion.id, value), draws));
  const changed = after.map(
    (outcome) => outcome.winners.filter((winner, index) => winner !== before.winners[index]).length,
  );
  const tries = Math.max(1, draws.length * after.length);
  return {
    criterion: criterion.id,
    question: criterion.question,
    valueOfInformation: changed.reduce((sum, count) => sum + count, 0) / tries,
    changesWinner: after.some((outcome) => likeliest(outcome) !== likeliest(before)),
    changesWorthIt: after.some((outcome) => outcome.meshAhead >= 0.5 !== before.meshAhead >= 0.5),
  };
}

function answered(lottery: Lottery, id: CriterionId, value: number): Lottery {
  const values = { ...lottery.values, [id]: point(value) };
  if (id !== 'licence-support' || value < 1) return { ...lottery, values };
  return { ...lottery, values, eligible: lottery.eligible.filter((option) => !NOT_OPEN_SOURCE.includes(option)) };
}

/** For each criterion the smallest change of its value alone, in steps of 0.05, that makes another option first. */
export function flipsOf(lottery: Lottery): readonly Flip[] {
  const middle = middlePoint(lottery.values);
  const winner = winnerAt(lottery, middle);
  return CRITERIA.map((criterion) => flipOf(lottery, criterion.id, { middle, winner }))
    .filter((flip) => flip !== undefined)
    .sort(
      (left, right) =>
        Math.abs(left.to - left.from) - Math.abs(right.to - right.from) || compareText(left.criterion, right.criterion),
    );
}

function flipOf(
  lottery: Lottery,
  id: CriterionId,
  base: { readonly middle: Point; readonly winner: OptionId | undefined },
): Flip | undefined {
  const from = base.middle[id];
  const grid = Array.from({ length: STEPS + 1 }, (_, step) => step / STEPS);
  grid.sort((left, right) => Math.abs(left - from) - Math.abs(right - from));
  for (const to of grid) {
    const winner = winnerAt(lottery, { ...base.middle, [id]: to });
    if (winner !== undefined && winner !== base.winner) return { criterion: id, from, to, winner };
  }
  return undefined;
}

function winnerAt(lottery: Lottery, at: Point): OptionId | undefined {
  const fits = forEachOption((option) => middleOf(lottery.fits[option]));
  return firstOf(utilities(scoredAt(at, lottery.matrix, fits)), lottery.eligible);
}
