import { expect, test } from 'vitest';
import type { Condition } from '../../../../src/domain/rollout/plan.ts';
import {
  measured,
  NOBODY_ASKED,
  queriesOf,
  type MetricAnswer,
  type MetricAnswers,
} from '../../../../src/domain/rollout/verify/metric-answers.ts';
import { conditionOf, gateOf, PLAN, WORLD, wordsOf } from './verify-world.ts';
import { stageOf } from '../shop.ts';

const CONDITION: Condition = { id: 'no-plaintext', text: 'No plaintext.', promql: 'plain', proof: 'watched' };
const ROW = { labels: { workload: 'cart' }, value: 3 };
const EMPTY: MetricAnswer = { source: 'prometheus a', rows: [] };
const SOME: MetricAnswer = { source: 'prometheus a', rows: [ROW] };
const FAILED: MetricAnswer = { source: 'prometheus b', failed: 'it answered 503' };

function answers(promql: readonly MetricAnswer[], proof: readonly MetricAnswer[]): MetricAnswers {
  return {
    byQuery: new Map([
      ['plain', promql],
      ['watched', proof],
    ]),
  };
}

test.each([
  ['unmet', [SOME], [SOME]],
  ['unmet', [EMPTY, SOME], [SOME]],
  ['unmet', [FAILED, SOME], [FAILED]],
  ['met', [EMPTY], [SOME]],
  ['met', [EMPTY, EMPTY], [EMPTY, SOME]],
  ['unknown', [EMPTY], [EMPTY]],
  ['unknown', [EMPTY], [FAILED]],
  ['unknown', [EMPTY, FAILED], [SOME, SOME]],
  ['unknown', [FAILED], [SOME]],
  ['unknown', [], [SOME]],
  ['unmet', [{ ...EMPTY, notFinite: 1 }], [SOME]],
] as const)('is %s where the query gives %j and the proof %j', (state, promql, proof) => {
  expect(measured(CONDITION, answers(promql, proof))?.state).toBe(state);
});

test('an empty answer without a query that proves anything is unknown', () => {
  const { proof: _proof, ...bare } = CONDITION;
  expect(measured(bare, answers([EMPTY], [SOME]))?.state).toBe('unknown');
  expect(measured({ ...CONDITION, proof: ' ' }, answers([EMPTY], [SOME]))?.state).toBe('unknown');
});

test('the first rows are shown with their labels and values, the rest is counted', () => {
  const rows = Array.from({ length: 5 }, (_, index) => ({ labels: { pod: `p${String(index)}` }, value: index }));
  const words = wordsOf(measured(CONDITION, answers([{ source: 'p', rows }], [])) ?? { evidence: [] });
  expect(words).toContain('p: {pod="p0"} 0');
  expect(words).toContain('and 2 rows more');
  expect(words).not.toContain('p3');
});

test('a condition without a query is not measured, and nobody asked is unknown', () => {
  expect(measured({ id: 'owners', text: 'Owners are named.' }, NOBODY_ASKED)).toBeUndefined();
  const unasked = measured(CONDITION, NOBODY_ASKED);
  expect(unasked?.state).toBe('unknown');
  expect(wordsOf(unasked ?? { evidence: [] })).toContain('--prometheus');
});

test('each query is asked once', () => {
  expect(queriesOf([CONDITION, CONDITION, { id: 'x', text: 'x' }])).toEqual(['plain', 'watched']);
});

const STAGE = { ...stageOf(PLAN, 'strict-shop'), entryGate: [CONDITION, { id: 'owners', text: 'Owners are named.' }] };

test('what only a person can tell is met once it is confirmed', () => {
  const open = gateOf(WORLD, 'strict-shop', 'entry', { stage: STAGE });
  expect(conditionOf(open, 'owners').state).toBe('unknown');
  expect(conditionOf(open, 'no-plaintext').state).toBe('unknown');
  const gate = gateOf(WORLD, 'strict-shop', 'entry', { stage: STAGE, confirmed: new Set(['owners', 'no-plaintext']) });
  expect(conditionOf(gate, 'owners')).toMatchObject({
    state: 'met',
    evidence: [{ rule: 'confirmed by the user (--confirm)' }],
  });
  expect(conditionOf(gate, 'no-plaintext').state).toBe('met');
});

test('nobody can confirm away what was measured or read', () => {
  const confirmed = new Set(['no-plaintext', 'simulated-today', 'after-enrol-shop-4c1a', 'plan-fresh']);
  for (const said of [answers([SOME], [SOME]), answers([EMPTY], [EMPTY]), answers([FAILED], [SOME])]) {
    const gate = gateOf(WORLD, 'strict-shop', 'entry', { stage: STAGE, confirmed, answers: said });
    expect(conditionOf(gate, 'no-plaintext').state).not.toBe('met');
    const after = gate.conditions.filter(({ id }) => id.startsWith('after-enrol'));
    expect(after.map(({ state }) => state)).not.toContain('met');
  }
});
