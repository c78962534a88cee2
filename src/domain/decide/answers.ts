import { usageError } from '../../lib/errors.ts';
import { CRITERIA, type CriterionId } from './data/criteria.ts';

/** What somebody answered: a value from 0 to 1, and whether an option that cannot serve it is out. */
export interface Answer {
  readonly value: number;
  readonly must: boolean;
  /** As it was given. */
  readonly text: string;
}

/** Answers by criterion; `cni-change` says whether the cluster may take another CNI. */
export type AnswerId = Exclude<CriterionId, 'existing-fit'> | 'cni-change';

export type Answers = Partial<Readonly<Record<CriterionId | 'cni-change', Answer>>>;

const WORDS: Readonly<Record<string, number>> = { no: 0, some: 0.5, yes: 1, must: 1 };

/** The ids that can be answered, in the order of the criteria; what is there already is read, not answered. */
export const ANSWER_IDS: readonly AnswerId[] = [
  ...CRITERIA.map((criterion) => criterion.id).filter((id) => id !== 'existing-fit'),
  'cni-change',
];

/**
 * Reads answers written as `ID=VALUE`, where VALUE is `no`, `some`, `yes`, `must` or a number from 0 to 1; of two
 * answers to one question the last stands. Throws a usage error that names the wrong part.
 */
export function readAnswers(texts: readonly string[]): Answers {
  const answers: Partial<Record<CriterionId | 'cni-change', Answer>> = {};
  for (const text of texts) {
    const equals = text.indexOf('=');
    const id = ANSWER_IDS.find((candidate) => candidate === text.slice(0, equals));
    if (equals < 0 || id === undefined) {
      throw usageError(
        'answer-unknown',
        `no question has the id of the answer "${text}"`,
        `Write ID=VALUE with one of: ${ANSWER_IDS.join(', ')}.`,
      );
    }
    answers[id] = readAnswer(id, text.slice(equals + 1));
  }
  return answers;
}

function readAnswer(id: AnswerId, text: string): Answer {
  const word = Object.hasOwn(WORDS, text) ? WORDS[text] : undefined;
  const value = word ?? (/^(0(\.\d+)?|1(\.0+)?)$/.test(text) ? Number(text) : undefined);
  if (value === undefined) {
    throw usageError(
      'answer-value',
      `the answer to ${id} is "${text}", which is no value`,
      'Answer no, some, yes, must, or a number from 0 to 1.',
    );
  }
  return { value, must: text === 'must', text };
}
