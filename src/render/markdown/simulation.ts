import { FATE_CHANGES } from '../../domain/simulate/fate-change.ts';
import type { FollowedCall } from '../../domain/simulate/followed.ts';
import { VERDICTS } from '../../domain/simulate/verdict.ts';
import { basisLine } from '../../domain/world/result-head.ts';
import { escapeMarkdown, markdownCode } from '../escape.ts';
import { answerSentence, followedSentence, simulationDocument, transitionSentence } from '../simulation-document.ts';
import { coverageLines } from '../simulation-coverage.ts';
import { changedCalls, CHANGE_TITLES, type ToldCall } from '../simulation-groups.ts';
import {
  callWords,
  decidersOf,
  fateWords,
  unresolvedLines,
  whyAlone,
  type SimulationView,
} from '../simulation-lines.ts';
import { countOf } from '../words.ts';
import { renderDocumentMarkdown } from './document.ts';

const FEW_ROWS = 50;
const FEW_DECIDERS = 3;

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
    ...(result.worlds.length === 1 ? asItIs(result) : transitions(result)),
    details('How well the calls are known', coverageLines(result.callCoverage).map(bullet)),
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
    list.map((what) => `${markdownCode(worlds[index]?.id ?? '')}: ${escapeMarkdown(what)}`),
  );
  if (lines.length === 0) return [];
  return [
    [
      `## Opens: ${countOf(lines.length, 'door')}`,
      '',
      ...firstRows(
        lines.map((line) => `- ${line}`),
        (more) => `- and ${more} more`,
      ),
    ].join('\n'),
  ];
}

function transitions(result: SimulationView): readonly string[] {
  return result.transitions.flatMap((transition, index) => {
    const { from, to } = transition;
    const told = FATE_CHANGES.map((change) => ({ change, calls: changedCalls(result.calls, index + 1, change) }));
    const rows = told.flatMap(({ change, calls }) => calls.map((call) => changeRow(CHANGE_TITLES[change], call)));
    const all = told.flatMap(({ calls }) => calls);
    return [
      `## From ${markdownCode(from)} to ${markdownCode(to)}`,
      escapeMarkdown(transitionSentence(transition)),
      ...(rows.length === 0 ? [] : [changesTable(rows), why(all)]),
    ];
  });
}

function changeRow(title: string, { followed, before, fate }: ToldCall): readonly string[] {
  return [
    escapeMarkdown(title),
    markdownCode(callWords(followed)),
    escapeMarkdown(before === undefined ? '' : fateWords(before)),
    escapeMarkdown(fateWords(fate)),
    deciders(fate),
  ];
}

function changesTable(rows: readonly (readonly string[])[]): string {
  return cutTable(['change', 'call', 'before', 'after', 'decided by'], rows);
}

function asItIs(result: SimulationView): readonly string[] {
  const told = result.calls.flatMap((followed) => followed.fates.slice(-1).map((fate) => ({ followed, fate })));
  const plain = result.plaintext ?? [];
  return [
    ...(told.length === 0
      ? []
      : [
          `## Not ok: ${countOf(told.length, 'call')}`,
          cutTable(
            ['call', 'fate', 'decided by'],
            told.map(({ followed, fate }) => [
              markdownCode(callWords(followed)),
              escapeMarkdown(fateWords(fate)),
              deciders(fate),
            ]),
          ),
          why(told),
        ]),
    ...(plain.length === 0
      ? []
      : [details(`Works in plaintext: ${countOf(plain.length, 'call')}`, plain.map(callBullet))]),
    ...strict(result),
  ];
}

function strict({ underStrict }: SimulationView): readonly string[] {
  if (underStrict === undefined) return [];
  if (underStrict.reason !== undefined)
    return [escapeMarkdown(`What STRICT would break is not told: ${underStrict.reason}.`)];
  const rows = (['broken', 'unknown'] as const).flatMap((change) =>
    changedCalls(underStrict.calls, 1, change).map((call) =>
      changeRow(change === 'broken' ? 'would break' : 'not known', call),
    ),
  );
  if (rows.length === 0) return ['Under STRICT no call that is known would break now.'];
  return [`## Under STRICT now: ${countOf(rows.length, 'call')} would break or are not known`, changesTable(rows)];
}

function why(calls: readonly ToldCall[]): string {
  const lines = calls.map(
    ({ followed, fate }) => `- ${markdownCode(callWords(followed))}: ${escapeMarkdown(whyAlone(fate))}`,
  );
  return details('Why, call by call', lines);
}

function deciders(fate: ToldCall['fate']): string {
  const named = decidersOf(fate);
  const shown = named.slice(0, FEW_DECIDERS).map(markdownCode);
  const more = named.length - shown.length;
  return [...shown, ...(more > 0 ? [`and ${String(more)} more`] : [])].join(', ');
}

function callBullet(followed: FollowedCall): string {
  return `- ${markdownCode(callWords(followed))}`;
}

function bullet(text: string): string {
  return `- ${escapeMarkdown(text)}`;
}

function unresolved(result: SimulationView): readonly string[] {
  const [title, ...lines] = unresolvedLines(result);
  return title === undefined ? [] : [details(title, lines.map(bullet))];
}

/** Folded away until somebody opens it; the empty line makes what follows Markdown again. */
function details(summary: string, lines: readonly string[]): string {
  return [`<details><summary>${escapeMarkdown(summary)}</summary>`, '', ...lines, '', '</details>'].join('\n');
}

function cutTable(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const shown = table(header, rows.slice(0, FEW_ROWS), `|${header.map(() => ' --- |').join('')}`);
  const more = rows.length - FEW_ROWS;
  return more <= 0 ? shown : `${shown}\n\nand ${String(more)} more (-o json lists them)`;
}

function table(header: readonly string[], rows: readonly (readonly string[])[], rule: string): string {
  return [line(header), rule, ...rows.map(line)].join('\n');
}

function line(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`;
}

function firstRows(lines: readonly string[], rest: (more: string) => string): readonly string[] {
  const more = lines.length - FEW_ROWS;
  return more <= 0 ? lines : [...lines.slice(0, FEW_ROWS), rest(String(more))];
}
