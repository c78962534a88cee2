import { expect, test } from 'vitest';
import { KIND } from '../../../../src/domain/kubernetes/kinds.ts';
import { readStages } from '../../../../src/domain/rollout/verify/stage-readings.ts';
import { positionIn } from '../../../../src/domain/rollout/verify/plan-position.ts';
import {
  applied,
  appliedUpTo,
  changed,
  conditionOf,
  gateOf,
  PLAN,
  withoutKind,
  wordsOf,
  WORLD,
} from './verify-world.ts';
import { stageOf } from '../shop.ts';

const undone = PLAN.stages.filter(({ state, rollback }) => state === 'ready' && rollback.steps.length > 0);

test('right after a stage its rollback is in order', () => {
  expect(undone.length).toBeGreaterThan(10);
  for (const { id } of undone) {
    const order = conditionOf(gateOf(appliedUpTo(id), id, 'rollback'), 'rollback-order');
    expect([id, order.state, wordsOf(order)]).toEqual([id, 'met', expect.any(String)]);
  }
});

test('while a stage that rests on it is there, a rollback is refused, last first', () => {
  const end = appliedUpTo('deny-shop');
  const order = conditionOf(gateOf(end, 'strict-shop', 'rollback'), 'rollback-order');
  expect(order.state).toBe('unmet');
  expect(wordsOf(order)).toContain('deny-shop, allow-shop, allow-catch-all-shop, shadow-shop');
});

test('undone in order, each rollback is allowed when its turn comes', () => {
  const stages = PLAN.stages.filter(({ state, steps }) => state === 'ready' && steps.length > 0);
  let world = appliedUpTo(PLAN.stages.at(-1)?.id ?? '');
  for (const { id, rollback } of [...stages].reverse()) {
    const order = conditionOf(gateOf(world, id, 'rollback'), 'rollback-order');
    expect([id, order.state, wordsOf(order)]).toEqual([id, 'met', expect.any(String)]);
    world = applied(world, { id: `${id}-rollback`, steps: rollback.steps });
  }
});

test('a later stage of which part is there still stands in the way', () => {
  const stage = stageOf(PLAN, 'allow-shop');
  const world = applied(appliedUpTo('allow-catch-all-shop'), { id: stage.id, steps: stage.steps.slice(0, 1) });
  expect(stage.steps.length).toBeGreaterThan(1);
  const order = conditionOf(gateOf(world, 'strict-shop', 'rollback'), 'rollback-order');
  expect(order.state).toBe('unmet');
  expect(wordsOf(order)).toContain('allow-shop');
});

test('where the later stages were not read, nobody knows', () => {
  const world = withoutKind(appliedUpTo('strict-shop'), KIND.authorizationPolicy);
  expect(conditionOf(gateOf(world, 'strict-shop', 'rollback'), 'rollback-order').state).toBe('unknown');
});

test('a stage that is not applied has nothing to undo', () => {
  for (const { id } of undone) {
    const gate = gateOf(WORLD, id, 'rollback');
    expect([id, conditionOf(gate, 'rollback-order').state]).toEqual([id, 'unmet']);
    expect(wordsOf(conditionOf(gate, 'rollback-order'))).toContain('nothing to undo');
  }
});

test('a stage of which part is there may be undone', () => {
  const { id, steps } = stageOf(PLAN, 'allow-shop');
  const world = applied(appliedUpTo('allow-catch-all-shop'), { id, steps: steps.slice(0, 1) });
  expect(conditionOf(gateOf(world, id, 'rollback'), 'rollback-order').state).toBe('met');
});

test('a stage that was never written out has nothing to undo', () => {
  const stage = { ...stageOf(PLAN, 'strict-shop'), state: 'outline' as const };
  const order = conditionOf(gateOf(WORLD, 'strict-shop', 'rollback', { stage }), 'rollback-order');
  expect([order.state, wordsOf(order)]).toEqual(['unmet', expect.stringContaining('nothing to undo')]);
});

test('a stage that was not read is not known to be there', () => {
  const world = withoutKind(appliedUpTo('strict-shop'), KIND.peerAuthentication);
  expect(conditionOf(gateOf(world, 'strict-shop', 'rollback'), 'rollback-order').state).toBe('unknown');
});

test('a stage without steps to undo it says so', () => {
  const stage = { ...stageOf(PLAN, 'strict-shop'), rollback: { ...stageOf(PLAN, 'strict-shop').rollback, steps: [] } };
  expect(conditionOf(gateOf(WORLD, 'strict-shop', 'rollback', { stage }), 'rollback-order').state).toBe('unmet');
});

function positionAt(id: string): ReturnType<typeof positionIn> {
  return positionIn(PLAN, readStages(PLAN, id === '' ? WORLD : appliedUpTo(id)));
}

test('the position is the last stage that holds, and the next is the first that is not applied', () => {
  expect(positionAt('').at).toBeUndefined();
  expect(positionAt('').next).toEqual(['control-plane']);
  const middle = positionAt('strict-shop');
  expect(middle.at).toBe('strict-shop');
  expect(middle.next[0]).toBe('shadow-shop');
  expect(middle.action).toContain('verify --stage shadow-shop --entry');
  const last = PLAN.stages.filter(({ steps }) => steps.length > 0).at(-1)?.id ?? '';
  expect(positionAt(last).next).toEqual([]);
});

test('a stage that holds in part comes before all else', () => {
  const stage = stageOf(PLAN, 'allow-shop');
  const world = applied(appliedUpTo('allow-catch-all-shop'), { id: stage.id, steps: stage.steps.slice(0, 1) });
  const position = positionIn(PLAN, readStages(PLAN, world));
  expect(position.stages.find(({ stage: id }) => id === 'allow-shop')).toMatchObject({ standing: 'partly' });
  expect(position.action).toContain('allow-shop, which holds only in part');
});

test('an object that was removed by hand is told with its name', () => {
  const ref = { kind: KIND.peerAuthentication, namespace: 'shop', name: 'default' };
  const world = changed(appliedUpTo('strict-shop'), ref, () => undefined);
  const row = positionIn(PLAN, readStages(PLAN, world)).stages.find(({ stage }) => stage === 'strict-shop');
  expect(row?.standing).toBe('not');
  expect(row?.why.join(' ')).toContain('PeerAuthentication shop/default');
});
