import { describe, expect, test } from 'vitest';
import { runCases } from './cases-runner/run-cases.ts';

const results = runCases(new URL('cases', import.meta.url).pathname);

describe('the truth tables', () => {
  test.each(results.filter(({ gates }) => gates))('pass in group $group', ({ passed, failures }) => {
    expect(failures).toEqual([]);
    expect(passed).toBeGreaterThan(0);
  });

  test('are all there', () => {
    expect(results.filter(({ gates }) => gates).map(({ group }) => group)).toEqual([
      'istio/authz',
      'istio/destinationrule-interplay',
      'istio/injection',
      'istio/peer',
      'istio/peerauth',
      'istio/protocol',
      'linkerd/authz',
      'linkerd/default-policy',
      'linkerd/injection',
      'linkerd/opaque-ports',
      'linkerd/protocol',
    ]);
  });

  test('hold no adoption case whose published choice our own rules veto or whose input we cannot read', () => {
    const failures = results.find(({ group }) => group === 'decision')?.failures ?? [];
    const broken = failures.filter(({ actual }) => JSON.stringify(actual).includes('"structural":false'));
    expect(broken).toEqual([]);
  });
});
