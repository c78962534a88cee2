import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { report } from './report.ts';
import { runCases } from './run-cases.ts';

describe('the truth-table runner', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'meshwise-cases-'));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  const portCase = { id: 'X-1', group: 'protocol', topic: 'port-protocol', input: { port: { name: 'http-web' } } };

  function run(...cases: readonly unknown[]): readonly string[] {
    writeFileSync(join(folder, 'mine.json'), JSON.stringify({ cases }));
    return report(runCases(folder));
  }

  test('runs files of any name and ends with the sum', () => {
    expect(run({ ...portCase, expect: { protocol: 'HTTP' } })).toEqual([
      'istio/protocol: 1 passed, 0 failed',
      '1 passed, 0 failed',
    ]);
  });

  test('names what a failing case expected and got', () => {
    const lines = run({ ...portCase, expect: { protocol: 'TCP' } });
    expect(lines[1]).toBe('  X-1 port-protocol: expected {"protocol":"TCP"}, got {"protocol":"HTTP"}');
  });

  test.each([
    ['an unknown topic', { ...portCase, topic: 'nonsense', expect: { protocol: 'HTTP' } }],
    ['an unknown group', { ...portCase, group: 'nonsense', expect: { protocol: 'HTTP' } }],
    ['a field that the answer lacks', { ...portCase, expect: { protocol: 'HTTP', colour: 'red' } }],
    ['no expectation', portCase],
    ['an empty expectation', { ...portCase, expect: {} }],
    ['no case at all', 'text'],
  ])('counts %s as failed', (_what, odd) => {
    expect(run(odd).at(-1)).toBe('0 passed, 1 failed');
  });

  test('counts a file that is no JSON as a failure', () => {
    writeFileSync(join(folder, 'broken.json'), '{');
    expect(report(runCases(folder)).at(-1)).toBe('0 passed, 1 failed');
  });
});
