import { describe, expect, test } from 'vitest';
import { changeWords, fateWords, modeOnce, unresolvedLines, whyAlone } from '../../src/render/simulation-lines.ts';
import { brokenFate, okFate } from './simulation-view.ts';

describe('why a call fares so', () => {
  test('names a mode once', () => {
    const refused = 'No filter chain of a port in mode STRICT takes plaintext HTTP.';
    expect(modeOnce(`${refused} (mode STRICT)`)).toBe(refused);
    expect(modeOnce(`${refused} (mode STRICT) (mode STRICT)`)).toBe(refused);
    expect(whyAlone({ ...brokenFate(), why: `${refused} (mode STRICT) (shop/a, pod 1 to shop/b, pod 2)` })).toBe(
      refused,
    );
  });

  test.each(['The port takes plaintext HTTP. (mode PERMISSIVE)', 'a port in mode STRICT (mode PERMISSIVE)', ''])(
    'leaves %j as it is',
    (why) => {
      expect(modeOnce(why)).toBe(why);
    },
  );
});

describe('how a call changes', () => {
  test('is told in words for an identity that is none or not known', () => {
    expect(changeWords(brokenFate(), okFate())).toContain('as nobody -> as spiffe://');
    expect(changeWords(okFate(), { ...okFate(), identity: 'unknown' })).toBe(
      'as spiffe://cluster.local/ns/shop/sa/cart -> as somebody unknown',
    );
  });

  test('tells of no identity where pods differ and the change is told without', () => {
    const wires = { plaintext: 1, mtls: 1 };
    const partial = { ...okFate(), verdict: 'partial', wires, cohorts: { looked: 2, broken: 1, unknown: 0 } } as const;
    expect(changeWords({ ...okFate(), wires, identity: 'none' }, partial)).toBe(
      'ok, plaintext or mutual TLS -> partial for 1 of 2 pairs of pod groups, plaintext or mutual TLS',
    );
    expect(changeWords({ ...okFate(), wires, identity: 'none' }, { ...okFate(), wires })).toContain('as nobody -> as');
  });

  test('says so where only the deciding objects differ', () => {
    expect(changeWords(okFate(), okFate())).toBe('ok, mutual TLS; decided by other objects');
  });

  test('counts groups of pods, not pods', () => {
    const partial = { ...brokenFate(), verdict: 'partial', cohorts: { looked: 4, broken: 2, unknown: 0 } } as const;
    expect(fateWords(partial)).toBe('partial for 2 of 4 pairs of pod groups, plaintext');
  });
});

describe('what a simulation could not use', () => {
  test('takes no line where all was used', () => {
    expect(unresolvedLines({ unresolved: [] })).toEqual([]);
  });

  test('is counted, and the first ten are named', () => {
    const unresolved = Array.from({ length: 12 }, (_, row) => ({ source: `calls.csv:${String(row)}`, reason: 'why' }));
    const lines = unresolvedLines({ unresolved });
    expect(lines[0]).toContain('not understood in full: 12.');
    expect(lines.slice(1, 11)).toEqual(unresolved.slice(0, 10).map(({ source }) => `${source}: why`));
    expect(lines[11]).toBe('and 2 more (-o json lists them)');
  });
});
