import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const ROOT = join(import.meta.dirname, '..', '..', '..', '..');
const page = readFileSync(join(ROOT, 'docs', 'traps.md'), 'utf8');
const rows = page.split('\n').filter((line) => /^\| [SDP]\d/.test(line));
const below = page.split('\n').filter((line) => /^- [SDP]\d/.test(line));

function numbered(letter: string, count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => `${letter}${String(index + 1)}`);
}

function idOf(line: string): string {
  return /^[|-] ([SDP]\d+)/.exec(line)?.[1] ?? '';
}

function testsOf(row: string): readonly { readonly sentence: string; readonly file: string }[] {
  return [...row.matchAll(/\[([^\]]+)\]\(\.\.\/([^)]+)\)/g)].map(([, sentence = '', file = '']) => ({
    sentence,
    file,
  }));
}

test('every trap has a row, or stands below with the reason why objects cannot show it', () => {
  const named = [...rows, ...below].map(idOf).sort();
  expect(named).toEqual([...numbered('S', 26), ...numbered('D', 17), ...numbered('P', 34)].sort());
});

test('every row names a test', () => {
  expect(rows.filter((row) => testsOf(row).length === 0).map(idOf)).toEqual([]);
});

test('the tests that are named are there, by sentences that they bear', () => {
  const missing = rows
    .flatMap(testsOf)
    .filter(
      ({ sentence, file }) =>
        !existsSync(join(ROOT, file)) ||
        !readFileSync(join(ROOT, file), 'utf8').replaceAll("\\'", "'").includes(sentence),
    );
  expect(missing).toEqual([]);
});
