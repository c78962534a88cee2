import { CRITERIA, CRITERIA_DATE } from './data/criteria.ts';
import { CAPABILITY_SOURCE, capabilitiesOf } from './data/capabilities.ts';
import { isKnownCall, type CallGraph } from '../calls/call.ts';
import { workloadsOf } from '../world/workloads-of.ts';
import type { AssessInput, Assessment, CallCounts, CriterionAssessment, OptionAssessment } from './assessment.ts';
import { constraintsOn, mustsOf } from './constraints.ts';
import { costOf, latencyOf } from './cost.ts';
import { likeliest, makeDraws, middlePoint, play, type Lottery, type Outcome } from './draws.ts';
import { existingFit } from './evidence/existing.ts';
import { middleOf, widthOf } from './interval.ts';
import { forEachOption, OPTION_IDS, type OptionId, type PerOption } from './option.ts';
import { readCriteria, valuesOf } from './readings.ts';
import { scoredAt, utilities } from './score.ts';
import { flipsOf, openQuestions } from './sensitivity.ts';
import { topsisFirst } from './topsis.ts';
import { FEWEST_WORKLOADS, recommendationOf, worthItOf } from './verdict.ts';

const DRAWS = 4000;
const DRAWS_PER_QUESTION = 500;
const SEED = 20261121;

const METHOD: readonly string[] = [
  'vetoes and musts drop options first; only then are the rest scored, so that no saving makes up for a requirement',
  'what nobody knows is drawn from its whole range and never replaced by a default',
  `weights, factors and grades are our judgement [E] of ${CRITERIA_DATE}, fitted to nothing; ${CAPABILITY_SOURCE.basis}, ${CAPABILITY_SOURCE.date}`,
  `with fewer than ${String(FEWEST_WORKLOADS)} workloads and nothing answered or excluded nothing is decided [E]: manifests of one application say little of a cluster`,
  'questions are weighed as wishes; an answer of "must" can also drop options',
];

/**
 * Whether a service mesh is worth it in this world and which one, with everything that is not known left open. Pure and
 * seeded: the same input gives the same result.
 */
export function assess(input: AssessInput): Assessment {
  const existing = existingFit(input);
  const criteria = readCriteria(input, existing);
  const matrix = capabilitiesOf(input.era ?? 'now');
  const values = valuesOf(criteria);
  const screened = OPTION_IDS.map((option) => screen(input, option));
  const eligible = screened.filter((candidate) => !candidate.dropped).map((candidate) => candidate.option);
  const lottery: Lottery = { values, fits: existing.fits, matrix, eligible };
  const draws = makeDraws(input.draws ?? DRAWS, input.seed ?? SEED);
  const outcome = play(lottery, draws);
  const scored = scoredAt(
    middlePoint(values),
    matrix,
    forEachOption((option) => middleOf(existing.fits[option])),
  );
  const options = rank(screened, utilities(scored), outcome);
  const questions = openQuestions(lottery, draws.slice(0, DRAWS_PER_QUESTION));
  const findings = {
    workloads: workloadsOf(input.world).length,
    given: Object.keys(input.answers ?? {}).length + Object.keys(input.excluded ?? {}).length,
    confidence: confidenceOf(criteria),
    meshAhead: outcome.meshAhead,
    options,
    first: likeliest(outcome),
    topsis: topsisFirst(scored, eligible),
    questions,
  };
  return {
    asOf: input.world.asOf,
    worthIt: worthItOf(findings),
    recommendation: recommendationOf(findings),
    options,
    criteria,
    flips: flipsOf(lottery),
    questions,
    method: METHOD,
  };
}

/** How many calls a graph holds, as an assessment wants to know. */
export function countCalls(graph: CallGraph): CallCounts {
  return {
    calls: graph.calls.length,
    known: graph.calls.filter(isKnownCall).length,
    grpc: graph.calls.filter((call) => call.protocol === 'grpc').length,
  };
}

function screen(input: AssessInput, option: OptionId): Omit<OptionAssessment, 'utility' | 'probabilityFirst'> {
  const constraints = constraintsOn(input, option);
  const vetoes = constraints.filter((constraint) => constraint.state === 'veto');
  const musts = mustsOf(input, capabilitiesOf(input.era ?? 'now'), option);
  return {
    option,
    dropped: vetoes.length > 0 || musts.some((must) => !must.met),
    vetoes,
    cautions: constraints.filter((constraint) => constraint.state === 'caution'),
    notAssessed: constraints.filter((constraint) => constraint.state === 'not-assessed'),
    musts,
    cost: costOf(input, option),
    latency: latencyOf(option),
  };
}

/** The options with their scores, the likeliest first first. */
function rank(
  screened: readonly Omit<OptionAssessment, 'utility' | 'probabilityFirst'>[],
  utility: PerOption<number>,
  outcome: Outcome,
): readonly OptionAssessment[] {
  const options = screened.map((candidate) => ({
    ...candidate,
    utility: utility[candidate.option],
    probabilityFirst: outcome.first[candidate.option],
  }));
  return options.sort((left, right) => right.probabilityFirst - left.probabilityFirst || right.utility - left.utility);
}

/** Share of the base weight that rests on known values; a range counts by how narrow it is. */
function confidenceOf(criteria: readonly CriterionAssessment[]): number {
  const total = CRITERIA.reduce((sum, criterion) => sum + criterion.baseWeight, 0);
  return criteria.reduce((sum, criterion) => sum + criterion.weight * (1 - widthOf(criterion.value)), 0) / total;
}
