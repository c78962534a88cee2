import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../../../../src/lib/json.ts';
import { headroomNotes } from '../../../../src/domain/rollout/preflight/headroom.ts';
import type { Target } from '../../../../src/domain/rollout/plan.ts';
import { sharedAccountNotes } from '../../../../src/domain/rollout/service-accounts/shared-accounts.ts';
import { namespace, node, workload, worldFrom } from '../../../support/build-world.ts';

function quota(hard: JsonObject, used: JsonObject): JsonObject {
  return {
    apiVersion: 'v1',
    kind: 'ResourceQuota',
    metadata: { name: 'compute', namespace: 'shop' },
    spec: { hard },
    status: { hard, used },
  };
}

function notesOf(target: Target, more: readonly JsonObject[]): string {
  return headroomNotes(worldFrom([namespace('shop'), workload('shop', 'cart'), ...more]), target, ['shop']).join('\n');
}

describe('the proxies of two pods and one more while they update', () => {
  test('do not fit into a quota that has less left, and the note says how much is needed', () => {
    const notes = notesOf('istio-sidecar', [quota({ 'requests.cpu': '1' }, { 'requests.cpu': '800m' })]);
    expect(notes).toContain('300m of requests.cpu is needed, 200m of 1 is left');
  });

  test('fit into a quota that has as much left', () => {
    expect(notesOf('istio-sidecar', [quota({ 'requests.cpu': '1' }, { 'requests.cpu': '700m' })])).not.toContain(
      'ResourceQuota',
    );
  });

  test('are not said to fit where nobody counted what is used', () => {
    expect(notesOf('istio-sidecar', [quota({ 'requests.cpu': '1' }, {})])).toContain('is not known, 300m is needed');
  });
});

test('a quota that asks for what the values of the plan do not state refuses the proxies of Linkerd', () => {
  const hard = { 'requests.memory': '8Gi', 'limits.cpu': '8' };
  const notes = notesOf('linkerd', [quota(hard, { 'requests.memory': '1Gi', 'limits.cpu': '1' })]);
  expect(notes).toContain('refuses every pod of which a container does not state limits.cpu, ');
  expect(notes).not.toContain('requests.memory');
  expect(notes).not.toContain('requests of both');
});

test('the proxies of Linkerd do not fit into a quota that has less left than they ask for', () => {
  const notes = notesOf('linkerd', [quota({ 'requests.cpu': '110m' }, { 'requests.cpu': '100m' })]);
  expect(notes).toContain('300m of requests.cpu is needed, 10m of 110m is left');
});

test.each(['pods', 'count/pods'])('a quota of %s that is used up lets no update start its new pod', (resource) => {
  expect(notesOf('linkerd', [quota({ [resource]: '2' }, { [resource]: '2' })])).toContain(
    `1 of ${resource} is needed, 0 of 2 is left`,
  );
  expect(notesOf('linkerd', [quota({ [resource]: '3' }, { [resource]: '2' })])).not.toContain('too small');
});

test('a LimitRange below the limit of the sidecar refuses every pod that gets one', () => {
  const range = {
    apiVersion: 'v1',
    kind: 'LimitRange',
    metadata: { name: 'small', namespace: 'shop' },
    spec: { limits: [{ type: 'Container', max: { cpu: '1' } }] },
  };
  expect(notesOf('istio-sidecar', [range])).toContain('LimitRange shop/small refuses');
});

test('nodes that do not say what they offer are not said to have room', () => {
  const notes = notesOf('istio-sidecar', [node('node-1')]);
  expect(notes).toContain('whether they do is not known');
  expect(notes).not.toContain('have room');
});

test('ambient mode puts nothing into pods, so quotas of pods are not its matter', () => {
  expect(notesOf('istio-ambient', [quota({ 'requests.cpu': '1' }, { 'requests.cpu': '1' })])).toBe('');
});

test('who shares a ServiceAccount is named, and who has one alone is not', () => {
  const world = worldFrom([
    namespace('shop'),
    workload('shop', 'cart', { serviceAccount: 'common' }),
    workload('shop', 'front', { serviceAccount: 'common' }),
    workload('shop', 'alone'),
  ]);
  const notes = sharedAccountNotes(world, ['shop']);
  expect(notes.length).toBe(1);
  expect(notes[0]).toContain('shop/common is shared by shop/Deployment/cart, shop/Deployment/front');
});
