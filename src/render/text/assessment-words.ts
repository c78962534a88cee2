import type { Assessment, OptionAssessment, Quantity } from '../../domain/decide/assessment.ts';
import type { Interval } from '../../domain/decide/interval.ts';
import type { OptionId } from '../../domain/decide/option.ts';
import type { Fact } from '../../domain/world/fact.ts';

/** The share as a percentage, never rounded up and never to nothing: `47 %`, `<1 %`. */
export function percent(share: number): string {
  if (share > 0 && share < 0.01) return '<1 %';
  return `${String(Math.floor(share * 100 + 1e-9))} %`;
}

/** A value from 0 to 1 with two decimals at most. */
export function decimal(value: number): string {
  return String(Math.round(value * 100) / 100);
}

/** What is known of a value: `0.65`, `0.5-1`, and nothing at all as `0-1`. */
export function range({ low, high }: Interval): string {
  const [from, to] = [decimal(low), decimal(high)];
  return from === to ? from : `${from}-${to}`;
}

/** A quantity in the unit that people use, or `unknown`. */
export function quantityWords(fact: Fact<Quantity>): string {
  if (!fact.known) return 'unknown';
  const { low, high, unit } = fact.value;
  const divisor = { millicores: 1000, bytes: 1024 ** 3, ms: 1 }[unit];
  const name = { millicores: 'cores', bytes: 'GiB', ms: 'ms' }[unit];
  const [from, to] = [oneDecimal(low / divisor), oneDecimal(high / divisor)];
  return from === to ? `${from} ${name}` : `${from}-${to} ${name}`;
}

function oneDecimal(value: number): string {
  return String(Math.round(value * 10) / 10);
}

/** The option as a sentence has it. */
export function optionWords(option: OptionId): string {
  return option === 'none' ? 'no mesh' : option;
}

/** Why an option cannot be chosen, or undefined where it can. */
export function dropWords(option: OptionAssessment): string | undefined {
  if (!option.dropped) return undefined;
  const unmet = option.musts.filter(({ met }) => !met).map(({ criterion }) => `must ${criterion}`);
  return [...option.vetoes.map(({ id }) => id), ...unmet].join(', ');
}

/** The answer in one sentence: what, how firmly, and how much of it rests on what is known. */
export function answerSentence({ recommendation, worthIt }: Assessment): string {
  const { option, verdict, probabilityFirst } = recommendation;
  if (option === undefined) return 'Undecided: no option can be named.';
  const name = optionWords(option);
  const share = `first in ${percent(probabilityFirst)} of the draws, with ${percent(worthIt.confidence)} of what weighs known`;
  switch (verdict) {
    case 'recommend':
      return `Recommended: ${name}, ${share}.`;
    case 'lean':
      return `Leaning to ${name}, not recommending it: ${share}.`;
    case 'undecided':
      return `Undecided. ${name} is ahead, but not by enough to lean to: ${share}.`;
  }
}

/** Whether any mesh is worth it, in one sentence. */
export function worthItSentence({ worthIt, options }: Assessment): string {
  const { verdict, answer, score } = worthIt;
  const none = options.find(({ option }) => option === 'none');
  const what =
    answer === 'mesh'
      ? `the best mesh is ahead of no mesh in ${percent(score)} of the draws`
      : `no mesh is ahead of the best mesh in ${percent(1 - score)} of the draws`;
  const word = answer === 'mesh' ? 'yes' : 'no';
  const capital = answer === 'mesh' ? 'Yes' : 'No';
  const firmly = { recommend: capital, lean: `Leaning to ${word}`, undecided: 'Undecided' }[verdict];
  const dropped = none?.dropped === true ? '; having no mesh is ruled out by a requirement' : '';
  return `Is a mesh worth it at all? ${firmly}: ${what}${dropped}.`;
}

/** How much of this nobody knows; most of it, as a rule, because a cluster shows what is used and not what is wanted. */
export function unknownSentence({ worthIt, criteria }: Assessment): string {
  const open = criteria.filter(({ value }) => value.high > value.low).length;
  if (open === 0) return `All ${String(criteria.length)} criteria are known.`;
  const most = worthIt.confidence < 0.5 ? 'Most of this is not known: ' : '';
  return (
    `${most}${String(open)} of ${String(criteria.length)} criteria are open, and ${String(100 - Math.floor(worthIt.confidence * 100 + 1e-9))} % of ` +
    'the weight rests on values that nobody gave. A cluster shows what is used, never what is wanted; the questions ' +
    'below close the gap.'
  );
}

/** What keeps the verdict from being firmer; questions that would each turn it make one reason. */
export function becauseWords({ recommendation, questions }: Assessment): readonly string[] {
  const turning = questions.filter(({ changesWinner }) => changesWinner).map(({ criterion }) => criterion);
  const single = new Set<string>(turning.map((id) => `an answer to ${id} alone would change the choice`));
  const rest = recommendation.because.filter((reason) => !single.has(reason));
  if (rest.length === recommendation.because.length) return rest;
  return [...rest, `the answer to any one of these would change the choice: ${turning.join(', ')}`];
}
