import { escapeTerminal } from '../escape.ts';
import type { Failure } from '../failure.ts';

/** The failure for standard error: what went wrong, then what to do, one line each, then the stack if given; with a final newline. */
export function renderFailure(failure: Failure, stack = ''): string {
  return [
    `error: ${escapeTerminal(failure.message)} [${escapeTerminal(failure.code)}]`,
    ...failure.hints.map((hint) => `  hint: ${escapeTerminal(hint)}`),
    ...stack
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => `  ${escapeTerminal(line)}`),
    '',
  ].join('\n');
}
