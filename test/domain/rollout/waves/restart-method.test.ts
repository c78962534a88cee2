import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../../../../src/lib/json.ts';
import { isOver, reasonOfAnotherMesh, reasonToLeave } from '../../../../src/domain/rollout/waves/leave.ts';
import { maxParallel, restartCautions, restartMethod } from '../../../../src/domain/rollout/waves/restart-method.ts';
import type { Workload } from '../../../../src/domain/world/workload.ts';
import { workloadsIn } from '../../../../src/domain/world/workloads-of.ts';
import type { World } from '../../../../src/domain/world/world.ts';
import { cronJob, namespace, workload, worldFrom } from '../../../support/build-world.ts';

interface Given {
  readonly kind?: 'Deployment' | 'StatefulSet' | 'DaemonSet';
  readonly spec?: JsonObject;
  readonly metadata?: JsonObject;
  readonly container?: JsonObject;
  readonly more?: readonly JsonObject[];
}

const READY = { readinessProbe: { httpGet: { port: 8080 } } };

function worldOf({ kind = 'Deployment', spec = {}, metadata = {}, container = READY, more = [] }: Given): World {
  const made = workload('shop', 'cart', { kind, container });
  const object = {
    ...made,
    metadata: { ...(made['metadata'] as JsonObject), ...metadata },
    spec: { ...(made['spec'] as JsonObject), ...spec },
  };
  return worldFrom([namespace('shop'), object, ...more]);
}

function cart(world: World): Workload {
  const found = workloadsIn(world, 'shop').find(({ name }) => name === 'cart');
  if (found === undefined) throw new Error('no cart');
  return found;
}

const methodOf = (given: Given): string => restartMethod(worldOf(given), cart(worldOf(given)));

describe('pods are made new by what makes them', () => {
  const canary = {
    apiVersion: 'flagger.app/v1beta1',
    kind: 'Canary',
    metadata: { name: 'cart', namespace: 'shop' },
    spec: { targetRef: { kind: 'Deployment', name: 'cart' } },
  };
  test.each<[string, Given, string]>([
    ['a Deployment', {}, 'rollout-restart'],
    ['a Deployment that Flagger watches', { more: [canary] }, 'flagger'],
    [
      'a StatefulSet that waits for deletion',
      { kind: 'StatefulSet', spec: { updateStrategy: { type: 'OnDelete' } } },
      'delete-pods',
    ],
    [
      'a DaemonSet that waits for deletion',
      { kind: 'DaemonSet', spec: { updateStrategy: { type: 'OnDelete' } } },
      'delete-pods',
    ],
  ])('%s', (_, given, method) => {
    expect(methodOf(given)).toBe(method);
  });

  test('a CronJob by its next run', () => {
    const world = worldFrom([namespace('shop'), cronJob('shop', 'cart')]);
    expect(restartMethod(world, cart(world))).toBe('next-run');
  });
});

describe('how many pods may be away follows from the strategy as the API server rounds it', () => {
  test.each<[string, Given, string]>([
    ['two pods, nothing written', {}, '0 of 2 (maxUnavailable 25%, maxSurge 25%)'],
    ['ten pods, nothing written', { spec: { replicas: 10 } }, '2 of 10 (maxUnavailable 25%, maxSurge 25%)'],
    [
      'neither away nor more',
      { spec: { strategy: { rollingUpdate: { maxUnavailable: 0, maxSurge: 0 } } } },
      '1 of 2 (maxUnavailable 0, maxSurge 0)',
    ],
    ['Recreate', { spec: { strategy: { type: 'Recreate' } } }, 'all pods at once (strategy Recreate)'],
    ['a StatefulSet', { kind: 'StatefulSet' }, '1 of 2 (one after the other)'],
  ])('%s', (_, given, text) => {
    expect(maxParallel(cart(worldOf(given)))).toBe(text);
  });
});

describe('what a restart does to callers is said before', () => {
  const cautions = (given: Given): string => restartCautions(cart(worldOf(given))).join('\n');

  test('Recreate is named, with what would do less', () => {
    expect(cautions({ spec: { strategy: { type: 'Recreate' } } })).toMatch(/calls to it fail meanwhile.*maxSurge: 1/);
  });
  test('the only pod of a StatefulSet is named', () => {
    expect(cautions({ kind: 'StatefulSet', spec: { replicas: 1 } })).toContain('its only pod is away');
  });
  test('a Deployment with one pod gets a second one first, and nothing is said of it', () => {
    expect(cautions({ spec: { replicas: 1 } })).toBe('');
  });
  test('a missing readiness probe is named', () => {
    expect(cautions({ container: {} })).toContain('minReadySeconds');
  });
});

describe('who cannot be enrolled by a plan', () => {
  test('what an operator writes is left to it, with the field in which it takes labels of pods', () => {
    const ownerReferences = [
      { apiVersion: 'monitoring.coreos.com/v1', kind: 'Prometheus', name: 'k8s', controller: true },
    ];
    const reason = reasonToLeave(cart(worldOf({ kind: 'StatefulSet', metadata: { ownerReferences } })), 'the label');
    expect(reason).toContain('Prometheus k8s writes it');
    expect(reason).toContain('spec.podMetadata');
  });

  test('a Job that has ended is over, and one that runs is not', () => {
    const job = (conditions: readonly JsonObject[]) =>
      cart(
        worldFrom([
          namespace('shop'),
          {
            apiVersion: 'batch/v1',
            kind: 'Job',
            metadata: { name: 'cart', namespace: 'shop' },
            spec: { template: { spec: { containers: [{ name: 'job', image: 'example.com/job:1' }] } } },
            status: { conditions },
          },
        ]),
      );
    expect(isOver(job([{ type: 'Complete', status: 'True' }]))).toBe(true);
    expect(isOver(job([{ type: 'Suspended', status: 'True' }]))).toBe(false);
  });

  test('another mesh that was asked to take the pods keeps them, and the own one does not', () => {
    const world = worldFrom([
      namespace('shop'),
      workload('shop', 'cart', { podSpec: {}, labels: { 'linkerd.io/inject': 'enabled' } }),
    ]);
    expect(reasonOfAnotherMesh(world, cart(world), 'istio')).toContain('linkerd.io/inject');
    expect(reasonOfAnotherMesh(world, cart(world), 'linkerd')).toBeUndefined();
  });
});
