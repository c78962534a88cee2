import { describe, expect, it } from 'vitest';
import { AppError, EXIT } from '../../src/lib/errors.ts';
import { ask } from '../../src/prompts/ask.ts';
import { TARGET_QUESTION } from '../../src/prompts/plan-questions.ts';

describe('ask', () => {
  it.each([true, false])('names the flag where nobody can be asked (asking wanted: %s)', async (wanted) => {
    const failure = await ask(TARGET_QUESTION, { wanted, signal: new AbortController().signal }).catch(
      (error: unknown) => error,
    );
    expect(failure).toBeInstanceOf(AppError);
    if (!(failure instanceof AppError)) return;
    expect(failure.exitStatus).toBe(EXIT.usage);
    expect(failure.message).toContain('--target');
    expect(failure.hints.join(' ')).toContain('istio-sidecar');
  });
});
