import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isValidPath, matchesPath } from '../../../../../src/domain/mesh/istio/authorization/path-template.ts';
import { matchesGlob, matchesPattern } from '../../../../../src/domain/mesh/istio/authorization/string-match.ts';

describe('matching text', () => {
  it('agrees with a regular expression on stars anywhere', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'b', '*'), maxLength: 6 });
    fc.assert(
      fc.property(text, text, (pattern, value) => {
        expect(matchesGlob(pattern, value)).toBe(new RegExp(`^${pattern.replaceAll('*', '.*')}$`).test(value));
      }),
    );
  });

  it('takes a star in the middle for a star in the common form', () => {
    expect([matchesPattern('a*b', 'axb'), matchesPattern('a*b', 'a*b'), matchesPattern('*', '')]).toEqual([
      false,
      true,
      false,
    ]);
  });

  it('leaves templates that end in a slash open', () => {
    expect(matchesPath('/foo/{**}/', '/foo/bar/').known).toBe(false);
    expect(matchesPath('/foo/{**}', '/foo').known).toBe(false);
    expect(matchesPath('/foo/{**}', '/bar')).toEqual({ known: true, value: false });
  });

  it('refuses an operator after {**} and braces around names', () => {
    expect(['/{**}/{*}', '/{name}', '/a{*}', '/{*}/*'].map(isValidPath)).toEqual([false, false, false, false]);
    expect(['/{*}/{**}', '/plain*', '*'].map(isValidPath)).toEqual([true, true, true]);
  });
});
