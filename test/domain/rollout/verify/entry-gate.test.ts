import { expect, test } from 'vitest';
import { KIND } from '../../../../src/domain/kubernetes/kinds.ts';
import type { RolloutPlan } from '../../../../src/domain/rollout/plan.ts';
import { NO_CHOICES, type Choices } from '../../../../src/domain/rollout/choices.ts';
import { namespace, workload, worldFrom } from '../../../support/build-world.ts';
import { SHOP, SHOP_CALLS, row, stageOf, watched } from '../shop.ts';
import {
  applied,
  appliedUpTo,
  atTime,
  changed,
  conditionOf,
  gateOf,
  PLAN,
  withoutKind,
  wordsOf,
  WORLD,
} from './verify-world.ts';

const STRICT = 'strict-shop';
const before = PLAN.stages[PLAN.stages.indexOf(stageOf(PLAN, STRICT)) - 1]?.id ?? '';
const READY = appliedUpTo(before);
const STALE_AFTER = '2026-11-15T00:00:00Z';

function planWith(more: Partial<RolloutPlan>): RolloutPlan {
  return { ...PLAN, ...more };
}

function choosing(choices: Partial<Choices>): RolloutPlan {
  return planWith({ choices: { ...NO_CHOICES, ...choices } });
}

test('before STRICT, all that it rests on holds, and it breaks nothing', () => {
  const gate = gateOf(READY, STRICT, 'entry', { plan: planWith({ staleAfter: STALE_AFTER }) });
  const machine = gate.conditions.filter(({ id }) => /^(after-|stage-state|plan-fresh|simulated-today)/.test(id));
  expect(machine.length).toBeGreaterThan(3);
  expect(machine.map(({ id, state }) => `${id} ${state}`)).toEqual(machine.map(({ id }) => `${id} met`));
});

test('a stage that it rests on and is not applied is named', () => {
  const gate = gateOf(WORLD, STRICT, 'entry');
  const after = gate.conditions.filter(({ id }) => id.startsWith('after-'));
  expect(after.some(({ state }) => state === 'unmet')).toBe(true);
  expect(after.map(wordsOf).join(' ')).toContain('is not applied');
});

test('STRICT on a world in which a caller was never enrolled breaks his calls', () => {
  const world = PLAN.stages
    .slice(0, PLAN.stages.indexOf(stageOf(PLAN, STRICT)))
    .filter(({ id, state }) => state === 'ready' && !id.startsWith('enrol-pay'))
    .reduce((current, stage) => applied(current, stage), WORLD);
  const simulated = conditionOf(gateOf(world, STRICT, 'entry'), 'simulated-today');
  expect(simulated.state).toBe('unmet');
  expect(wordsOf(simulated)).toContain('payments');
});

test('a new caller without a proxy, seen after the plan was made, stops STRICT', () => {
  const stranger = worldFrom([...SHOP, namespace('batch'), workload('batch', 'report')]);
  const plan = PLAN;
  const world = plan.stages
    .slice(0, plan.stages.indexOf(stageOf(plan, STRICT)))
    .filter(({ state }) => state === 'ready')
    .reduce((current, stage) => applied(current, stage), stranger);
  const graph = watched(world, [...SHOP_CALLS, row('report.batch', 'cart.shop')]);
  const simulated = conditionOf(gateOf(world, STRICT, 'entry', { graph }), 'simulated-today');
  expect(simulated.state).toBe('unmet');
  expect(wordsOf(simulated)).toContain('report');
});

test('what a stage would open is unmet, unless somebody answers for it', () => {
  const id = 'allow-catch-all-shop';
  const world = appliedUpTo('deny-shop');
  const gate = gateOf(world, id, 'entry');
  const opening = conditionOf(gate, 'simulated-today');
  expect(opening.state).toBe('unmet');
  expect(wordsOf(opening)).toContain('would open');
  const accept = { stage: id, opens: 'shop/', reason: 'drill', owner: 'ann', expires: '2026-12-01' };
  const accepted = gateOf(world, id, 'entry', { plan: choosing({ accepts: [accept] }) });
  expect(conditionOf(accepted, 'simulated-today').state).toBe('met');
  const expired = gateOf(world, id, 'entry', { plan: choosing({ accepts: [{ ...accept, expires: '2026-10-01' }] }) });
  expect(conditionOf(expired, 'simulated-today').state).toBe('unmet');
});

test.each([
  ['2026-11-14T00:00:00Z', STALE_AFTER, 'met'],
  ['2026-11-16T00:00:00Z', STALE_AFTER, 'unmet'],
  [undefined, STALE_AFTER, 'unknown'],
  ['2026-11-14T00:00:00Z', '14 days after the world was read, which is not known', 'unknown'],
] as const)('at %s a plan that holds until %s is fresh: %s', (time, staleAfter, state) => {
  const gate = gateOf(atTime(READY, time), STRICT, 'entry', { plan: planWith({ staleAfter }) });
  expect(conditionOf(gate, 'plan-fresh').state).toBe(state);
});

const FREEZE = { from: '2026-12-20', to: '2026-12-31', reason: 'Christmas sales' };

test.each([
  ['2026-12-19T23:59:59Z', 'met'],
  ['2026-12-20T00:00:00Z', 'unmet'],
  ['2026-12-31T23:59:59Z', 'unmet'],
  ['2027-01-01T00:00:00Z', 'met'],
  [undefined, 'unknown'],
] as const)('at %s the freeze says %s', (time, state) => {
  const gate = gateOf(atTime(READY, time), STRICT, 'entry', { plan: choosing({ freezes: [FREEZE] }) });
  expect(conditionOf(gate, 'no-freeze').state).toBe(state);
});

test('a freeze whose time cannot be read is unknown', () => {
  const plan = choosing({ freezes: [{ from: 'Christmas', to: 'Easter', reason: 'holidays' }] });
  expect(conditionOf(gateOf(READY, STRICT, 'entry', { plan }), 'no-freeze').state).toBe('unknown');
});

test('a blocked stage may not be applied, and says by what', () => {
  const blockedBy = [{ kind: 'call', what: 'report calls cart', remedy: 'enrol report' }] as const;
  const stage = { ...stageOf(PLAN, STRICT), state: 'blocked' as const, blockedBy };
  const condition = conditionOf(gateOf(READY, STRICT, 'entry', { stage }), 'stage-state');
  expect(condition.state).toBe('unmet');
  expect(wordsOf(condition)).toContain('report calls cart');
});

test('a stage that was changed by hand since is named to all that rest on it', () => {
  const ref = { kind: KIND.peerAuthentication, namespace: 'shop', name: 'default' };
  const world = changed(appliedUpTo('shadow-shop'), ref, (object) => ({
    ...object,
    spec: { mtls: { mode: 'DISABLE' } },
  }));
  const condition = conditionOf(gateOf(world, 'allow-catch-all-shop', 'entry'), 'after-shadow-shop');
  expect(condition.state).toBe('unmet');
  expect(wordsOf(condition)).toContain('DISABLE');
});

test('nothing is green where the kinds of the stages before were not read', () => {
  const gate = gateOf(withoutKind(READY, KIND.peerAuthentication), STRICT, 'entry');
  const after = gate.conditions.filter(({ id }) => id.startsWith('after-enrol-shop'));
  expect(after.length).toBeGreaterThan(0);
  expect(after.map(({ state }) => state)).not.toContain('met');
});
