import type { OptionAssessment, Question, Recommendation, VerdictWord, WorthIt } from './assessment.ts';
import type { OptionId } from './option.ts';

/** How often an option must be first to be recommended, and to be leaned to. */
const RECOMMEND = 0.7;
const LEAN = 0.5;
/** How much of the base weight must be known for each word. Our judgement [E]. */
const KNOWN_TO_RECOMMEND = 0.4;
const KNOWN_TO_LEAN = 0.15;
/** With fewer workloads the world alone decides nothing, because what is there says little of a cluster. Our judgement [E]. */
export const FEWEST_WORKLOADS = 3;

/** What the verdicts rest on. */
export interface Findings {
  readonly workloads: number;
  /** How many questions were answered and options excluded by somebody. */
  readonly given: number;
  readonly confidence: number;
  readonly meshAhead: number;
  readonly options: readonly OptionAssessment[];
  readonly first: OptionId | undefined;
  readonly topsis: OptionId | undefined;
  readonly questions: readonly Question[];
}

/** Whether a mesh is worth it at all. */
export function worthItOf(findings: Findings): WorthIt {
  const { meshAhead, confidence, questions } = findings;
  const answer = meshAhead >= 0.5 ? 'mesh' : 'none';
  const strength = Math.max(meshAhead, 1 - meshAhead);
  const settled = !questions.some((question) => question.changesWorthIt);
  let verdict: VerdictWord = 'undecided';
  if (!isTooSmall(findings) && confidence >= KNOWN_TO_LEAN && (settled || strength >= RECOMMEND)) {
    verdict = settled && strength >= RECOMMEND && confidence >= KNOWN_TO_RECOMMEND ? 'recommend' : 'lean';
  }
  return { verdict, answer, score: meshAhead, confidence };
}

/** Which option, how firmly, and what keeps it from being firmer. */
export function recommendationOf(findings: Findings): Recommendation {
  const { first, topsis, options, confidence, workloads } = findings;
  const found = options.find((candidate) => candidate.option === first);
  const probabilityFirst = found?.probabilityFirst ?? 0;
  const base = { option: workloads === 0 ? undefined : first, probabilityFirst, topsis };
  if (found === undefined) return { ...base, verdict: 'undecided', because: ['every option is dropped'] };
  if (workloads === 0) return { ...base, verdict: 'undecided', because: ['there is no workload to assess'] };
  const because = weaknesses(findings, found);
  if (isTooSmall(findings)) {
    const few = `only ${String(workloads)} of at least ${String(FEWEST_WORKLOADS)} workloads are here, and nothing was answered`;
    return { ...base, verdict: 'undecided', because: [few, ...because] };
  }
  if (probabilityFirst < LEAN || confidence < KNOWN_TO_LEAN) return { ...base, verdict: 'undecided', because };
  return { ...base, verdict: because.length === 0 ? 'recommend' : 'lean', because };
}

function isTooSmall({ workloads, given }: Findings): boolean {
  return workloads === 0 || (workloads < FEWEST_WORKLOADS && given === 0);
}

function weaknesses(findings: Findings, found: OptionAssessment): readonly string[] {
  const flipping = findings.questions.filter((question) => question.changesWinner);
  const reasons: string[] = [];
  if (found.probabilityFirst < RECOMMEND) {
    reasons.push(`${found.option} is first in only ${percent(found.probabilityFirst)} of the draws`);
  }
  if (findings.confidence < KNOWN_TO_RECOMMEND) {
    reasons.push(`only ${percent(findings.confidence)} of the weight rests on known values`);
  }
  if (findings.topsis !== found.option && findings.topsis !== undefined) {
    reasons.push(`TOPSIS, another method, puts ${findings.topsis} first`);
  }
  for (const question of flipping) reasons.push(`an answer to ${question.criterion} alone would change the choice`);
  for (const open of found.notAssessed) reasons.push(`${open.id} was not assessed: ${open.reason}`);
  return reasons;
}

function percent(share: number): string {
  return `${String(Math.floor(share * 100))} %`;
}
