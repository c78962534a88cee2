import { describe, expect, test } from 'vitest';
import { unresolvedLines } from '../../src/render/simulation-lines.ts';

describe('what a simulation could not use', () => {
  test('takes no line where all was used', () => {
    expect(unresolvedLines({ unresolved: [] })).toEqual([]);
  });

  test('is counted, and the first ten are named', () => {
    const unresolved = Array.from({ length: 12 }, (_, row) => ({ source: `calls.csv:${String(row)}`, reason: 'why' }));
    const lines = unresolvedLines({ unresolved });
    expect(lines[0]).toContain('not understood in full: 12.');
    expect(lines.slice(1, 11)).toEqual(unresolved.slice(0, 10).map(({ source }) => `${source}: why`));
    expect(lines[11]).toBe('and 2 more (-o json lists them)');
  });
});
