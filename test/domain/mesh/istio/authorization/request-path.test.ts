import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { comparedPath } from '../../../../../src/domain/mesh/istio/authorization/request-path.ts';
import { known } from '../../../../../src/domain/world/fact.ts';

describe('the path that policies compare', () => {
  test.each([
    ['/', '/'],
    ['/api/v1.2/..x/.well-known', '/api/v1.2/..x/.well-known'],
    ['/admin?user=a%20b', '/admin'],
    ['/a:b;c=d', '/a:b;c=d'],
  ])('of %s is %s', (path, compared) => {
    expect(comparedPath(path)).toEqual(known(compared));
  });

  test.each([
    '/x/../admin',
    '/x/./admin',
    '/x/..',
    '/x/.',
    '/%61dmin',
    '//admin',
    String.raw`/x\admin`,
    '/admin#top',
    '/a b',
    '/ä',
    'admin',
    '*',
    '',
    '?',
  ])('of %j is not known', (path) => {
    expect(comparedPath(path).known).toBe(false);
  });

  test('is never known to be one that has a dot segment or an escape', () => {
    const piece = fc.constantFrom('/', '.', '..', 'a', '%2e', '%61', '\\', '?', 'x');
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 8 }), (pieces) => {
        const compared = comparedPath(`/${pieces.join('')}`);
        if (!compared.known) return;
        const url = new URL(compared.value, 'http://host');
        expect(url.pathname).toBe(compared.value);
        expect(compared.value).not.toMatch(/%|\\|\/\/|\?/);
      }),
    );
  });
});
