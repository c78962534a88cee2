import { describe, expect, it } from 'vitest';

import { collapseWarnings } from '../../src/render/warnings.ts';

function conflict(name: string): string {
  return `Deployment default/${name} is in a.yaml:1 and, different, in b.yaml:2; the last is used`;
}

const conflicts = ['a', 'b', 'c', 'd'].map(conflict);

describe('warnings that are alike', () => {
  it('become one line with their number and the first of them, where it stood', () => {
    const [first = ''] = conflicts;
    const lines = collapseWarnings(['something else', ...conflicts, 'these files look like several clusters']);
    expect(lines).toHaveLength(3);
    expect(lines[1]).toMatch(/^4 objects /);
    expect(lines[1]).toContain(first);
    expect([lines[0], lines[2]]).toEqual(['something else', 'these files look like several clusters']);
  });

  it('stay as they are where they are few', () => {
    expect(collapseWarnings(conflicts.slice(0, 3))).toEqual(conflicts.slice(0, 3));
  });
});
