import { FATE_CHANGES } from '../../domain/simulate/fate-change.ts';
import type { Transition } from '../../domain/simulate/followed.ts';
import { VERDICTS } from '../../domain/simulate/verdict.ts';
import { basisLine } from '../../domain/world/result-head.ts';
import { escapeMarkdown, markdownCode } from '../escape.ts';
import {
  answerSentence,
  changeCount,
  changesSentence,
  followedSentence,
  simulationDocument,
} from '../simulation-document.ts';
import { coverageItems } from '../simulation-coverage.ts';
import { changedCalls } from '../simulation-groups.ts';
import { callWords, fateWords, unresolvedLines, type SimulationView } from '../simulation-lines.ts';
import { countOf } from '../words.ts';
import { renderDocumentMarkdown } from './document.ts';
import {
  bullet,
  bullets,
  alikeTable,
  changesTable,
  cutTable,
  deciders,
  details,
  firstLines,
  table,
  why,
  type ChangedCall,
} from './simulation-blocks.ts';

/**
 * The simulation as Markdown to paste into a pull request: the answer, counts, a table of the calls that change or do
 * not work, and the rest folded away. With a final newline.
 */
export function renderSimulationMarkdown(result: SimulationView): string {
  if (result.trace !== undefined) return renderDocumentMarkdown(simulationDocument(result, { wide: true }));
  return `${[
    '# Simulation',
    `**${escapeMarkdown(answerSentence(result))}**`,
    escapeMarkdown(`${basisLine(result, result.cluster)}; ${followedSentence(result)}.`),
    countsTable(result),
    ...assumptions(result),
    ...opens(result),
    ...(result.worlds.length === 1
      ? asItIs(result)
      : result.transitions.flatMap((each, index) => transition(result, each, index))),
    details('How well the calls are known', bullets(coverageItems(result.callCoverage))),
    ...unresolved(result),
  ].join('\n\n')}\n`;
}

function countsTable({ worlds, counts }: SimulationView): string {
  const order = [...VERDICTS].reverse();
  const rows = worlds.map(({ id }, index) => [
    escapeMarkdown(id),
    ...order.map((verdict) => String(counts[index]?.[verdict] ?? 0)),
  ]);
  return table(['world', ...order], rows, `| --- |${order.map(() => ' ---: |').join('')}`);
}

function assumptions(result: SimulationView): readonly string[] {
  return result.assumptions.map(({ world, notes }) =>
    [`What ${markdownCode(world)} means:`, '', ...notes.map(bullet)].join('\n'),
  );
}

function opens({ worlds, opens: all }: SimulationView): readonly string[] {
  const lines = all.flatMap((list, index) =>
    list.map((what) => `- ${markdownCode(worlds[index]?.id ?? '')}: ${escapeMarkdown(what)}`),
  );
  if (lines.length === 0) return [];
  return [[`## Opens: ${countOf(lines.length, 'door')}`, '', ...firstLines(lines)].join('\n')];
}

/** What keeps its verdict is folded away: it must not drown what breaks. */
function transition(result: SimulationView, step: Transition, index: number): readonly string[] {
  const told = FATE_CHANGES.flatMap((change) =>
    changedCalls(result.calls, index + 1, change).map((call): ChangedCall => ({ ...call, change })),
  );
  const rows = told.filter(({ change }) => change !== 'otherwise');
  const alike = told.filter(({ change }) => change === 'otherwise');
  const title = changeCount('otherwise', alike.length);
  return [
    `## From ${markdownCode(step.from)} to ${markdownCode(step.to)}`,
    escapeMarkdown(`${changesSentence(step)}.`),
    ...(rows.length === 0 ? [] : [changesTable(rows), why(rows)]),
    ...(alike.length === 0 ? [] : [details(title, [alikeTable(alike)])]),
  ];
}

function asItIs(result: SimulationView): readonly string[] {
  const told = result.calls.flatMap((followed) => followed.fates.slice(-1).map((fate) => ({ followed, fate })));
  const plain = result.plaintext ?? [];
  const rows = told.map(({ followed, fate }) => [
    markdownCode(callWords(followed)),
    escapeMarkdown(fateWords(fate)),
    deciders(fate),
  ]);
  return [
    ...(told.length === 0
      ? []
      : [`## Not ok: ${countOf(told.length, 'call')}`, cutTable(['call', 'fate', 'decided by'], rows), why(told)]),
    ...(plain.length === 0
      ? []
      : [
          details(
            `Works in plaintext: ${countOf(plain.length, 'call')}`,
            firstLines(plain.map((followed) => `- ${markdownCode(callWords(followed))}`)),
          ),
        ]),
    ...strict(result),
  ];
}

function strict({ underStrict }: SimulationView): readonly string[] {
  if (underStrict === undefined) return [];
  if (underStrict.reason !== undefined)
    return [escapeMarkdown(`What STRICT would break is not told: ${underStrict.reason}.`)];
  const [broken = [], unknown = []] = (['broken', 'unknown'] as const).map((change) =>
    changedCalls(underStrict.calls, 1, change).map((call): ChangedCall => ({
      ...call,
      change,
      title: change === 'broken' ? 'would break' : 'not known',
    })),
  );
  if (broken.length + unknown.length === 0) return ['Under STRICT no call that is known would break now.'];
  const counts = [
    ...(broken.length === 0 ? [] : [`${countOf(broken.length, 'call')} would break`]),
    ...(unknown.length === 0 ? [] : [`of ${countOf(unknown.length, 'call')} nobody can tell`]),
  ];
  return [`## Under STRICT now: ${counts.join('; ')}`, changesTable([...broken, ...unknown])];
}

function unresolved(result: SimulationView): readonly string[] {
  const [title, ...lines] = unresolvedLines(result);
  return title === undefined ? [] : [details(title, lines.map(bullet))];
}
