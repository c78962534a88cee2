import { expect, test } from 'vitest';
import { renderBundle } from './whole-bundle.ts';
import type { Stage } from '../../../src/domain/rollout/plan.ts';
import { plan, stage, tools } from './sample-plan.ts';

function page(changed: Stage): string {
  const files = renderBundle({ ...plan, stages: [changed] }, tools);
  return [...files].find(([path]) => path.startsWith(String(changed.number)))?.[1] ?? '';
}

const ASSUMPTION = 'the chart makes two replicas';
const base = { id: 'one', number: 100, kind: 'control-plane', state: 'ready' } as const;

test('an assumption that is a condition of the exit gate is printed once, another one in the list', () => {
  const exitGate = [{ id: 'assumed-1', text: `Read back what was taken for granted: ${ASSUMPTION}.` }];
  expect(page(stage({ ...base, assumptions: [ASSUMPTION], exitGate })).split(ASSUMPTION)).toHaveLength(2);
  expect(page(stage({ ...base, assumptions: [ASSUMPTION] })).split(ASSUMPTION)).toHaveLength(2);
});

test('the heading over commands is left out where there are none', () => {
  const scope = { namespaces: ['shop'], workloads: [] };
  expect(page(stage(base))).not.toContain('Mesh or application');
  expect(page(stage({ ...base, scope }))).toMatch(/Mesh or application:\n\n```sh\nkubectl get pods -n shop/);
});

test('the query of an abort sign is said to speak while the sign shows', () => {
  const abort = [{ id: 'errors', text: 'Errors rise.', promql: 'up' }];
  expect(page(stage({ ...base, abort }))).toContain('It shows while this returns a value');
});
