import { groupBy } from '../../lib/order.ts';
import { escapeTerminal } from '../escape.ts';
import type { Paint } from './style.ts';
import { displayWidth, truncate, truncateMiddle } from './width.ts';
import { wrapLines } from './wrap.ts';

export interface Column {
  readonly header: string;
  readonly align?: 'left' | 'right';
  /** Break what does not fit over several lines instead of cutting it with an ellipsis. */
  readonly wrap?: boolean;
  /** Never narrower than this many columns, unless its content is; default 6. */
  readonly minWidth?: number;
}

/** The content of a cell: raw text (it is escaped here), and how to paint it once it has its final width. */
export type Cell = string | { readonly text: string; readonly paint: Paint };

export interface Table {
  readonly columns: readonly Column[];
  readonly rows: readonly (readonly Cell[])[];
  /** Columns of the terminal; default 80. Infinity cuts nothing. */
  readonly width?: number;
  readonly paintHeader?: Paint;
}

const GAP = '  ';
const DEFAULT_MIN_WIDTH = 6;

/** A table with a header line for a terminal, without trailing spaces and without a final newline; the widest columns give way first. */
export function renderTable(table: Table): string {
  const header: readonly Cell[] = table.columns.map((column) =>
    table.paintHeader === undefined ? column.header : { text: column.header, paint: table.paintHeader },
  );
  const rows = [header, ...table.rows];
  const widths = fit(table.columns, naturalWidths(table.columns, rows), table.width ?? 80);
  const alike = table.columns.map((_, index) => alikeWhenCut(rows, index, widths[index] ?? 0));
  return rows.map((row) => renderRow(row, { columns: table.columns, widths, alike })).join('\n');
}

/** The texts of a column that could not be told apart by their beginnings. */
function alikeWhenCut(rows: Table['rows'], column: number, width: number): ReadonlySet<string> {
  const texts = [...new Set(rows.map((row) => visibleText(row[column])))];
  const groups = [...groupBy(texts, (text) => truncate(text, width)).values()];
  return new Set(groups.filter((group) => group.length > 1).flat());
}

interface Sheet {
  readonly columns: readonly Column[];
  readonly widths: readonly number[];
  /** For each column the texts whose ends must be seen. */
  readonly alike: readonly ReadonlySet<string>[];
}

function naturalWidths(columns: readonly Column[], rows: readonly (readonly Cell[])[]): readonly number[] {
  return columns.map((_, index) =>
    rows.reduce((widest, row) => Math.max(widest, displayWidth(visibleText(row[index]))), 0),
  );
}

/** Narrows the widest column that may still give way, one terminal column at a time, until the row fits. */
function fit(columns: readonly Column[], natural: readonly number[], available: number): readonly number[] {
  const widths = [...natural];
  const floor = columns.map((column) => column.minWidth ?? DEFAULT_MIN_WIDTH);
  let excess = widths.reduce((sum, width) => sum + width, 0) + GAP.length * (widths.length - 1) - available;
  while (excess > 0) {
    let widest = -1;
    widths.forEach((width, index) => {
      if (width > (floor[index] ?? 0) && width > (widths[widest] ?? 0)) widest = index;
    });
    if (widest < 0) break;
    widths[widest] = (widths[widest] ?? 0) - 1;
    excess -= 1;
  }
  return widths;
}

function renderRow(row: readonly Cell[], { columns, widths, alike }: Sheet): string {
  const cells = columns.map((column, index) => {
    const text = visibleText(row[index]);
    const width = widths[index] ?? 0;
    if (column.wrap === true) return wrapLines(text, { width, breakWords: true });
    return [alike[index]?.has(text) === true ? truncateMiddle(text, width) : truncate(text, width)];
  });
  const height = Math.max(1, ...cells.map((lines) => lines.length));
  return Array.from({ length: height }, (_, line) => renderLine({ columns, row, widths, cells, line })).join('\n');
}

interface LineParts {
  readonly columns: readonly Column[];
  readonly row: readonly Cell[];
  readonly widths: readonly number[];
  readonly cells: readonly (readonly string[])[];
  readonly line: number;
}

function renderLine(parts: LineParts): string {
  const texts = parts.columns.map((_, index) => parts.cells[index]?.[parts.line] ?? '');
  const last = texts.findLastIndex((text) => text !== '');
  return texts
    .slice(0, last + 1)
    .map((text, index) => {
      const padding = ' '.repeat(Math.max(0, (parts.widths[index] ?? 0) - displayWidth(text)));
      const painted = text === '' ? '' : paint(parts.row[index], text);
      if (parts.columns[index]?.align === 'right') return `${padding}${painted}`;
      return index === last ? painted : `${painted}${padding}`;
    })
    .join(GAP);
}

function visibleText(cell: Cell | undefined): string {
  return escapeTerminal(typeof cell === 'object' ? cell.text : (cell ?? ''));
}

function paint(cell: Cell | undefined, text: string): string {
  return typeof cell === 'object' ? cell.paint(text) : text;
}
