import { describe, expect, it } from 'vitest';
import { report, run } from '../../cases-runner/decision.ts';

const CASE = {
  id: 'made-up',
  decision: 'linkerd',
  era: 'now',
  coding: {
    services: 40,
    need: { mtls_identity: 1 },
    must: ['mtls_identity'],
    veto: { cilium: 'not asked for' },
    existing: {},
  },
};

describe('the runner of adoption cases', () => {
  it('does not let our rules drop a choice that could be made', () => {
    expect(run(CASE)).toMatchObject({ id: 'made-up', structural: true, published: 'linkerd' });
  });

  it('fails a choice that the case itself rules out', () => {
    expect(run({ ...CASE, decision: 'cilium' })).toMatchObject({ structural: false, passed: false });
  });

  it('fails a case whose form it does not understand', () => {
    const outcome = run({ id: 'odd', decision: 'nosuch' });
    expect(outcome).toMatchObject({ passed: false, reason: 'the form of this case is not understood' });
    expect(report([outcome]).at(-1)).toContain('not a calibration');
  });
});
