import { expect, test } from 'vitest';
import { makePlan } from '../../../src/app/make-plan.ts';
import { NO_CHOICES } from '../../../src/domain/rollout/choices.ts';
import type { Call } from '../../../src/domain/calls/call.ts';
import { KIND } from '../../../src/domain/kubernetes/kinds.ts';
import { istio } from '../../../src/domain/mesh/istio/istio.ts';
import { admitPod } from '../../../src/domain/mesh/registry.ts';
import type { RolloutPlan, Stage } from '../../../src/domain/rollout/plan.ts';
import { fateOf } from '../../../src/domain/simulate/fate-of.ts';
import { applyChange } from '../../../src/domain/world/apply.ts';
import type { World } from '../../../src/domain/world/world.ts';
import { workloadsIn } from '../../../src/domain/world/workloads-of.ts';
import { openFiles } from '../../support/open-files.ts';
import { service, workload, worldFrom } from '../../support/build-world.ts';
import { planOf, SHOP, SHOP_CALLS, stageOf, watched } from './shop.ts';

function appliedStages(plan: RolloutPlan): readonly Stage[] {
  return plan.stages.filter(({ state, steps }) => (state === 'ready' || state === 'waived') && steps.length > 0);
}

/** Applies all stages, then undoes them last first, and holds each state on the way back against the one on the way there. */
function expectRestored(world: World, plan: RolloutPlan, calls: readonly Call[]): void {
  const verdicts = (at: World): readonly string[] =>
    calls.map((call) => {
      const { verdict, authorization } = fateOf(call, at);
      return `${call.id} ${verdict} ${authorization}`;
    });
  const stages = appliedStages(plan);
  const states: (readonly string[])[] = [];
  let current = world;
  for (const { id, steps } of stages) {
    states.push(verdicts(current));
    current = applyChange(current, { id, steps }, admitPod).world;
  }
  for (const [position, { id, rollback }] of [...stages.entries()].reverse()) {
    current = applyChange(current, { id: `${id}-rollback`, steps: rollback.steps }, admitPod).world;
    expect([id, verdicts(current)]).toEqual([id, states[position]]);
  }
}

test('rollbacks of the shop, last in first out, restore each earlier state', () => {
  const world = worldFrom(SHOP);
  const plan = planOf(world, SHOP_CALLS);
  expect(appliedStages(plan).length).toBeGreaterThan(10);
  expectRestored(world, plan, watched(world, SHOP_CALLS).calls);
});

test('rollbacks of the demo cluster, last in first out, restore each earlier state', async () => {
  const opened = await openFiles({ demo: true });
  const wishes = {
    target: 'istio-sidecar',
    goal: 'deny-by-default',
    acceptEvidence: 'inferred',
    minWindowSeconds: undefined,
    namespaces: ['shop-search', 'shop-web'],
    meshVersion: undefined,
    choices: NO_CHOICES,
  } as const;
  const plan = makePlan(opened, wishes, { meshwiseVersion: '0.0.0', fingerprint: 'none' });
  expect(appliedStages(plan).length).toBeGreaterThan(12);
  expectRestored(opened.world, plan, opened.graph.calls);
  expectNoNamespaceGoes(plan);
}, 120_000);

function expectNoNamespaceGoes(plan: RolloutPlan): void {
  const deleted = plan.stages
    .flatMap(({ steps, rollback }) => [...steps, ...rollback.steps])
    .flatMap((step) => (step.step === 'delete' ? [step.target.kind] : []));
  expect(deleted).not.toContain(KIND.namespace);
}

const WITHOUT_NAMESPACES = SHOP.filter(({ kind }) => kind !== 'Namespace');

test('the label of a namespace that nobody read is taken away by null, and the namespace and its sidecars stay', () => {
  const world = worldFrom(WITHOUT_NAMESPACES, { basis: 'declared' });
  const plan = planOf(world, [], { acceptEvidence: 'inferred' });
  expectNoNamespaceGoes(plan);
  const stage = stageOf(plan, 'enrol-namespace-shop');
  expect(stage.steps.map(({ step }) => step)).toEqual(['apply']);
  const [undo, ...more] = stage.rollback.steps;
  expect(more).toEqual([]);
  expect(undo).toMatchObject({ step: 'patch', target: { kind: KIND.namespace, name: 'shop' } });
  expect(JSON.stringify(undo)).toMatch(/"patch":\{"metadata":\{"labels":\{"[a-z./-]+":null\}\}\}/);
  let current = world;
  for (const { id, steps } of appliedStages(plan)) {
    current = applyChange(current, { id, steps }, admitPod).world;
    if (id === stage.id) break;
  }
  current = applyChange(current, { id: 'undo', steps: stage.rollback.steps }, admitPod).world;
  for (const { template } of workloadsIn(current, 'shop')) {
    expect(istio.enrolment('shop', template, current).decision).toBe('inject');
  }
});

test('a label that the plan adds to an object without labels goes alone', () => {
  const bare = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } };
  const plan = planOf(worldFrom([bare, ...SHOP.filter((object) => object !== SHOP[1])]), SHOP_CALLS);
  expect(JSON.stringify(stageOf(plan, 'enrol-namespace-shop').rollback.steps)).not.toMatch(/"(labels|metadata)":null/);
});

test('the rollback of the control plane uninstalls in reverse order, and first shows that nothing is injected', () => {
  const [undo] = stageOf(planOf(worldFrom(SHOP), SHOP_CALLS), 'control-plane').rollback.steps;
  const commands = undo?.step === 'external' ? undo.commands.map((line) => line.slice(0, 3).join(' ')) : [];
  expect(commands[0]).toBe('kubectl get pods');
  expect(commands.slice(1).map((line) => line.replace(/istiod-.*/, 'istiod'))).toEqual([
    'helm uninstall istiod',
    'helm uninstall istio-base',
  ]);
});

test('the rollback of the node agents uninstalls their chart', () => {
  const strict = {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: 'shop', labels: { 'pod-security.kubernetes.io/enforce': 'baseline' } },
  };
  const plan = planOf(worldFrom([strict, ...SHOP.filter((object) => object !== SHOP[1])]), SHOP_CALLS);
  expect(JSON.stringify(stageOf(plan, 'node-agents').rollback.steps)).toContain('["helm","uninstall","istio-cni"');
});

test('a rollback names every stage with steps that rests on its own, through stages that have none', () => {
  const plan = planOf(worldFrom([...SHOP, workload('pay', 'idle'), service('pay', 'idle')]), SHOP_CALLS);
  for (const stage of plan.stages.filter(({ rollback }) => rollback.steps.length > 0)) {
    const direct = plan.stages.filter(({ dependsOn, steps }) => dependsOn.includes(stage.id) && steps.length > 0);
    for (const { id } of direct)
      expect([stage.id, stage.rollback.validWhile]).toEqual([stage.id, expect.stringContaining(id)]);
  }
  expect(stageOf(plan, 'strict-shop').rollback.validWhile).toBe(
    'not applied, or undone before it, last first: shadow-shop',
  );
  expect(stageOf(plan, 'deny-shop').rollback.validWhile).toContain('always');
});
