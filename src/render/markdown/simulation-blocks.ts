import type { Item } from '../document.ts';
import { escapeMarkdown, markdownCode } from '../escape.ts';
import { CHANGE_TITLES, type ToldCall } from '../simulation-groups.ts';
import { callWords, changeWords, decidersOf, fateWords, whyAlone } from '../simulation-lines.ts';
import type { FateChange } from '../../domain/simulate/fate-change.ts';

/** How many rows or lines are shown before the rest is only counted. */
const FEW_ROWS = 50;
const FEW_DECIDERS = 3;

/** Raw text as a member of a list. */
export function bullet(text: string): string {
  return `- ${escapeMarkdown(text)}`;
}

/** List items, each on a line, those under them further in. */
export function bullets(items: readonly Item[], margin = ''): readonly string[] {
  return items.flatMap(({ text, items: inner = [] }) => [`${margin}${bullet(text)}`, ...bullets(inner, `${margin}  `)]);
}

/** Folded away until somebody opens it; the empty line makes what follows Markdown again. */
export function details(summary: string, lines: readonly string[]): string {
  return [`<details><summary>${escapeMarkdown(summary)}</summary>`, '', ...lines, '', '</details>'].join('\n');
}

/** The first lines, and how many more there are. */
export function firstLines(lines: readonly string[]): readonly string[] {
  const more = lines.length - FEW_ROWS;
  return more <= 0 ? lines : [...lines.slice(0, FEW_ROWS), `- and ${String(more)} more (-o json lists them)`];
}

/** Cells are Markdown already. */
export function table(header: readonly string[], rows: readonly (readonly string[])[], rule: string): string {
  return [row(header), rule, ...rows.map(row)].join('\n');
}

/** The first rows, and how many more there are. */
export function cutTable(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const shown = table(header, rows.slice(0, FEW_ROWS), `|${header.map(() => ' --- |').join('')}`);
  const more = rows.length - FEW_ROWS;
  return more <= 0 ? shown : `${shown}\n\nand ${String(more)} more (-o json lists them)`;
}

function row(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`;
}

/** A call with a change. */
export type ChangedCall = ToldCall & { readonly change: FateChange; readonly title?: string };

/** A row for each call that changes. */
export function changesTable(calls: readonly ChangedCall[]): string {
  return cutTable(['change', 'call', 'before', 'after', 'decided by'], calls.map(changeRow));
}

/** A row for each call that keeps its verdict, with what of it changes. */
export function alikeTable(calls: readonly ToldCall[]): string {
  const rows = calls.map(({ followed, before, fate }) => [
    markdownCode(callWords(followed)),
    escapeMarkdown(before === undefined ? fateWords(fate) : changeWords(before, fate)),
    deciders(fate),
  ]);
  return cutTable(['call', 'change', 'decided by'], rows);
}

function changeRow({ change, title, followed, before, fate }: ChangedCall): readonly string[] {
  return [
    escapeMarkdown(title ?? CHANGE_TITLES[change]),
    markdownCode(callWords(followed)),
    escapeMarkdown(before === undefined ? '' : fateWords(before)),
    escapeMarkdown(fateWords(fate)),
    deciders(fate),
  ];
}

/** The first of the objects that decide, as code. */
export function deciders(fate: ToldCall['fate']): string {
  const named = decidersOf(fate);
  const shown = named.slice(0, FEW_DECIDERS).map(markdownCode);
  const more = named.length - shown.length;
  return [...shown, ...(more > 0 ? [`and ${String(more)} more`] : [])].join(', ');
}

/** Why each call fares so, folded away. */
export function why(calls: readonly ToldCall[]): string {
  const lines = calls.map(
    ({ followed, fate }) => `- ${markdownCode(callWords(followed))}: ${escapeMarkdown(whyAlone(fate))}`,
  );
  return details('Why, call by call', firstLines(lines));
}
