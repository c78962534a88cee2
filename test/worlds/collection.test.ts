import { describe, expect, test } from 'vitest';
import { numericOrder, rowsOfTable } from './wrong-safe-table.ts';
import { readWorldCases } from './world-case.ts';

const worlds = readWorldCases();

/** Rows of docs/wrong-safe-answers.md that are about what is said of a call. The others are about gates and rollbacks. */
const ABOUT_CALLS = [
  1, 2, 3, 4, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 32, 34, 35,
];

describe('the collection of worlds', () => {
  test('holds at least sixty, of which a third leave something unknown or hold for some pods only', () => {
    const open = worlds.filter(({ calls }) =>
      calls.some(({ expect: { verdict } }) => verdict === 'unknown' || verdict === 'partial'),
    );
    expect(worlds.length).toBeGreaterThanOrEqual(60);
    expect(open.length * 3).toBeGreaterThanOrEqual(worlds.length);
  });

  test('names each world by a sentence of its own, and each of its calls', () => {
    expect(new Set(worlds.map(({ name }) => name)).size).toBe(worlds.length);
    for (const { file, calls } of worlds) {
      expect(calls.length, file).toBeGreaterThan(0);
      expect(new Set(calls.map(({ name }) => name)).size, file).toBe(calls.length);
    }
  });

  test('holds every wrong answer that is about a call', () => {
    expect([...new Set(worlds.flatMap(({ prevents }) => prevents))].sort(numericOrder)).toEqual(ABOUT_CALLS);
  });

  test('has a world in the table of docs/wrong-safe-answers.md for each of these answers', () => {
    const byWorlds = rowsOfTable().filter(({ tests }) =>
      tests.some(({ file }) => file.startsWith('test/cases/worlds/')),
    );
    expect(byWorlds.flatMap(({ number }) => number ?? [])).toEqual(ABOUT_CALLS);
  });
});
