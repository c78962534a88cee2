import { describe, expect, test } from 'vitest';
import { NO_CHOICES, type Choices } from '../../../../src/domain/rollout/choices.ts';
import type { RolloutPlan, Target } from '../../../../src/domain/rollout/plan.ts';
import { strangeChoices } from '../../../../src/domain/rollout/strange-choices.ts';
import type { World } from '../../../../src/domain/world/world.ts';
import type { JsonObject } from '../../../../src/lib/json.ts';
import { namespace, service, workload, worldFrom } from '../../../support/build-world.ts';
import { worldAfter } from '../linkerd/run-plan.ts';
import { planOf, SHOP, SHOP_CALLS, stageOf, statesOf } from '../shop.ts';

const START = worldFrom(SHOP);

/** The shop once its namespace `shop`, and not `pay`, is in the mesh. */
function enrolledIn(target: Target): World {
  return worldAfter(START, planOf(START, SHOP_CALLS, { target, goal: 'enrol', namespaces: ['shop'] }));
}

const IN_ISTIO = enrolledIn('istio-sidecar');
const IN = { istio: IN_ISTIO, linkerd: enrolledIn('linkerd') };

function plan(world: World, target: Target, choices: Partial<Choices> = {}): RolloutPlan {
  return planOf(world, SHOP_CALLS, { target, choices: { ...NO_CHOICES, ...choices } });
}

const BESIDE_ISTIO = { coexist: [{ mesh: 'istio', reason: 'moved over in spring' }] } as const;

describe('another mesh that claims workloads of the plan', () => {
  test.each([
    ['Istio', 'istio', 'linkerd'],
    ['Linkerd', 'linkerd', 'istio-sidecar'],
    ['Linkerd', 'linkerd', 'istio-ambient'],
  ] as const)('stops it: %s (%s) before %s', (name, id, target) => {
    const made = plan(IN[id], target);
    expect(statesOf(made)).toEqual(['other-mesh: blocked']);
    const [stage] = made.stages;
    expect(stage).toMatchObject({ steps: [], restarts: [], helmValues: [], scope: { namespaces: ['shop'] } });
    const [obstacle] = stage?.blockedBy ?? [];
    expect(obstacle?.what).toContain(`another mesh, ${name}, claims 2 workloads of namespace shop (its control plane`);
    expect(obstacle?.remedy).toContain('take these workloads out of it first');
    expect(obstacle?.remedy).toContain('plan.exclude');
    expect(obstacle?.remedy).toContain(`--coexist-with ${id}`);
    expect(stage?.notes.join('\n')).toContain(`shop/Deployment/cart is ${name}'s`);
    expect(made.warnings.join('\n')).toContain(`another mesh, ${name}`);
  });

  test('is planned beside by choice: what it has is left out with the reason, the rest is enrolled', () => {
    const made = plan(IN_ISTIO, 'linkerd', BESIDE_ISTIO);
    const enrolled = made.stages.filter(({ kind }) => kind === 'enrol').flatMap(({ scope }) => scope.workloads);
    expect(enrolled.map(({ name }) => name)).toEqual(['payments']);
    expect(made.leftOut).toContainEqual({
      what: 'shop/Deployment/cart',
      reason: expect.stringContaining('another mesh has a claim on it') as string,
    });
    expect(made.warnings.join('\n')).toContain('the plan goes on beside it by choice (moved over in spring)');
  });

  test('is not planned beside by a choice that names another one', () => {
    const made = plan(IN_ISTIO, 'linkerd', { coexist: [{ mesh: 'consul', reason: 'r' }] });
    expect(statesOf(made)).toEqual(['other-mesh: blocked']);
  });

  test('stops nothing where its workloads are left out of the plan', () => {
    const excluded = plan(IN_ISTIO, 'linkerd', { exclude: [{ what: 'shop', reason: 'stays' }] });
    const apart = planOf(IN_ISTIO, SHOP_CALLS, { target: 'linkerd', namespaces: ['pay'] });
    const each = ['front', 'cart'].map((name) => ({ what: `shop/Deployment/${name}`, reason: 'stays' }));
    const one = plan(IN_ISTIO, 'linkerd', { exclude: each });
    for (const made of [excluded, apart, one]) expect(stageOf(made, 'enrol-pay').state).toBe('ready');
  });

  test('is not meant by the other data plane of the same mesh', () => {
    const made = plan(IN_ISTIO, 'istio-ambient');
    expect(made.stages.map(({ id }) => id)).not.toContain('other-mesh');
    expect(stageOf(made, 'preflight').state).toBe('ready');
  });

  test('leaves what an earlier plan carried out standing in the bundle', () => {
    const earlier = plan(START, 'linkerd');
    const reached = worldAfter(START, earlier, 'control-plane');
    const istio = planOf(reached, SHOP_CALLS, { goal: 'enrol', choices: { ...NO_CHOICES, ...BESIDE_ISTIO } });
    const both = worldAfter(reached, istio);
    const again = planOf(both, SHOP_CALLS, { target: 'linkerd', previous: earlier });
    expect(statesOf(again)).toContain('control-plane: done');
    expect(again.stages.filter(({ state }) => state !== 'done').map(({ id }) => id)).toEqual(['other-mesh']);
  });
});

describe('another mesh that may claim workloads of the plan', () => {
  const asking: readonly JsonObject[] = [
    ...SHOP,
    namespace('mixed'),
    workload('mixed', 'app', { labels: { 'consul.hashicorp.com/connect-inject': 'true' } }),
    service('mixed', 'app'),
  ];

  test('stops it too, and says that it is not known: one that is asked for, and whose control plane was not looked for', () => {
    const made = plan(worldFrom(asking, { basis: 'dump' }), 'istio-sidecar');
    expect(statesOf(made)).toEqual(['other-mesh: blocked']);
    const [obstacle] = stageOf(made, 'other-mesh').blockedBy;
    expect(obstacle?.what).toContain(
      'another mesh, Consul, may claim 1 workload of namespace mixed, which is not known',
    );
  });

  test('stops nothing where it is surely not there, and who asks for it stays out of the waves', () => {
    const made = plan(worldFrom(asking), 'istio-sidecar');
    expect(made.stages.map(({ id }) => id)).not.toContain('other-mesh');
    expect(made.leftOut.map(({ what }) => what)).toContain('mixed/Deployment/app');
  });

  test('stops nothing where neither it nor a sign of it was read', () => {
    const { stages } = plan(worldFrom(SHOP, { basis: 'dump' }), 'istio-sidecar');
    expect(stages.map(({ id }) => id)).not.toContain('other-mesh');
  });
});

test('a choice to plan beside a mesh that is not there is named as strange', () => {
  const choices = { ...NO_CHOICES, coexist: [{ mesh: 'kuma', reason: 'r' }] as const };
  expect(strangeChoices(START, choices)).toContain('plan.coexist names kuma, which is not in the cluster');
  expect(strangeChoices(IN_ISTIO, { ...NO_CHOICES, ...BESIDE_ISTIO })).toEqual([]);
});
