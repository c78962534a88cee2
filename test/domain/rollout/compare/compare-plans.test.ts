import { describe, expect, test } from 'vitest';
import { comparePlans } from '../../../../src/domain/rollout/compare/compare-plans.ts';
import type { RolloutPlan, Stage } from '../../../../src/domain/rollout/plan.ts';
import { NO_CHOICES } from '../../../../src/domain/rollout/choices.ts';
import { renderPlanChanges, renderPlanChangesMarkdown } from '../../../../src/render/plan-changes/plan-changes.ts';
import { createStyle } from '../../../../src/render/text/style.ts';
import { worldFrom } from '../../../support/build-world.ts';
import { planOf, SHOP, SHOP_CALLS } from '../shop.ts';

const PLAN = planOf(worldFrom(SHOP), SHOP_CALLS);

function withStage(kind: Stage['kind'], change: (stage: Stage) => Stage): RolloutPlan {
  const at = PLAN.stages.findIndex((stage) => stage.kind === kind);
  return { ...PLAN, stages: PLAN.stages.map((stage, index) => (index === at ? change(stage) : stage)) };
}

describe('what changed between two plans', () => {
  test('is nothing between a plan and itself', () => {
    const { stages, moved, exceptions, sameInput } = comparePlans(PLAN, PLAN);
    expect([stages.added, stages.removed, stages.changed, moved, exceptions.added, exceptions.removed].flat()).toEqual(
      [],
    );
    expect([stages.unchanged, sameInput]).toEqual([PLAN.stages.length, true]);
  });

  test('names stages that one of them has not, turned round the other way', () => {
    const less = { ...PLAN, stages: PLAN.stages.filter(({ kind }) => kind !== 'strict') };
    const strict = PLAN.stages.flatMap(({ id, kind }) => (kind === 'strict' ? [id] : []));
    expect(strict.length).toBeGreaterThan(0);
    expect(comparePlans(PLAN, less).stages.removed.map(({ id }) => id)).toEqual(strict);
    expect(comparePlans(less, PLAN).stages.added.map(({ id }) => id)).toEqual(strict);
  });

  test('tells state, obstacles, gates and steps of a stage apart', () => {
    const changed = withStage('strict', (stage) => ({
      ...stage,
      state: 'blocked',
      blockedBy: [{ kind: 'call', what: 'cart waits', remedy: 'enrol it' }],
      exitGate: [],
      steps: stage.steps.slice(1),
    }));
    const [change] = comparePlans(PLAN, changed).stages.changed;
    expect(change).toMatchObject({
      state: { from: 'ready', to: 'blocked' },
      blockedBy: { added: ['cart waits'], removed: [] },
      steps: { added: [], changed: [] },
    });
    expect(change?.steps?.removed).toHaveLength(1);
    expect(change?.gates?.removed.length).toBeGreaterThan(0);
    expect(change).not.toHaveProperty('number');
  });

  test('names a step with other contents', () => {
    const changed = withStage('strict', (stage) => ({
      ...stage,
      steps: stage.steps.map((step) =>
        step.step === 'apply' ? { ...step, manifest: { ...step.manifest, spec: { mtls: { mode: 'UNSET' } } } } : step,
      ),
    }));
    const [change] = comparePlans(PLAN, changed).stages.changed;
    expect(change?.steps).toMatchObject({ added: [], removed: [] });
    expect(change?.steps?.changed[0]).toContain('PeerAuthentication');
  });

  test('names workloads by their waves', () => {
    const moved = withStage('enrol', (stage) => ({ ...stage, id: 'enrol-elsewhere' }));
    const workloads = PLAN.stages.find(({ kind }) => kind === 'enrol')?.scope.workloads ?? [];
    expect(comparePlans(PLAN, moved).moved.map(({ to }) => to)).toEqual(workloads.map(() => 'enrol-elsewhere'));
  });

  test('says of exceptions which are new and whose end has come', () => {
    const row = {
      workload: { namespace: 'shop', kind: 'Deployment', name: 'cart' },
      layer: 'mtls' as const,
      ports: [8080],
      reason: 'legacy',
      owner: 'team',
    };
    const later = {
      ...PLAN,
      basedOn: { ...PLAN.basedOn, asOf: '2027-02-01T00:00:00Z' },
      exceptions: [
        { ...row, expires: '2027-01-31' },
        { ...row, ports: [9090], expires: 'when it is enrolled' },
      ],
    };
    const { exceptions } = comparePlans(PLAN, later);
    expect(exceptions.added).toHaveLength(2);
    expect(exceptions.expired.map(({ ports }) => ports)).toEqual([[8080]]);
  });

  test('is told in text and Markdown, with what was read kept from being markup', () => {
    const odd = { ...PLAN, warnings: ['<script>\u001b[31m*x*'] };
    const changes = comparePlans({ ...PLAN, choices: NO_CHOICES }, odd);
    const text = renderPlanChanges(changes, { style: createStyle({ colour: false }), width: 80 });
    expect(text).toContain('0 stages are new');
    expect(text).not.toContain('\u001b');
    expect(renderPlanChangesMarkdown(changes)).not.toContain('<script>');
  });
});
