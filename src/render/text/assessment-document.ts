import type { Assessment, CallCounts, Question } from '../../domain/decide/assessment.ts';
import { basisLine, type ResultHead } from '../../domain/world/result-head.ts';
import { constraintParts } from './assessment-constraints.ts';
import { criteriaParts, flipParts } from './assessment-criteria.ts';
import { costParts, optionParts } from './assessment-options.ts';
import { answerSentence, becauseWords, percent, range, unknownSentence, worthItSentence } from './assessment-words.ts';
import type { Document, Item, Part } from '../document.ts';
import { countOf, gapItems } from '../words.ts';

/** An assessment with the world that it is of. */
export interface AssessedWorld extends ResultHead, Assessment {
  readonly cluster: { readonly name: string };
  readonly calls: CallCounts;
}

/** The assessment as a document: the answer first, then what it rests on, what would change it and what to ask. */
export function assessmentDocument(result: AssessedWorld): Document {
  return {
    title: 'Does a service mesh fit here?',
    first: basisLine(result, result.cluster.name),
    parts: [
      ...answerParts(result),
      ...questionParts(result),
      ...optionParts(result),
      ...constraintParts(result),
      ...criteriaParts(result),
      ...flipParts(result),
      ...costParts(result),
      ...methodParts(result),
    ],
  };
}

function answerParts(result: AssessedWorld): readonly Part[] {
  const { verdict } = result.recommendation;
  const because = becauseWords(result).map((text): Item => ({ text }));
  return [
    { part: 'text', text: answerSentence(result), tone: verdict === 'recommend' ? 'good' : 'warn' },
    ...(because.length === 0
      ? []
      : [
          { part: 'text', text: 'What keeps it from being firmer:' } as const,
          { part: 'list', items: because } as const,
        ]),
    { part: 'text', text: worthItSentence(result) },
    { part: 'text', text: unknownSentence(result), tone: 'warn' },
  ];
}

function questionParts(result: AssessedWorld): readonly Part[] {
  const turning = result.questions.filter(({ changesWinner, changesWorthIt }) => changesWinner || changesWorthIt);
  const others = result.questions.filter((question) => !turning.includes(question));
  if (result.questions.length === 0) return [];
  const rest =
    others.length === 0
      ? []
      : [
          {
            part: 'text',
            text: `${turning.length === 0 ? 'No open question' : 'None of the others'} would by itself change the choice: ${others.map(({ criterion }) => criterion).join(', ')}.`,
          } as const,
        ];
  if (turning.length === 0) return [{ part: 'heading', text: 'Open questions' }, ...rest];
  return [
    { part: 'heading', text: 'Questions to answer first' },
    {
      part: 'text',
      text:
        'Run this again with the answers as flags: no (0), some (0.5), yes (1), any number between, or must, which is ' +
        'yes and also drops every option that cannot do it. The question that moves the choice most comes first.',
    },
    { part: 'list', numbered: true, items: turning.map((question) => questionItem(question, result)) },
    ...rest,
  ];
}

function questionItem(question: Question, { criteria }: AssessedWorld): Item {
  const criterion = criteria.find(({ id }) => id === question.criterion);
  const scale = criterion === undefined ? '' : ` ${criterion.title}: ${range(criterion.value)} so far.`;
  const effects = [
    ...(question.changesWinner ? ['the choice'] : []),
    ...(question.changesWorthIt ? ['whether a mesh is worth it at all'] : []),
  ];
  return {
    text: `${question.question}${scale} Could change ${effects.join(' and ')}; moves ${percent(question.valueOfInformation)} of the draws.`,
    command: ['--answer', `${question.criterion}=no`],
    note: `or ${question.criterion}=some, =yes, =0.25`,
  };
}

function methodParts(result: AssessedWorld): readonly Part[] {
  const { calls, known, grpc } = result.calls;
  const evidence = `the call graph holds ${countOf(calls, 'call')}: ${String(known)} observed or declared, the rest only probable; ${String(grpc)} speak gRPC`;
  const topsis = result.recommendation.topsis;
  const gaps = gapItems(result);
  return [
    { part: 'heading', text: 'How this was made' },
    {
      part: 'list',
      items: [
        ...result.method.map((text): Item => ({ text })),
        { text: evidence },
        ...(topsis === undefined
          ? []
          : [{ text: `TOPSIS, another method over the same weights, puts ${topsis} first` }]),
        {
          text: 'marks: [P] primary source read, [R] raw data recomputed, [S] secondary citation, [M] recalled and not checked, [E] our own judgement',
        },
      ],
    },
    ...(gaps.length === 0
      ? []
      : [{ part: 'heading', text: 'What was not read' } as const, { part: 'list', items: gaps } as const]),
  ];
}
