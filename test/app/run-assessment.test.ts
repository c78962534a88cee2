import { describe, expect, it } from 'vitest';
import { readExclusions, runAssessment } from '../../src/app/run-assessment.ts';
import { exposed, openedManifests } from './opened-manifests.ts';

describe('assessing a world', () => {
  it('takes answers and exclusions as they were typed', async () => {
    const opened = await openedManifests(exposed('shop', 'front'));
    const result = runAssessment(opened, { answers: ['latency=some'], exclusions: ['consul=no licence'] });
    expect(result.criteria.find(({ id }) => id === 'latency')).toMatchObject({ value: { low: 0.5, high: 0.5 } });
    const consul = result.options.find(({ option }) => option === 'consul');
    expect(consul).toMatchObject({ dropped: true, vetoes: [{ id: 'excluded', reason: 'no licence' }] });
    expect(result).toMatchObject({ kind: 'Assessment', basis: 'declared', cluster: { name: 'manifests' } });
  });

  it('counts the calls that are known', async () => {
    const result = runAssessment(await openedManifests(exposed('shop', 'front')), { answers: [], exclusions: [] });
    expect(result.calls).toEqual({ calls: 1, known: 1, grpc: 0 });
  });

  it('names no option where there is no workload', async () => {
    const { recommendation } = runAssessment(await openedManifests([]), { answers: [], exclusions: [] });
    expect(recommendation).toMatchObject({ verdict: 'undecided', option: undefined });
  });
});

describe('reading exclusions', () => {
  it('splits at the first equals sign', () => {
    expect(readExclusions(['cilium=a=b', 'none= we must '])).toEqual({ cilium: 'a=b', none: 'we must' });
  });

  it.each(['istio=x', 'consul', '=x', 'toString=x'])('refuses %s, which names no option with a reason', (text) => {
    expect(() => readExclusions([text])).toThrow(/names no option/);
  });

  it('refuses an exclusion without a reason', () => {
    expect(() => readExclusions(['consul='])).toThrow(/gives no reason/);
  });
});
