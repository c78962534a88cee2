import { expect, it } from 'vitest';
import { effortOf } from '../../../src/domain/rollout/stage-effort.ts';
import type { Condition, RolloutPlan, Stage } from '../../../src/domain/rollout/plan.ts';
import { dateAfter, durationOf, spansOf } from '../../../src/render/bundle/schedule.ts';
import { plan, stage } from './sample-plan.ts';

const DAYS = { hours: { from: 1, to: 2 }, days: { from: 1, to: 3 }, assumption: 'a test' };

function query(id: string, promql: string): Condition {
  return { id, text: id, promql };
}

function shop(parts: Pick<Stage, 'id' | 'kind'> & Partial<Stage>): Stage {
  return stage({ number: 100, state: 'ready', effort: DAYS, scope: { namespaces: ['shop'], workloads: [] }, ...parts });
}

const BASELINE = [query('baseline-recorded', 'absent(meshwise:restarts offset 7d)')];
const WINDOW = [query('no-plaintext', 'increase(requests[604800s]) > 0')];
const DRY_RUN = [query('shadow-clean', 'increase(denied[604800s:1m]) > 0')];

const telemetry = shop({ id: 'telemetry', kind: 'telemetry', exitGate: BASELINE });
const STAGES = [
  { ...telemetry, effort: effortOf(telemetry, undefined) },
  shop({ id: 'enrol-shop', kind: 'enrol', dependsOn: ['telemetry'] }),
  shop({ id: 'enrol-web', kind: 'enrol', dependsOn: ['enrol-shop'], scope: { namespaces: ['web'], workloads: [] } }),
  shop({ id: 'strict-shop', kind: 'strict', dependsOn: ['enrol-shop', 'enrol-web'], entryGate: WINDOW }),
  shop({ id: 'shadow-shop', kind: 'shadow', dependsOn: ['strict-shop'] }),
  shop({ id: 'allow-catch-all-shop', kind: 'allow', dependsOn: ['shadow-shop'], entryGate: DRY_RUN }),
  shop({ id: 'allow-shop', kind: 'allow', dependsOn: ['allow-catch-all-shop'], entryGate: DRY_RUN }),
  shop({ id: 'deny-shop', kind: 'deny', dependsOn: ['allow-shop'], entryGate: WINDOW }),
];

function beginnings(stages: readonly Stage[]): Readonly<Record<string, number>> {
  const of: RolloutPlan = { ...plan, stages };
  return Object.fromEntries(spansOf(of).map(({ stage: { id }, begins }) => [id, begins.from]));
}

it('begins a stage no earlier than the gates of the same plan let it', () => {
  expect(beginnings(STAGES)).toEqual({
    telemetry: 0,
    'enrol-shop': 7,
    'enrol-web': 8,
    // A week after the enrolment of its own namespace, while the other one goes on.
    'strict-shop': 15,
    'shadow-shop': 16,
    // A week of dry-run; the allow after it looks back on the same week.
    'allow-catch-all-shop': 24,
    'allow-shop': 25,
    'deny-shop': 26,
  });
});

it('counts the waits in the days of the whole plan', () => {
  const { from, to } = durationOf(spansOf({ ...plan, stages: STAGES }));
  expect(from).toBe(27);
  expect(to).toBeGreaterThan(from);
  expect(dateAfter({ ...plan, basedOn: { ...plan.basedOn, asOf: '2026-11-16T09:00:00Z' } }, from)).toBe('2026-12-13');
});

it('waits for nothing where the proxies were there before the plan, at the earliest; for the window at the latest', () => {
  const enrolled = STAGES.map((each) => (each.kind === 'enrol' ? { ...each, state: 'done' as const } : each));
  const of: RolloutPlan = {
    ...plan,
    stages: enrolled.map((each) => ({ ...each, dependsOn: each.kind === 'strict' ? [] : each.dependsOn })),
  };
  const strict = spansOf(of).find(({ stage: { id } }) => id === 'strict-shop');
  expect(strict?.begins).toEqual({ from: 0, to: 7 });
});

it('says of a stage that records for its exit gate that it takes as long', () => {
  const { days, assumption } = effortOf(telemetry, undefined);
  expect(days.from).toBe(7);
  expect(assumption).toContain('7 days of recording');
  expect(effortOf({ ...telemetry, exitGate: [] }, undefined).days.from).toBe(1);
});

it('tells the wait before a stage, and never calls the window there where an enrolment of the plan comes first', () => {
  const strict = shop({ id: 'strict-shop', kind: 'strict' });
  const told = effortOf(strict, { days: 7, after: ['enrol-shop'] }).assumption;
  expect(told).toContain('7 days of watching');
  expect(told).toContain('from the end of enrol-shop');
  expect(told).not.toContain('there already');
  expect(effortOf(strict, { days: 7, after: [] }).assumption).toContain('none where they are there already');
});
