import { fc, test as property } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import {
  formatSelector,
  isEmptySelector,
  matchesSelector,
  parseLabelSelector,
  parseSelectorText,
} from '../../../src/domain/kubernetes/label-selector.ts';

const key = fc.constantFrom('app', 'tier', 'kubernetes.io/metadata.name', 'x');
const value = fc.constantFrom('a', 'b', '', 'v1.2_3-x');
const labels = fc.dictionary(key, value);
const values = fc.uniqueArray(value, { minLength: 1 });
const requirement = fc.oneof(
  fc.record({ key, operator: fc.constantFrom('In', 'NotIn'), values }),
  fc.record({ key, operator: fc.constantFrom('Exists', 'DoesNotExist') }),
);
const rawSelector = fc.record(
  { matchLabels: labels, matchExpressions: fc.array(requirement, { maxLength: 3 }) },
  { requiredKeys: [] },
);

function matches(raw: unknown, on: Record<string, string>): boolean {
  return matchesSelector(parseLabelSelector(raw), on);
}

describe('parseLabelSelector and matchesSelector', () => {
  it.each([undefined, null, {}, { matchLabels: {} }, { matchExpressions: [] }])('takes %j as everything', (raw) => {
    expect(isEmptySelector(parseLabelSelector(raw))).toBe(true);
    expect(matches(raw, {})).toBe(true);
    expect(matches(raw, { app: 'a' })).toBe(true);
  });

  it('needs every label and every expression', () => {
    const raw = { matchLabels: { app: 'a' }, matchExpressions: [{ key: 'tier', operator: 'In', values: ['x', 'y'] }] };
    expect(matches(raw, { app: 'a', tier: 'y' })).toBe(true);
    expect(matches(raw, { app: 'a', tier: 'z' })).toBe(false);
    expect(matches(raw, { app: 'a' })).toBe(false);
    expect(matches(raw, { tier: 'x' })).toBe(false);
  });

  it('lets NotIn and DoesNotExist hold where the key is absent', () => {
    expect(matches({ matchExpressions: [{ key: 'x', operator: 'NotIn', values: ['a'] }] }, {})).toBe(true);
    expect(matches({ matchExpressions: [{ key: 'x', operator: 'NotIn', values: ['a'] }] }, { x: 'a' })).toBe(false);
    expect(matches({ matchExpressions: [{ key: 'x', operator: 'DoesNotExist' }] }, {})).toBe(true);
    expect(matches({ matchExpressions: [{ key: 'x', operator: 'Exists' }] }, {})).toBe(false);
  });

  it.each([
    'text',
    [],
    { matchLabels: 'a=b' },
    { matchLabels: { app: 1 } },
    { matchExpressions: {} },
    { matchExpressions: ['app'] },
    { matchExpressions: [{ key: 'app', operator: 'Gt', values: ['1'] }] },
    { matchExpressions: [{ key: 'app', operator: 'NotIn', values: [] }] },
    { matchExpressions: [{ key: 'app', operator: 'NotIn', values: [1] }] },
    { matchExpressions: [{ key: 'app', operator: 'DoesNotExist', values: ['a'] }] },
    { matchExpressions: [{ operator: 'DoesNotExist' }] },
  ])('never matches what the API server would refuse: %j', (raw) => {
    expect(matches(raw, {})).toBe(false);
    expect(matches(raw, { app: '1' })).toBe(false);
  });

  it('does not take inherited properties for labels', () => {
    expect(matches({ matchExpressions: [{ key: 'constructor', operator: 'Exists' }] }, {})).toBe(false);
  });

  property.prop([rawSelector, labels])('adding the labels asked for satisfies matchLabels', (raw, others) => {
    const onlyLabels = { matchLabels: raw.matchLabels ?? {} };
    expect(matches(onlyLabels, { ...others, ...onlyLabels.matchLabels })).toBe(true);
  });

  property.prop([key, values, labels])('In is NotIn and Exists turned round', (name, listed, on) => {
    const isIn = matches({ matchExpressions: [{ key: name, operator: 'In', values: listed }] }, on);
    const isNotIn = matches({ matchExpressions: [{ key: name, operator: 'NotIn', values: listed }] }, on);
    expect(isIn).toBe(!isNotIn);
  });

  property.prop([fc.anything(), labels])('never throws on anything', (raw, on) => {
    expect(typeof matches(raw, on)).toBe('boolean');
    expect(typeof formatSelector(parseLabelSelector(raw))).toBe('string');
  });
});

describe('parseSelectorText', () => {
  it('reads what kubectl -l takes', () => {
    expect(parseSelectorText('a=b,c in (d, e),!f,g!=h,i notin (j),k,l==m')).toEqual({
      matchLabels: { a: 'b', l: 'm' },
      matchExpressions: [
        { key: 'c', operator: 'In', values: ['d', 'e'] },
        { key: 'f', operator: 'DoesNotExist', values: [] },
        { key: 'g', operator: 'NotIn', values: ['h'] },
        { key: 'i', operator: 'NotIn', values: ['j'] },
        { key: 'k', operator: 'Exists', values: [] },
      ],
    });
  });

  it('keeps both values where a key is asked for twice, so that nothing matches', () => {
    const selector = parseSelectorText('a=b,a=c');
    expect(selector && matchesSelector(selector, { a: 'b' })).toBe(false);
    expect(selector && matchesSelector(selector, { a: 'c' })).toBe(false);
  });

  it.each(['a=b,', ',', 'a in b', 'a in (b', 'a in ((b))', 'a=b=c', '-a', 'a>1', 'a=b c', '!a=b'])(
    'refuses %j',
    (text) => {
      expect(parseSelectorText(text)).toBeUndefined();
    },
  );

  property.prop([rawSelector, labels])('reads back what formatSelector writes', (raw, on) => {
    const selector = parseLabelSelector(raw);
    const again = parseSelectorText(formatSelector(selector));
    expect(again && matchesSelector(again, on)).toBe(matchesSelector(selector, on));
  });
});
