import { expect, it } from 'vitest';
import { isReadyThroughout, openStages } from '../../../src/domain/rollout/open-stages.ts';
import type { StageState } from '../../../src/domain/rollout/plan.ts';
import { stage } from '../../render/bundle/sample-plan.ts';

function chain(...states: readonly StageState[]) {
  return states.map((state, index) =>
    stage({
      ...{ id: `s${String(index)}`, number: index * 10, kind: 'strict', state },
      dependsOn: index === 0 ? [] : [`s${String(index - 1)}`],
    }),
  );
}

it('a plan with a blocked stage or an outline is not ready, whatever else is', () => {
  expect(isReadyThroughout({ stages: chain('done', 'ready', 'waived') })).toBe(true);
  expect(isReadyThroughout({ stages: chain('done', 'ready', 'outline') })).toBe(false);
  expect(isReadyThroughout({ stages: chain('done', 'blocked', 'ready') })).toBe(false);
});

it('a stage is open only where all that it waits for is written out, near and far', () => {
  expect([...openStages({ stages: chain('done', 'ready', 'waived', 'ready') })]).toEqual(['s0', 's1', 's2', 's3']);
  expect([...openStages({ stages: chain('ready', 'outline', 'ready', 'ready') })]).toEqual(['s0']);
  expect([...openStages({ stages: chain('blocked', 'ready') })]).toEqual([]);
});

it('what is done already waits for nothing', () => {
  expect([...openStages({ stages: chain('outline', 'done', 'ready') })]).toEqual(['s1', 's2']);
});
