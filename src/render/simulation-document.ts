import { FATE_CHANGES, type FateChange } from '../domain/simulate/fate-change.ts';
import type { Transition } from '../domain/simulate/followed.ts';
import { VERDICTS } from '../domain/simulate/verdict.ts';
import { basisLine } from '../domain/world/result-head.ts';
import type { Document, Part, Tone } from './document.ts';
import { asItIsParts } from './simulation-as-is.ts';
import { coverageItems } from './simulation-coverage.ts';
import {
  changedCalls,
  CHANGE_TITLES,
  CHANGE_TONES,
  groupItems,
  groupsByServer,
  SHORT,
  WHOLE,
  type Limits,
} from './simulation-groups.ts';
import { unresolvedLines, type SimulationView } from './simulation-lines.ts';
import { traceParts } from './simulation-trace.ts';
import { countOf } from './words.ts';

/** The simulation in pieces: the answer, counts for each world, what changes or does not work, and how well calls are known. */
export function simulationDocument(result: SimulationView, { wide }: { readonly wide: boolean }): Document {
  const limits = wide ? WHOLE : SHORT;
  return {
    title: 'Simulation',
    first: basisLine(result, result.cluster),
    parts: [
      answerPart(result),
      ...(result.trace === undefined ? [followedPart(result), countsPart(result)] : []),
      ...assumptionParts(result, limits),
      ...opensParts(result, limits),
      ...bodyParts(result, limits),
      ...coverageParts(result),
      ...unresolvedParts(result),
    ],
  };
}

function bodyParts(result: SimulationView, limits: Limits): readonly Part[] {
  if (result.trace !== undefined) return traceParts(result, result.trace);
  return result.worlds.length === 1 ? asItIsParts(result, limits) : transitionParts(result, limits);
}

const ANSWER_WORDS = { yes: 'Yes', no: 'No', 'not-enough-evidence': 'Not enough evidence' } as const;
const ANSWER_TONES = { yes: 'good', no: 'bad', 'not-enough-evidence': 'warn' } as const satisfies Record<string, Tone>;

/** The answer in a sentence. */
export function answerSentence({ answer }: Pick<SimulationView, 'answer'>): string {
  return `${ANSWER_WORDS[answer.is]}: ${answer.because.join('; ')}.`;
}

function answerPart(result: SimulationView): Part {
  return { part: 'text', text: answerSentence(result), tone: ANSWER_TONES[result.answer.is] };
}

/** How many calls were followed, and which of all they are. */
export function followedSentence({ followed, evidence, namespaces }: SimulationView): string {
  const within = namespaces.length === 0 ? '' : ` with an end in ${namespaces.join(', ')}`;
  const left =
    evidence.leftOut === 0
      ? ''
      : `; ${countOf(evidence.leftOut, 'call')} left out, with evidence weaker than ${evidence.atLeast}`;
  return `${followed === 0 ? 'no calls' : countOf(followed, 'call')}${within} followed${left}`;
}

function followedPart(result: SimulationView): Part {
  return { part: 'text', text: followedSentence(result) };
}

function countsPart({ worlds, counts }: SimulationView): Part {
  const order = [...VERDICTS].reverse();
  return {
    part: 'table',
    columns: [{ header: 'WORLD' }, ...order.map((name) => ({ header: name.toUpperCase(), align: 'right' as const }))],
    rows: worlds.map(({ id }, index) => [id, ...order.map((verdict) => String(counts[index]?.[verdict] ?? 0))]),
  };
}

function assumptionParts({ assumptions }: SimulationView, limits: Limits): readonly Part[] {
  return assumptions.flatMap(({ world, notes }): Part[] => [
    { part: 'heading', text: `what ${world} means` },
    { part: 'list', items: cutNotes(notes, limits).map((text) => ({ text })) },
  ]);
}

function cutNotes(notes: readonly string[], { calls }: Limits): readonly string[] {
  const more = notes.length - calls;
  return more <= 0 ? notes : [...notes.slice(0, calls), `and ${String(more)} more (-o wide lists them)`];
}

function opensParts({ worlds, opens }: SimulationView, limits: Limits): readonly Part[] {
  const all = opens.flatMap((list, index) => list.map((what) => `${worlds[index]?.id ?? ''}: ${what}`));
  if (all.length === 0) return [];
  const shown = all.slice(0, limits.groups);
  const more = all.length - shown.length;
  return [
    { part: 'heading', text: `opens: ${countOf(all.length, 'door')} that ${all.length === 1 ? 'was' : 'were'} shut` },
    {
      part: 'list',
      items: [
        ...shown.map((text) => ({ text, tone: 'bad' as const })),
        ...(more > 0 ? [{ text: `and ${String(more)} more (-o wide lists them)` }] : []),
      ],
    },
  ];
}

/** What keeps its verdict is only counted unless all is wanted; over many stages so is what is better protected. */
function transitionParts({ calls, transitions }: SimulationView, limits: Limits): readonly Part[] {
  const counted = countedOnly(transitions.length, limits);
  return transitions.flatMap((transition, index): Part[] => {
    const { to, counts } = transition;
    const listed = FATE_CHANGES.filter((change) => counts[change] > 0 && !counted.has(change));
    const sections = listed.flatMap((change): Part[] => {
      const told = changedCalls(calls, index + 1, change);
      const where = transitions.length === 1 ? '' : `${to}: `;
      return [
        { part: 'heading', text: `${where}${CHANGE_TITLES[change]}: ${countOf(counts[change], 'call')}` },
        { part: 'list', items: groupItems(groupsByServer(told), limits, CHANGE_TONES[change]) },
      ];
    });
    return [...sections, { part: 'text', text: transitionSentence(transition, counted) }];
  });
}

function countedOnly(transitions: number, { calls }: Limits): ReadonlySet<FateChange> {
  if (calls === Infinity) return new Set();
  return new Set(transitions > 1 ? ['stronger', 'otherwise'] : ['otherwise']);
}

/** From which world to which, how many calls change how, and how many do not; with a word on what is not listed. */
function transitionSentence(transition: Transition, counted: ReadonlySet<FateChange>): string {
  return `from ${transition.from} to ${transition.to}: ${changesSentence(transition, counted)}`;
}

/** How many calls change how, and how many do not. */
export function changesSentence({ counts, kept }: Transition, counted: ReadonlySet<FateChange> = new Set()): string {
  const changes = FATE_CHANGES.filter((change) => counts[change] > 0);
  const told = changes.map(
    (change) => `${changeCount(change, counts[change])}${counted.has(change) ? ' (-o wide lists them)' : ''}`,
  );
  const rest = `${countOf(kept, 'call')} ${kept === 1 ? 'fares' : 'fare'} as before`;
  return [...told, ...(kept === 0 && told.length > 0 ? [] : [rest])].join('; ');
}

/** So many calls change like this. */
export function changeCount(change: FateChange, count: number): string {
  if (change !== 'otherwise') return `${countOf(count, 'call')} ${CHANGE_TITLES[change]}`;
  const keep = count === 1 ? 'keeps its verdict' : 'keep their verdict';
  return `${countOf(count, 'call')} ${keep}, ${CHANGE_TITLES.otherwise}`;
}

function coverageParts({ callCoverage, trace }: SimulationView): readonly Part[] {
  if (trace !== undefined) return [];
  return [
    { part: 'heading', text: 'how well the calls are known' },
    { part: 'list', items: coverageItems(callCoverage) },
  ];
}

function unresolvedParts(result: SimulationView): readonly Part[] {
  const [title, ...lines] = result.trace === undefined ? unresolvedLines(result) : [];
  if (title === undefined) return [];
  return [
    { part: 'text', text: title },
    { part: 'list', items: lines.map((text) => ({ text })) },
  ];
}
