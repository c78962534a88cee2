import { existsSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readWorldCases } from './world-case.ts';
import { ROOT, rowsOfTable, type NamedTest } from './wrong-safe-table.ts';

const rows = rowsOfTable();
const worlds = new Map(readWorldCases().map((world) => [world.file, world]));

/** What the file says, so that a sentence of it can be looked for. */
function sentencesOf({ file }: NamedTest): string {
  const world = worlds.get(basename(file));
  if (world !== undefined && file.startsWith('test/cases/worlds/')) return world.name;
  return readFileSync(join(ROOT, file), 'utf8').replaceAll("\\'", "'");
}

describe('docs/wrong-safe-answers.md', () => {
  test('has a row for each of the thirty-five wrong answers, and one for each of five rules', () => {
    expect(rows.flatMap(({ number }) => number ?? [])).toEqual(Array.from({ length: 35 }, (_, index) => index + 1));
    expect(rows.filter(({ number }) => number === undefined)).toHaveLength(5);
  });

  test('names for each row a test, or says that there is none yet', () => {
    expect(rows.filter(({ tests, text }) => tests.length === 0 && !text.includes('None yet'))).toEqual([]);
  });

  test('names tests that are there, by sentences that they bear', () => {
    const missing = rows
      .flatMap(({ tests }) => tests)
      .filter((named) => !existsSync(join(ROOT, named.file)) || !sentencesOf(named).includes(named.sentence));
    expect(missing).toEqual([]);
  });

  test('names worlds that say the same of themselves', () => {
    for (const { number, tests } of rows) {
      if (number === undefined) continue;
      for (const { file } of tests) {
        const world = file.startsWith('test/cases/worlds/') ? worlds.get(basename(file)) : undefined;
        if (world !== undefined) expect(world.prevents, file).toContain(number);
      }
    }
  });
});
