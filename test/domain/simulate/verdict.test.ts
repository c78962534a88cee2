import { describe, expect, test } from 'vitest';
import { verdictOverCohorts, type Verdict } from '../../../src/domain/simulate/verdict.ts';

describe('the verdict over pairs of cohorts', () => {
  test.each<[readonly Verdict[], Verdict]>([
    [['breaks', 'breaks'], 'breaks'],
    [['breaks', 'ok'], 'partial'],
    [['breaks', 'unknown'], 'partial'],
    [['breaks', 'unknown', 'ok'], 'partial'],
    [['unknown', 'ok'], 'unknown'],
    [['degraded', 'ok'], 'degraded'],
    [[], 'ok'],
  ])('%j is %s', (verdicts, expected) => {
    expect(verdictOverCohorts(verdicts)).toBe(expected);
  });
});
