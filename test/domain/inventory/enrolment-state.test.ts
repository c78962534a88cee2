import { describe, expect, it } from 'vitest';

import type { CohortRow } from '../../../src/domain/inventory/cohort-row.ts';
import { enrolmentState } from '../../../src/domain/inventory/enrolment-state.ts';
import { known, unknown } from '../../../src/domain/world/fact.ts';

function row(more: Partial<CohortRow> = {}): CohortRow {
  return { ...OUT, mesh: 'istio', mode: 'sidecar', captured: known(true), reason: 'injected', ...more };
}

const OUT: CohortRow = {
  id: 'a',
  pods: 2,
  ready: 2,
  mesh: 'none',
  mode: 'none',
  captured: known(false),
  reason: 'no mesh takes these pods',
};
const UNKNOWN: CohortRow = { ...OUT, mode: 'unknown', captured: unknown('?'), reason: 'webhooks were not read' };
const BYPASSED = row({ captured: known(false), reason: 'nothing redirects the traffic' });
const AMBIENT = row({ mode: 'ambient' });

describe('the state of a workload in the meshes', () => {
  it.each([
    ['enrolled', [row()], row()],
    ['enrolled', [], row()],
    ['joining', [OUT], row()],
    ['leaving', [row()], OUT],
    ['leaving', [row()], BYPASSED],
    ['partial', [row(), OUT], row()],
    ['none', [OUT], OUT],
    ['none', [], OUT],
    ['uncaptured', [BYPASSED], row()],
    ['uncaptured', [row({ ...BYPASSED, mode: 'ambient' })], AMBIENT],
    ['uncaptured', [], BYPASSED],
    ['stale', [row({ revision: '1-24' })], row({ revision: '1-26' })],
    ['stale', [row({ version: '1.24.0' })], row({ version: '1.26.1' })],
    ['stale', [row()], AMBIENT],
    ['enrolled', [row({ version: '1.24.0' })], row()],
    ['contested', [row({ claimedBy: ['istio', 'linkerd'] })], row()],
    ['contested', [OUT], { ...UNKNOWN, claimedBy: ['istio', 'consul'] }],
  ] as const)('is %s (%#)', (state, live, next) => {
    expect(enrolmentState(live, next).state).toBe(state);
  });

  it('is unknown where either moment is, and says which', () => {
    expect(enrolmentState([UNKNOWN], row())).toEqual({ state: 'unknown', reason: 'webhooks were not read' });
    expect(enrolmentState([], UNKNOWN).reason).toBe('the next pods: webhooks were not read');
    expect(enrolmentState([row({ captured: unknown('no annotation was read') })], row())).toEqual({
      state: 'unknown',
      reason: 'no annotation was read',
    });
  });

  it('is of its own where only the next pods are not known', () => {
    const reason = 'the next pods: webhooks were not read';
    expect(enrolmentState([row()], UNKNOWN)).toEqual({ state: 'next-unknown', reason });
    expect(enrolmentState([OUT], UNKNOWN)).toEqual({ state: 'next-unknown', reason });
    expect(enrolmentState([row(), OUT], UNKNOWN).state).toBe('partial');
  });

  it('says that live pods are not captured, even where the next pods are not known', () => {
    expect(enrolmentState([row(), BYPASSED], UNKNOWN)).toEqual({
      state: 'uncaptured',
      reason: 'nothing redirects the traffic',
    });
  });

  it('asks no capture of a gateway', () => {
    const gateway = row({ mode: 'gateway', captured: known(false) });
    expect(enrolmentState([gateway], gateway).state).toBe('enrolled');
  });

  it('counts the pods of a partial one', () => {
    expect(enrolmentState([row({ pods: 3 }), OUT], row()).reason).toBe('3 of 5 live pods are in a mesh');
  });
});
