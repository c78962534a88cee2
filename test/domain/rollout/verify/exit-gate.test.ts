import { describe, expect, it, test } from 'vitest';
import { KIND } from '../../../../src/domain/kubernetes/kinds.ts';
import { at } from '../../../../src/lib/json.ts';
import {
  appliedUpTo,
  applied,
  changed,
  conditionOf,
  gateOf,
  PLAN,
  stepStates,
  withoutKind,
  wordsOf,
  WORLD,
} from './verify-world.ts';
import { stageOf } from '../shop.ts';

const STRICT = 'strict-shop';
const POLICY = { kind: KIND.peerAuthentication, namespace: 'shop', name: 'default' };

const written = PLAN.stages.filter(({ state, steps }) => state === 'ready' && steps.length > 0).map(({ id }) => id);

test('the plan has stages of every kind to be verified', () => {
  expect(written.length).toBeGreaterThan(10);
});

describe.each(written)('stage %s', (id) => {
  it('is read back whole once it is applied', () => {
    const states = stepStates(appliedUpTo(id), id);
    expect(new Set(states)).toEqual(new Set(['met']));
    expect(states).toHaveLength(stageOf(PLAN, id).steps.length);
  });

  it('still holds after all later stages, because they say what they change of it', () => {
    const last = PLAN.stages.at(-1)?.id ?? '';
    expect(new Set(stepStates(appliedUpTo(last), id))).toEqual(new Set(['met']));
  });

  it('is unmet where one of its steps is skipped', () => {
    const stage = stageOf(PLAN, id);
    const before = PLAN.stages[PLAN.stages.indexOf(stage) - 1]?.id ?? '';
    for (const [skipped, step] of stage.steps.entries()) {
      // The pods of the next template come by themselves once somebody restarts them: patch and restart go together.
      if (step.step === 'patch' && stage.steps[skipped + 1]?.step === 'restart') continue;
      const steps = stage.steps.filter((_, index) => index !== skipped);
      const states = stepStates(applied(appliedUpTo(before), { id, steps }), id);
      expect([id, skipped, states[skipped]]).toEqual([id, skipped, 'unmet']);
    }
  });
});

test('a field that differs is named with what is wanted and what is found', () => {
  const world = changed(appliedUpTo(STRICT), POLICY, (object) => ({
    ...object,
    spec: { mtls: { mode: 'PERMISSIVE' } },
  }));
  const { drift, ...gate } = gateOf(world, STRICT, 'exit');
  expect(drift).toEqual([{ object: POLICY, field: 'spec.mtls.mode', wanted: '"STRICT"', found: '"PERMISSIVE"' }]);
  expect(conditionOf({ drift, ...gate }, 'step-1').state).toBe('unmet');
});

test('a field that somebody added to a policy of the plan is drift', () => {
  const world = changed(appliedUpTo(STRICT), POLICY, (object) => ({
    ...object,
    spec: { mtls: { mode: 'STRICT' }, portLevelMtls: { '8080': { mode: 'DISABLE' } } },
  }));
  const { drift } = gateOf(world, STRICT, 'exit');
  expect(drift.map(({ field, wanted }) => [field, wanted])).toEqual([['spec.portLevelMtls', 'nothing']]);
});

test('a catch-all that was put back in the place of the denial is drift', () => {
  const deny = stageOf(PLAN, 'deny-shop');
  const [step] = deny.steps;
  const name = step?.step === 'apply' ? step.manifest.metadata.name : '';
  const ref = { kind: KIND.authorizationPolicy, namespace: 'shop', name };
  const world = changed(appliedUpTo('deny-shop'), ref, (object) => ({
    ...object,
    spec: { action: 'ALLOW', rules: [{}] },
  }));
  expect(gateOf(world, 'deny-shop', 'exit').drift).toMatchObject([{ field: 'spec.rules', found: '[{}]' }]);
});

test('a kind that was not read is unknown, and never met', () => {
  const gate = gateOf(withoutKind(appliedUpTo(STRICT), KIND.peerAuthentication), STRICT, 'exit');
  expect(conditionOf(gate, 'step-1')).toMatchObject({ state: 'unknown' });
  expect(wordsOf(conditionOf(gate, 'step-1'))).toContain('was not read');
});

test('pods that were not restarted are named', () => {
  const enrol = PLAN.stages.find(({ kind, steps }) => kind === 'enrol' && steps.some(({ step }) => step === 'restart'));
  const steps = enrol?.steps.filter(({ step }) => step !== 'restart') ?? [];
  const before = PLAN.stages[PLAN.stages.findIndex(({ id }) => id === enrol?.id) - 1]?.id ?? '';
  const world = applied(appliedUpTo(before), { id: enrol?.id ?? '', steps });
  const gate = gateOf(world, enrol?.id ?? '', 'exit');
  const restarts = gate.conditions.filter(({ text }) => text.startsWith('Done: restart'));
  expect(restarts.length).toBeGreaterThan(0);
  for (const restart of restarts) {
    expect(restart.state).toBe('unmet');
    expect(wordsOf(restart)).toMatch(/older template|no proxy/);
  }
});

test('a stage of which nothing is applied is unmet, and its metrics are unknown', () => {
  const gate = gateOf(WORLD, STRICT, 'exit');
  expect(conditionOf(gate, 'step-1').state).toBe('unmet');
  expect(gate.conditions.map(({ state }) => state)).toContain('unknown');
});

test('fields that the API server fills in are no drift', () => {
  const id = written.find((each) => stageOf(PLAN, each).steps.some(({ step }) => step === 'patch')) ?? '';
  const step = stageOf(PLAN, id).steps.find((each) => each.step === 'patch');
  const target = step?.step === 'patch' ? step.target : { kind: '', name: '' };
  const world = changed(appliedUpTo(id), target, (object) => ({
    ...object,
    spec: { ...(object.spec as object), revisionHistoryLimit: 10, progressDeadlineSeconds: 600 },
  }));
  expect(at(world.get(target)?.spec, 'revisionHistoryLimit')).toBe(10);
  expect(new Set(stepStates(world, id))).toEqual(new Set(['met']));
});

test('a stage that was never written out is unmet, whatever is there', () => {
  const stage = { ...stageOf(PLAN, STRICT), state: 'blocked' as const };
  expect(conditionOf(gateOf(WORLD, STRICT, 'exit', { stage }), 'stage-state').state).toBe('unmet');
});
