import { describe, expect, it, test } from 'vitest';
import { KIND } from '../../../../src/domain/kubernetes/kinds.ts';
import type { StateCheck } from '../../../../src/domain/rollout/state-check.ts';
import { checkState } from '../../../../src/domain/rollout/verify/check-state.ts';
import type { World } from '../../../../src/domain/world/world.ts';
import { namespace, node, workload, worldFrom } from '../../../support/build-world.ts';
import { SHOP, SHOP_CALLS, watched } from '../shop.ts';
import { appliedUpTo, changed, PLAN, withoutKind, WORLD } from './verify-world.ts';

const CART = { namespace: 'shop', kind: 'Deployment', name: 'cart' };
const CART_OBJECT = { kind: KIND.deployment, namespace: 'shop', name: 'cart' };
const END = appliedUpTo(PLAN.stages.at(-1)?.id ?? '');

function stateOf(world: World, check: StateCheck): string {
  return checkState(check, { world, graph: watched(world, SHOP_CALLS), target: 'istio-sidecar' }).state;
}

function withStatus(status: Readonly<Record<string, number>>): World {
  return changed(WORLD, CART_OBJECT, (object) => ({ ...object, status }));
}

describe('enrolled', () => {
  const check: StateCheck = { check: 'enrolled', mesh: 'istio', mode: 'sidecar', workloads: [CART] };

  it('is met once all pods have proxies', () => {
    expect(stateOf(END, check)).toBe('met');
  });

  it('is unmet before, and for another data plane', () => {
    expect(stateOf(WORLD, check)).toBe('unmet');
    expect(stateOf(END, { ...check, mode: 'ambient' })).toBe('unmet');
    expect(stateOf(END, { ...check, mesh: 'linkerd' })).toBe('unmet');
  });

  it('is unmet for a workload that is not there', () => {
    expect(stateOf(END, { ...check, workloads: [{ ...CART, name: 'gone' }] })).toBe('unmet');
  });

  it('is unmet where the pods have proxies and the next one will not', () => {
    const world = changed(END, CART_OBJECT, (object) => ({
      ...object,
      spec: {
        ...(object.spec as object),
        template: { metadata: { labels: { app: 'cart', 'sidecar.istio.io/inject': 'false' } }, spec: {} },
      },
    }));
    expect(stateOf(world, check)).toBe('unmet');
  });

  it('is unknown where pods or workloads were not read, or nothing is named', () => {
    expect(stateOf(withoutKind(END, KIND.pod), check)).toBe('unknown');
    expect(stateOf(withoutKind(withoutKind(END, KIND.pod), KIND.deployment), check)).toBe('unknown');
    expect(stateOf(END, { ...check, workloads: [] })).toBe('unknown');
  });
});

describe('available', () => {
  const check: StateCheck = { check: 'available', objects: [CART_OBJECT] };

  it.each([
    ['met', { replicas: 2, updatedReplicas: 2, readyReplicas: 2 }],
    ['unmet', { replicas: 2, updatedReplicas: 2, readyReplicas: 1 }],
    ['unmet', { replicas: 3, updatedReplicas: 1, readyReplicas: 3 }],
    ['unmet', { replicas: 2 }],
    ['unmet', { replicas: 1, updatedReplicas: 1, readyReplicas: 1 }],
  ] as const)('is %s by the counts %j', (state, status) => {
    expect(stateOf(withStatus(status), check)).toBe(state);
  });

  it('is unmet where the controller has not seen the newest template', () => {
    const world = changed(WORLD, CART_OBJECT, (object) => ({
      ...object,
      metadata: { ...object.metadata, generation: 3 },
      status: { replicas: 2, updatedReplicas: 2, readyReplicas: 2, observedGeneration: 2 },
    }));
    expect(stateOf(world, check)).toBe('unmet');
  });

  it('asks for so many at least', () => {
    const world = withStatus({ replicas: 2, updatedReplicas: 2, readyReplicas: 2 });
    expect(stateOf(world, { ...check, atLeast: 3 })).toBe('unmet');
    expect(stateOf(world, { ...check, atLeast: 2 })).toBe('met');
  });

  it('counts the pods where there is no status', () => {
    expect(stateOf(WORLD, check)).toBe('unmet');
  });

  it('is unknown where neither status nor pods were read, and for what runs no pods', () => {
    expect(stateOf(withoutKind(WORLD, KIND.pod), check)).toBe('unknown');
    expect(stateOf(worldFrom(SHOP, { basis: 'declared' }), check)).toBe('unknown');
    expect(stateOf(WORLD, { ...check, objects: [{ kind: 'Service', namespace: 'shop', name: 'cart' }] })).toBe(
      'unknown',
    );
  });

  it('is unmet for what is not there, and unknown for what was not read', () => {
    const gone: StateCheck = { ...check, objects: [{ ...CART_OBJECT, name: 'gone' }] };
    expect(stateOf(WORLD, gone)).toBe('unmet');
    expect(stateOf(withoutKind(WORLD, KIND.deployment), gone)).toBe('unknown');
  });
});

test('served is met for a kind that was listed, unmet for one that is absent, and else unknown', () => {
  const check: StateCheck = { check: 'served', kinds: [KIND.peerAuthentication] };
  expect(stateOf(END, check)).toBe('met');
  expect(stateOf(WORLD, check)).toBe('unmet');
  expect(stateOf(withoutKind(END, KIND.peerAuthentication), check)).toBe('unknown');
  expect(stateOf(WORLD, { ...check, kinds: ['example.com/Thing'] })).toBe('unknown');
});

test('served is met where the definition is there, though nobody listed the kind', () => {
  const definition = {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: 'things.example.com' },
    spec: { group: 'example.com', names: { kind: 'Thing' } },
  };
  const world = worldFrom([...SHOP, definition]);
  expect(stateOf(world, { check: 'served', kinds: ['example.com/Thing'] })).toBe('met');
  expect(stateOf(world, { check: 'served', kinds: ['example.com/Other'] })).toBe('unknown');
});

test('port-mode tells the mode in force', () => {
  const check: StateCheck = { check: 'port-mode', workload: CART, ports: [8080], mode: 'strict' };
  expect(stateOf(appliedUpTo('strict-shop'), check)).toBe('met');
  expect(stateOf(WORLD, check)).toBe('unmet');
  expect(stateOf(WORLD, { ...check, mode: 'none' })).toBe('met');
  expect(stateOf(withoutKind(END, KIND.peerAuthentication), check)).toBe('unknown');
  expect(stateOf(END, { ...check, ports: [] })).toBe('unknown');
});

test('holds reads fields back, and absent that an object is gone', () => {
  const object = { kind: KIND.peerAuthentication, namespace: 'shop', name: 'default' };
  const holds: StateCheck = { check: 'holds', object, fields: { spec: { mtls: { mode: 'STRICT' } } } };
  expect(stateOf(END, holds)).toBe('met');
  expect(stateOf(END, { ...holds, fields: { spec: { mtls: { mode: 'PERMISSIVE' } } } })).toBe('unmet');
  expect(stateOf(WORLD, holds)).toBe('unmet');
  expect(stateOf(withoutKind(END, KIND.peerAuthentication), holds)).toBe('unknown');
  const absent: StateCheck = { check: 'absent', object };
  expect(stateOf(WORLD, absent)).toBe('met');
  expect(stateOf(END, absent)).toBe('unmet');
  expect(stateOf(withoutKind(END, KIND.peerAuthentication), absent)).toBe('unknown');
});

test('no-blocker is unmet where a check finds one, and unknown where it could not look', () => {
  const check: StateCheck = { check: 'no-blocker', stage: 'inject', namespaces: ['shop'] };
  const restricted = worldFrom([
    node('node-1'),
    namespace('shop', { 'pod-security.kubernetes.io/enforce': 'restricted' }),
    workload('shop', 'cart'),
  ]);
  expect(stateOf(restricted, check)).toBe('unmet');
  expect(stateOf(restricted, { ...check, namespaces: ['other'] })).not.toBe('unmet');
  expect(stateOf(withoutKind(WORLD, KIND.namespace), check)).toBe('unknown');
});

test('unused-revision finds the proxies that are bound to it', () => {
  const revision = END.list(KIND.pod).objects.flatMap(({ metadata }) => metadata.annotations['istio.io/rev'] ?? [])[0];
  expect(revision).toBeDefined();
  const check: StateCheck = { check: 'unused-revision', revision: revision ?? '' };
  expect(stateOf(END, check)).toBe('unmet');
  expect(stateOf(WORLD, check)).toBe('met');
  expect(stateOf(withoutKind(WORLD, KIND.pod), check)).toBe('unknown');
  expect(stateOf(worldFrom(SHOP, { basis: 'declared' }), check)).toBe('unknown');
});
