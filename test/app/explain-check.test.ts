import { describe, expect, it } from 'vitest';
import { listChecks, pageOfCheck } from '../../src/app/explain-check.ts';
import { CATALOGUE } from '../../src/domain/checks/catalogue.ts';
import { AppError } from '../../src/lib/errors.ts';

function failureOf(id: string): AppError {
  try {
    pageOfCheck(id);
  } catch (error) {
    if (error instanceof AppError) return error;
  }
  throw new Error(`${id} did not fail`);
}

describe('explaining a check', () => {
  it('finds every check of the catalogue and gives no function away', () => {
    for (const { id } of CATALOGUE) {
      const page = pageOfCheck(id);
      expect(page).toMatchObject({ id, kind: 'CheckPage' });
      expect(Object.values(page).some((value) => typeof value === 'function')).toBe(false);
    }
    expect(listChecks().checks.map(({ id }) => id)).toEqual(CATALOGUE.map(({ id }) => id));
  });

  it.each(['unmeshed-caller', 'unmeshed', 'UNMESHED-CALLERS', 'unmeshd-callers'])(
    'suggests unmeshed-callers for %s, as a wrong command line',
    (typed) => {
      const error = failureOf(typed);
      expect(error.exitStatus).toBe(2);
      expect(error.hints.join()).toContain('unmeshed-callers');
    },
  );

  it.each(['', 'x', 'zzzzzzzz', '__proto__'])('suggests nothing for %j, and says how to list all', (typed) => {
    expect(failureOf(typed).hints).toEqual(['meshwise explain lists all checks']);
  });
});
