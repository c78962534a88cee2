import { describe, expect, it } from 'vitest';
import { gapOfObject, whyMissing, type Coverage } from '../../../src/domain/world/coverage.ts';

const CONFIG = { kind: 'ConfigMap', namespace: 'istio-system', name: 'istio' };
const LIVE: Coverage = {
  basis: 'live',
  entries: [{ kind: 'ConfigMap', state: 'partial', objects: 0, reason: 'by name', names: ['istio-system/istio'] }],
};

describe('an object that was asked for by its name', () => {
  it('is known not to be there, though its kind was read in part', () => {
    expect(gapOfObject(LIVE, CONFIG)).toBeUndefined();
    expect(whyMissing(LIVE, CONFIG)).toMatch(/istio-system.*istio is not there$/);
  });

  it.each([
    { ...CONFIG, name: 'other' },
    { ...CONFIG, namespace: 'other' },
  ])('does not settle $namespace/$name', (ref) => {
    expect(whyMissing(LIVE, ref)).toMatch(/was not read: .*only in part: by name$/);
  });
});
