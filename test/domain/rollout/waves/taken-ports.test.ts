import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../../../../src/lib/json.ts';
import type { Target } from '../../../../src/domain/rollout/plan.ts';
import { service, workload, worldFrom, type WorkloadOptions } from '../../../support/build-world.ts';
import { ambientPlan, inAmbientCluster } from '../istio-ambient/ambient-shop.ts';
import { planOf, row, SHOP, SHOP_CALLS } from '../shop.ts';

function waveOf(target: Target, objects: readonly JsonObject[]) {
  const calls = [...SHOP_CALLS, row('front.shop', 'api.shop')];
  const plan =
    target === 'istio-ambient'
      ? ambientPlan(inAmbientCluster(objects), calls)
      : planOf(worldFrom(objects), calls, { target });
  const waves = plan.stages.filter(({ kind }) => kind === 'enrol');
  const named = (name: string) => waves.find(({ scope }) => scope.workloads.some((each) => each.name === name));
  const wave = named('api');
  const others = ['cart', 'front'].map((name) => named(name)?.state);
  return { wave, others, left: plan.leftOut.map(({ what, reason }) => `${what}: ${reason}`), plan };
}

function apiAt(options: WorkloadOptions, targetPort: number): readonly JsonObject[] {
  return [...SHOP, workload('shop', 'api', options), service('shop', 'api', { targetPort })];
}

const TAKEN: readonly (readonly [Target, number])[] = [
  ['linkerd', 4140],
  ['linkerd', 4143],
  ['linkerd', 4190],
  ['linkerd', 4191],
  ['istio-sidecar', 15000],
  ['istio-sidecar', 15021],
  ['istio-sidecar', 15090],
  ['istio-ambient', 15008],
  ['istio-ambient', 15053],
];

test.each(TAKEN)('towards %s a container at port %d stops its own wave and no other', (target, port) => {
  const { wave, others, left } = waveOf(target, apiAt({ port }, port));
  expect(wave?.state).toBe('blocked');
  expect(wave?.scope.workloads.map(({ name }) => name)).toEqual(['api']);
  expect(wave?.blockedBy[0]?.what).toContain(`container app uses port ${String(port)}`);
  expect(others).toEqual(['ready', 'ready']);
  expect(left.join()).toContain(`shop/Deployment/api: shop/Deployment/api: container app uses port ${String(port)}`);
});

describe('a port that no container declares', () => {
  test.each([
    { options: { container: { ports: [] } }, target: 4191, who: 'a Service' },
    {
      options: { container: { readinessProbe: { httpGet: { port: 4190, path: '/' } } } },
      target: 8080,
      who: 'the readiness probe of container app',
    },
  ])('is taken all the same where $who leads to it', ({ options, target, who }) => {
    expect(waveOf('linkerd', apiAt(options, target)).wave?.blockedBy[0]?.what).toContain(who);
  });
});

test.each([
  ['linkerd', 15090],
  ['istio-sidecar', 4191],
  ['istio-ambient', 15090],
] as const)('towards %s port %d of another proxy is free', (target, port) => {
  expect(waveOf(target, apiAt({ port }, port)).wave?.state).toBe('ready');
});

test('a workload that stays out for its port is closed by no later stage', () => {
  const { plan } = waveOf('linkerd', apiAt({ port: 4191 }, 4191));
  const closing = plan.stages.filter(({ id }) => /^(strict|deny|default)-/.test(id));
  expect(closing.length).toBeGreaterThan(0);
  for (const stage of closing) {
    expect(JSON.stringify(stage.steps)).not.toContain('"app":"api"');
  }
});
