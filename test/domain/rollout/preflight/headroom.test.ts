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

test('a quota that asks every container for requests refuses the proxies of Linkerd, which state none', () => {
  const hard = quota({ 'requests.memory': '8Gi' }, { 'requests.memory': '1Gi' });
  expect(notesOf('linkerd', [hard])).toContain('refuses every pod of which a container does not state requests.memory');
  expect(notesOf('istio-sidecar', [hard])).not.toContain('refuses every pod');
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
