import { expect, test } from 'vitest';
import type { JsonObject } from '../../../src/lib/json.ts';
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
function strictShop(more: readonly JsonObject[] = []): World {
  const world = worldFrom([...SHOP, ...more]);
  const steps = stageOf(planOf(worldFrom(SHOP), SHOP_CALLS), 'control-plane').steps;
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

test('a wave into a STRICT namespace asks before it who calls its members, and its risk says who is refused', () => {
  for (const { entryGate, scope, risk, doesNotChange } of wavesOf(planOf(strictShop(), SHOP_CALLS), 'shop')) {
    expect(entryGate.map(({ id }) => id)).toEqual(
      expect.arrayContaining(scope.workloads.map(({ name }) => `callers-before-deployment-${name}`)),
    );
    expect(risk).toContain('callers without mutual TLS are refused from the first pod on');
    expect(doesNotChange).toContain('callers without mutual TLS are refused from the first pod on');
  }
});

test('where some pods of a member have a sidecar already, the plaintext that these count stops its wave as it stops STRICT', () => {
  const labels = { app: 'cart', 'pod-template-hash': 'abc' };
  const owner = { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'cart-abc', controller: true };
  const half = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'cart-abc-2', namespace: 'shop', labels, ownerReferences: [owner] },
    spec: {
      initContainers: [{ name: 'istio-init', image: 'istio/proxyv2:1.29.0' }],
      containers: [
        { name: 'app', image: 'example/app:1' },
        { name: 'istio-proxy', image: 'istio/proxyv2:1.29.0' },
      ],
    },
    status: { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] },
  };
  const start = strictShop([half]);
  const gate = wavesOf(planOf(start, SHOP_CALLS), 'shop')
    .flatMap(({ entryGate }) => entryGate)
    .find(({ id }) => id === 'no-plaintext');
  expect(gate?.promql).toContain('destination_workload=~"cart"');
  expect(gate?.proof).toContain('mutual_tls');
});
