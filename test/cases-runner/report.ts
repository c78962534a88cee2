import type { Failure, GroupResult } from './run-cases.ts';

/** The lines to print: each group with its failures below it, and the sum over all groups last. */
export function report(results: readonly GroupResult[]): readonly string[] {
  const passed = results.reduce((sum, group) => sum + group.passed, 0);
  const failed = results.reduce((sum, group) => sum + group.failures.length, 0);
  return [...results.flatMap(groupLines), `${String(passed)} passed, ${String(failed)} failed`];
}

function groupLines({ group, gates, passed, failures }: GroupResult): string[] {
  const informative = gates ? '' : ' (does not fail the run)';
  const title = `${group}: ${String(passed)} passed, ${String(failures.length)} failed${informative}`;
  return [title, ...failures.map(failureLine)];
}

function failureLine({ id, topic, expected, actual }: Failure): string {
  return `  ${id} ${topic}: expected ${JSON.stringify(expected)}, got ${JSON.stringify(actual)}`;
}
