import type { Verified, VerifiedCondition } from '../../domain/rollout/verify/verification.ts';
import { formatRef } from '../../domain/kubernetes/object.ts';
import { basisLine, type ResultHead } from '../../domain/world/result-head.ts';
import type { Document, Item, Part, Tone } from '../document.ts';
import { countOf, evidenceWords, gapItems } from '../words.ts';
import { positionParts } from './position-parts.ts';

/** What a rendering needs of the result of `verify`. */
export type VerificationView = ResultHead & Verified;

const SHOWN_EVIDENCE = 4;
const SHOWN_MET = 30;
const SHOWN_DRIFT = 40;

const QUESTIONS = {
  entry: 'may it be applied?',
  exit: 'did it take?',
  rollback: 'may it be undone?',
  position: 'where is the cluster in the plan?',
} as const;

/** The verification in pieces: the answer, what is unmet, what is unknown, what is met, and what differs. */
export function verificationDocument(view: VerificationView): Document {
  const { stage, gate, position } = view;
  const title = stage === undefined ? `Verify: ${QUESTIONS.position}` : `Verify ${stage}, ${gate}: ${QUESTIONS[gate]}`;
  return {
    title,
    first: `${basisLine(view, view.cluster)} · plan for ${view.plan.target}, ${view.plan.goal}`,
    parts: [
      ...(stage === undefined ? [] : [heading(`Stage ${stage}, ${gate}: ${QUESTIONS[gate]}`)]),
      ...(stage === undefined ? [] : [answerText(view)]),
      ...(position === undefined ? [] : positionParts(position)),
      ...undoParts(view),
      ...conditionParts(view),
      ...driftParts(view),
      ...gapParts(view),
    ],
  };
}

function heading(text: string): Part {
  return { part: 'heading', text };
}

function answerText({ answer, summary }: VerificationView): Part {
  const words = { yes: 'Yes', no: 'No', 'not-enough-evidence': 'Not known' } as const;
  const tones = { yes: 'good', no: 'bad', 'not-enough-evidence': 'warn' } as const;
  const counts = `${String(summary.met)} met, ${String(summary.unmet)} unmet, ${String(summary.unknown)} unknown`;
  return {
    part: 'text',
    text: `${words[answer.is]}: ${answer.because.join('; ')} (${counts}).`,
    tone: tones[answer.is],
  };
}

function undoParts({ undoFirst = [] }: VerificationView): readonly Part[] {
  if (undoFirst.length === 0) return [];
  return [
    heading('Undo first, in this order'),
    { part: 'list', numbered: true, items: undoFirst.map((text): Item => ({ text, tone: 'bad' })) },
  ];
}

function conditionParts({ conditions }: VerificationView): readonly Part[] {
  const of = (state: VerifiedCondition['state']): readonly VerifiedCondition[] =>
    conditions.filter((condition) => condition.state === state);
  const met = of('met');
  const more = met.length - SHOWN_MET;
  const hidden: readonly Item[] =
    more > 0 ? [{ text: `and ${countOf(more, 'condition')} more (-o json lists them)` }] : [];
  return [
    ...group('Unmet', of('unmet').map(openItem('bad'))),
    ...group('Unknown', of('unknown').map(openItem('warn'))),
    ...group('Met', [...met.slice(0, SHOWN_MET).map(metItem), ...hidden]),
  ];
}

function group(name: string, items: readonly Item[]): readonly Part[] {
  return items.length === 0 ? [] : [heading(name), { part: 'list', items }];
}

function openItem(tone: Tone): (condition: VerifiedCondition) => Item {
  return ({ id, text, evidence, command }) => {
    const more = evidence.length - SHOWN_EVIDENCE;
    const shown = evidence.slice(0, SHOWN_EVIDENCE).map((each): Item => ({ text: evidenceWords(each) }));
    const hidden: readonly Item[] = more > 0 ? [{ text: `and ${String(more)} more (-o json lists them)` }] : [];
    return {
      text: `${id}: ${text}`,
      tone,
      ...(command === undefined ? {} : { command }),
      items: [...shown, ...hidden],
    };
  };
}

function metItem({ id, text, evidence: [first] }: VerifiedCondition): Item {
  const because = first === undefined ? '' : ` (${evidenceWords(first)})`;
  return { text: `${id}: ${text}${because}`, tone: 'good' };
}

function driftParts({ drift }: VerificationView): readonly Part[] {
  const more = drift.length - SHOWN_DRIFT;
  const rows = drift.slice(0, SHOWN_DRIFT).map(({ object, field, wanted, found }): Item => ({
    text: `${formatRef(object)} ${field}`,
    items: [{ text: `wanted: ${wanted}` }, { text: `found: ${found}` }],
  }));
  const hidden: readonly Item[] = more > 0 ? [{ text: `and ${String(more)} more (-o json lists them)` }] : [];
  return group('What differs from the stage', [...rows, ...hidden]);
}

function gapParts(view: VerificationView): readonly Part[] {
  return group('What was not read', gapItems(view));
}
