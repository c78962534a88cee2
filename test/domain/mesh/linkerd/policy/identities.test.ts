import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { matchesIdentity, parseIdentityMatch } from '../../../../../src/domain/mesh/linkerd/policy/identities.ts';

const matches = (identity: string, client: string): boolean => matchesIdentity(parseIdentityMatch(identity), client);
const label = fc.constantFrom('a', 'b', 'shop', 'x1');
const name = fc.array(label, { minLength: 1, maxLength: 4 }).map((labels) => labels.join('.'));

describe('an identity string', () => {
  test('with a star in front means the names below the rest, and not the rest itself', () => {
    fc.assert(
      fc.property(name, name, (suffix, client) => {
        expect(matches(`*.${suffix}`, client)).toBe(
          client.split('.').slice(1).join('.') === suffix || client.endsWith(`.${suffix}`),
        );
        expect(matches(`*.${suffix}`, suffix)).toBe(suffix.endsWith(`.${suffix}`));
      }),
    );
  });

  test('that is a star alone means every DNS name and no SPIFFE id', () => {
    fc.assert(
      fc.property(name, (client) => {
        expect(matches('*', client)).toBe(true);
        expect(matches('*', `spiffe://root/${client}`)).toBe(false);
        expect(matches(`*.${client}`, `spiffe://root/x.${client}`)).toBe(false);
      }),
    );
  });

  test('means itself alone where the star is elsewhere', () => {
    expect(matches('web.*.local', 'web.shop.local')).toBe(false);
    expect(matches('**.local', 'web.local')).toBe(false);
    expect(matches('*x.local', 'web-x.local')).toBe(false);
    expect(matches('spiffe://root/vm', 'spiffe://root/vm')).toBe(true);
  });
});
