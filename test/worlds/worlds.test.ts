import { describe, expect, test } from 'vitest';
import { judgeWorld } from './judge-world.ts';
import { readWorldCases } from './world-case.ts';

const worlds = readWorldCases();

describe('composed worlds', () => {
  test.each(worlds)('$name ($file)', async (world) => {
    const judged = await judgeWorld(world);
    expect(judged.map(({ name, actual }) => ({ name, actual }))).toEqual(
      judged.map(({ name, expected }) => ({ name, actual: expected })),
    );
  });
});
