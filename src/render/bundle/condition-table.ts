import type { Condition } from '../../domain/rollout/plan.ts';
import { escapeMarkdown } from '../escape.ts';
import { capped, withFewNames } from './cut.ts';
import { code, type Markdown } from './markdown.ts';
import { sharedForm } from './text-forms.ts';

const ROWS_SHOWN = 25;

const NAMES_IN_CELL = 3;

/** What the conditions, all of one form, say: `(1)` and so on stand for the columns of the table. */
export function formText(conditions: readonly Condition[]): string {
  return formWith(
    conditions.map(({ text }) => text),
    (place) => `**${columnName(place)}**`,
  );
}

/** The evidence that they ask for, with an ellipsis for what each names of its own; empty where they ask for none. */
export function formEvidence(conditions: readonly Condition[]): string {
  return formWith(
    conditions.map(({ positiveEvidence = '' }) => positiveEvidence),
    () => '…',
  );
}

function formWith(texts: readonly string[], markOf: (place: number) => string): string {
  return sharedForm(texts)
    .pieces.map((piece) => (typeof piece === 'number' ? markOf(piece) : escapeMarkdown(withFewNames(piece))))
    .join('');
}

/** The lines of a table of the conditions: the id and what differs from one to the next. */
export function conditionTable(conditions: readonly Condition[], file: string): readonly string[] {
  const { cells } = sharedForm(conditions.map(({ text }) => text));
  const columns = (cells[0] ?? []).map((_, column) => columnName(column));
  const rows = conditions.map(({ id }, index) => row([code(id), ...(cells[index] ?? []).map(cellOf)]));
  const { shown, more } = capped(rows, ROWS_SHOWN);
  const head = ['Id', ...columns];
  return [
    `| ${head.join(' | ')} |`,
    `|${'---|'.repeat(head.length)}`,
    ...shown,
    ...(more === '' ? [] : ['', more.replace('plan.json', file)]),
  ];
}

function columnName(column: number): string {
  return `(${String(column + 1)})`;
}

function row(cells: readonly Markdown[]): string {
  return `| ${cells.map((cell) => cell.markdown).join(' | ')} |`;
}

function cellOf(value: string): Markdown {
  const names = value.split(', ');
  if (names.length <= NAMES_IN_CELL) return { markdown: escapeMarkdown(value) };
  const first = names.slice(0, NAMES_IN_CELL - 1).join(', ');
  return { markdown: escapeMarkdown(`${String(names.length)}: ${first} and ${String(names.length - 2)} more`) };
}
