import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { breaksMore, changeBetween } from '../../../src/domain/simulate/fate-change.ts';
import { cutsCalls, VERDICTS, type Fate } from '../../../src/domain/simulate/verdict.ts';

function fate(parts: Partial<Fate>): Fate {
  return {
    verdict: 'ok',
    wire: 'mtls',
    identity: 'spiffe://cluster.local/ns/shop/sa/cart',
    authorization: 'allow',
    why: 'so it is',
    decidedBy: [],
    cohorts: { looked: 1, broken: 0, unknown: 0 },
    ...parts,
  };
}

const HALF = { looked: 2, broken: 1, unknown: 0 };
const MOST = { looked: 3, broken: 2, unknown: 0 };
const decider = (name: string): Fate['decidedBy'] => [
  { object: { kind: 'security.istio.io/PeerAuthentication', namespace: 'shop', name }, rule: 'decides' },
];

describe('what changes between two fates', () => {
  test.each<readonly [string, Partial<Fate>, Partial<Fate>, ReturnType<typeof changeBetween>]>([
    ['it breaks', {}, { verdict: 'breaks' }, 'broken'],
    ['it breaks for some', {}, { verdict: 'partial', cohorts: HALF }, 'broken'],
    ['it breaks for all', { verdict: 'partial', cohorts: HALF }, { verdict: 'breaks' }, 'broken'],
    ['it breaks for more', { verdict: 'partial', cohorts: HALF }, { verdict: 'partial', cohorts: MOST }, 'broken'],
    ['it broke and is not known', { verdict: 'breaks' }, { verdict: 'unknown' }, 'unknown'],
    ['it is not known any more', {}, { verdict: 'unknown' }, 'unknown'],
    ['it is less protected', {}, { wire: 'plaintext' }, 'weaker'],
    ['some of it is less protected', {}, { wires: { plaintext: 1, mtls: 1 } }, 'weaker'],
    ['it loses something', {}, { verdict: 'degraded' }, 'degraded'],
    ['it works again', { verdict: 'breaks' }, {}, 'mended'],
    ['it works, and loses something', { verdict: 'breaks' }, { verdict: 'degraded' }, 'mended'],
    ['it breaks for fewer', { verdict: 'breaks' }, { verdict: 'partial', cohorts: HALF }, 'mended'],
    ['it is better protected', { wire: 'plaintext' }, {}, 'stronger'],
    ['what is on the wire is not known any more', { wire: 'mtls' }, { wire: 'unknown' }, 'weaker'],
    ['nobody knows whether it still is in plaintext', { wire: 'plaintext' }, { wire: 'unknown' }, 'otherwise'],
    ['nobody knows what was on the wire', { wire: 'unknown' }, { wire: 'mtls' }, 'otherwise'],
    ['it shows another identity', {}, { identity: 'none' }, 'otherwise'],
    ['another object decides', { decidedBy: decider('a') }, { decidedBy: decider('b') }, 'otherwise'],
    ['ambient instead of a sidecar carries it', { wire: 'mtls' }, { wire: 'hbone' }, 'otherwise'],
    ['only the words differ', {}, { why: 'for another reason' }, undefined],
    [
      'other pods of the same kinds',
      { wires: { mtls: 1, plaintext: 2 } },
      { wires: { mtls: 3, plaintext: 1 } },
      undefined,
    ],
  ])('%s', (...[, before, after, change]) => {
    expect(changeBetween(fate(before), fate(after))).toBe(change);
  });

  test('is nothing between a fate and itself, and is broken exactly where the call breaks for more', () => {
    const any = fc
      .record({ verdict: fc.constantFrom(...VERDICTS), wire: fc.constantFrom('mtls', 'plaintext'), broken: fc.nat(4) })
      .map(({ verdict, wire, broken }) => fate({ verdict, wire, cohorts: { looked: 4, broken, unknown: 0 } }));
    fc.assert(
      fc.property(any, any, (before, after) => {
        expect(changeBetween(before, { ...before })).toBeUndefined();
        expect(changeBetween(before, after) === 'broken').toBe(breaksMore(before, after));
        if (cutsCalls(after.verdict) && !cutsCalls(before.verdict)) expect(changeBetween(before, after)).toBe('broken');
      }),
    );
  });
});
