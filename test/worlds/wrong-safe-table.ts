import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A test that the table names: its file, and the sentence that it bears. */
export interface NamedTest {
  readonly file: string;
  readonly sentence: string;
}

/** A row of the tables of docs/wrong-safe-answers.md. */
export interface TableRow {
  /** Of a wrong answer; absent for the rules below them. */
  readonly number?: number;
  readonly text: string;
  readonly tests: readonly NamedTest[];
}

/** The checkout. */
export const ROOT = join(import.meta.dirname, '..', '..');

/** The rows of all tables of the page, in their order: the last column names tests as [sentence](../path). */
export function rowsOfTable(): readonly TableRow[] {
  const page = readFileSync(join(ROOT, 'docs', 'wrong-safe-answers.md'), 'utf8');
  return page
    .split('\n')
    .filter((line) => /^\| (\d|[A-Z])/.test(line) && !line.startsWith('| Rule') && !line.startsWith('| Nr'))
    .map(toRow);
}

/** Smaller numbers first. */
export function numericOrder(left: number, right: number): number {
  return left - right;
}

function toRow(line: string): TableRow {
  const [first = '', ...rest] = line.split('|').slice(1, -1);
  const number = /^\s*(\d+)\s*$/.exec(first)?.[1];
  const last = rest.at(-1) ?? '';
  const tests = [...last.matchAll(/\[([^\]]+)\]\(\.\.\/([^)]+)\)/g)].map(([, sentence = '', file = '']) => ({
    file,
    sentence,
  }));
  return { text: line, tests, ...(number === undefined ? {} : { number: Number(number) }) };
}
