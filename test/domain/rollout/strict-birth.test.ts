import { expect, test } from 'vitest';
import type { RolloutPlan } from '../../../src/domain/rollout/plan.ts';
import { fatesIn } from '../../../src/domain/rollout/simulate-stage.ts';
import { admitPod } from '../../../src/domain/mesh/registry.ts';
import { applyChange } from '../../../src/domain/world/apply.ts';
import type { Step } from '../../../src/domain/world/step.ts';
import type { World } from '../../../src/domain/world/world.ts';
import { worldFrom } from '../../support/build-world.ts';
import { planOf, SHOP, SHOP_CALLS, stageOf, watched } from './shop.ts';

const STRICT_SHOP: Step = {
  step: 'apply',
  manifest: {
    apiVersion: 'security.istio.io/v1',
    kind: 'PeerAuthentication',
    metadata: { name: 'default', namespace: 'shop' },
    spec: { mtls: { mode: 'STRICT' } },
  },
};

/** The shop with a control plane and namespace shop STRICT, before anybody there has a sidecar. */
function strictShop(): World {
  const world = worldFrom(SHOP);
  const steps = stageOf(planOf(world, SHOP_CALLS), 'control-plane').steps;
  return applyChange(world, { id: 'before', steps: [...steps, STRICT_SHOP] }, admitPod).world;
}

function wavesOf(plan: RolloutPlan, namespace: string) {
  return plan.stages.filter(({ id, wave }) => wave !== undefined && id.startsWith(`enrol-${namespace}-`));
}

/** Ids of calls that break for more pods at some step of the plan than before it. */
function cutBy(plan: RolloutPlan, start: World): readonly string[] {
  const { calls } = watched(start, SHOP_CALLS);
  const cut = new Set<string>();
  let world = start;
  for (const step of plan.stages
    .filter(({ state }) => state === 'ready' || state === 'waived')
    .flatMap((s) => s.steps)) {
    const before = fatesIn(world, calls);
    world = applyChange(world, { id: 'walk', steps: [step] }, admitPod).world;
    for (const [id, fate] of fatesIn(world, calls)) {
      if (fate.cohorts.broken > (before.get(id)?.cohorts.broken ?? 0)) cut.add(id);
    }
  }
  return [...cut];
}

test('a wave into a STRICT namespace is an outline where nobody knows who calls its members', () => {
  const waves = wavesOf(planOf(strictShop(), []), 'shop');
  expect(waves.length).toBeGreaterThan(0);
  expect(waves.map(({ state, steps }) => [state, steps.length])).toEqual(waves.map(() => ['outline', 0]));
  expect(waves.flatMap(({ blockedBy }) => blockedBy.map(({ kind }) => kind))).toContain('evidence');
});

test('a wave into a STRICT namespace says that it is, who is refused, and does not say that nobody is', () => {
  for (const wave of wavesOf(planOf(strictShop(), SHOP_CALLS), 'shop')) {
    expect(wave.state).toBe('ready');
    expect(wave.why).toContain('Namespace shop is STRICT already');
    expect(wave.notes[0]).toContain('refuse every caller without mutual TLS');
    expect(wave.doesNotChange).not.toContain('Nobody is refused');
    expect(wave.rollback.validWhile).not.toContain('STRICT');
  }
});

test('into a STRICT namespace, clients are enrolled before the servers that they call', () => {
  const plan = planOf(strictShop(), SHOP_CALLS);
  const order = plan.stages.flatMap(({ wave, scope }) =>
    wave === undefined ? [] : scope.workloads.map(({ name }) => name),
  );
  expect(order).toEqual(['payments', 'front', 'cart']);
  expect(cutBy(plan, strictShop())).toEqual([]);
});
