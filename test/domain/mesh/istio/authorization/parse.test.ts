import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { validateAuthorizationPolicy } from '../../../../../src/domain/mesh/istio/authorization/validation.ts';
import { policy } from './fixtures.ts';

describe('reading an AuthorizationPolicy', () => {
  it('takes any spec without throwing, and validation too', () => {
    fc.assert(
      fc.property(fc.anything(), fc.anything(), (rules, selector) => {
        const parsed = policy('p', { rules, selector, targetRefs: rules, action: selector });
        expect(validateAuthorizationPolicy(parsed)).toBeInstanceOf(Array);
      }),
    );
  });

  it('flags fields of the wrong type and skips rules with an unknown condition key', () => {
    const parsed = policy('p', { rules: [{ from: 'all' }, { when: [{ key: 'request.size', values: ['1'] }] }] });
    expect(parsed.rules.map((rule) => [rule.unreadable !== undefined, rule.skipped !== undefined])).toEqual([
      [true, false],
      [false, true],
    ]);
  });

  it('reads the dry-run annotation as Go reads booleans', () => {
    const read = (text: string): boolean => policy('p', {}, { 'istio.io/dry-run': text }).dryRun;
    expect(['true', 'T', '1', 'yes', 'false', 'tRue'].map(read)).toEqual([true, true, true, false, false, false]);
  });
});
