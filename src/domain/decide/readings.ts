import { KIND } from '../kubernetes/kinds.ts';
import { servicesOf } from '../world/service.ts';
import type { AssessInput, CriterionAssessment } from './assessment.ts';
import { CRITERIA, type Criterion, type CriterionId } from './data/criteria.ts';
import type { ExistingFit } from './evidence/existing.ts';
import { OPERATIONS } from './evidence/operations.ts';
import { REACH } from './evidence/reach.ts';
import { SECURITY } from './evidence/security.ts';
import { readingOf, type Evaluators, type Reading } from './evidence/signs.ts';
import { TRAFFIC } from './evidence/traffic.ts';
import { ANYTHING, point, type Interval } from './interval.ts';

const EVALUATORS: Evaluators = { ...SECURITY, ...TRAFFIC, ...REACH, ...OPERATIONS };

/** What is known of every criterion. */
export type Values = Readonly<Record<CriterionId, Interval>>;

/** What the world and the answers say of each criterion, in the order of the criteria. */
export function readCriteria(input: AssessInput, existing: ExistingFit): readonly CriterionAssessment[] {
  return CRITERIA.map((criterion) => assessCriterion(input, criterion, existing));
}

/** The values by criterion. */
export function valuesOf(criteria: readonly CriterionAssessment[]): Values {
  return Object.fromEntries(criteria.map((criterion) => [criterion.id, criterion.value])) as unknown as Values;
}

function assessCriterion(input: AssessInput, criterion: Criterion, existing: ExistingFit): CriterionAssessment {
  const { id, title, baseWeight: weight } = criterion;
  const reading = readCriterion(input, criterion, existing);
  const answer = input.answers?.[id];
  if (answer !== undefined) {
    return { id, title, weight, value: point(answer.value), evidence: reading.evidence, answer: answer.text };
  }
  return { id, title, weight, ...reading };
}

function readCriterion(input: AssessInput, criterion: Criterion, existing: ExistingFit): Reading {
  if (criterion.id === 'existing-fit') return existing.reading;
  if (criterion.id === 'scale') return scaleReading(input);
  const evaluate = EVALUATORS[criterion.id];
  if (evaluate === undefined) return { value: ANYTHING, evidence: [], unknown: 'a cluster does not show it' };
  return readingOf(evaluate(input), criterion.withoutSign);
}

/** Services on a logistic scale over their logarithm, 20 in the middle: 5 give 0.12, 100 give 0.91. Our judgement. */
function scaleReading({ world }: AssessInput): Reading {
  const services = servicesOf(world).filter((service) => service.selector !== undefined).length;
  const low = services === 0 ? 0 : 1 / (1 + (20 / services) ** Math.LOG2E);
  const rule = 'more services share what a mesh costs';
  const evidence = [{ field: 'Services with a selector', value: String(services), rule }];
  const gap = world.list(KIND.service).gap;
  return gap === undefined ? { value: point(low), evidence } : { value: { low, high: 1 }, evidence, unknown: gap };
}
