import { expect, test } from 'vitest';
import { supportOf } from '../../../../src/domain/rollout/istio/choose-release.ts';
import { guardrailFiles } from '../../../../src/domain/rollout/operate/guardrail.ts';
import { kubernetesSupport } from '../../../../src/domain/rollout/operate/kubernetes-support.ts';
import { leftBehind } from '../../../../src/domain/rollout/operate/left-behind.ts';
import { at } from '../../../../src/lib/json.ts';
import { namespace, workload, worldFrom } from '../../../support/build-world.ts';
import { planOf, SHOP, SHOP_CALLS, stageOf } from '../shop.ts';

const OPERATE = stageOf(planOf(worldFrom(SHOP), SHOP_CALLS), 'operate');

test('operate has the calendar of Istio, of Kubernetes and of the root, with what is not known said so', () => {
  const notes = OPERATE.notes.join('\n');
  expect(notes).toContain(
    'Istio 1.31 gets patches until six weeks after 1.33, whose day was not fixed as of 2026-11-22.',
  );
  expect(notes).toContain('Kubernetes 1.34 gets no patches from upstream after 2026-10-27');
  expect(notes).toContain('When the root of the mesh ends was not read');
});

test('a release whose end is known is told by its day, and one that nobody knows is not guessed', () => {
  expect(supportOf('1.29.3')).toBe('Istio 1.29 gets no patches after 2026-10-12 (as of 2026-11-22).');
  expect(supportOf('1.99.0')).toBe('Until when Istio 1.99.0 gets patches is not known here.');
  expect(kubernetesSupport('v1.99.0')).toContain('is not known here');
});

test('a new service gets its allow from a template, and a new namespace a warning that refuses nothing', () => {
  expect(OPERATE.helmValues.map(({ file }) => file)).toEqual([
    'new-service-allow.yaml',
    'guardrail-policy.yaml',
    'guardrail-binding.yaml',
  ]);
  const [policy, binding] = guardrailFiles('istio-ambient');
  expect(at(binding?.values, 'spec', 'validationActions')).toEqual(['Warn']);
  expect(at(policy?.values, 'spec', 'failurePolicy')).toBe('Ignore');
  expect(JSON.stringify(policy?.values)).toContain("'istio.io/dataplane-mode' in object.metadata.labels");
});

test('what the migration leaves behind is named: opt-outs and policies that hold for one revision', () => {
  const world = worldFrom([
    namespace('shop'),
    workload('shop', 'cart', { labels: { 'sidecar.istio.io/inject': 'false' } }),
    workload('shop', 'front'),
    {
      apiVersion: 'security.istio.io/v1',
      kind: 'PeerAuthentication',
      metadata: { name: 'default', namespace: 'shop', labels: { 'istio.io/rev': '1-30' } },
      spec: {},
    },
  ]);
  const rows = leftBehind(world);
  expect(rows).toHaveLength(2);
  expect(rows[0]).toContain('shop/Deployment/cart');
  expect(rows[1]).toContain('PeerAuthentication');
  expect(leftBehind(worldFrom(SHOP))).toEqual([]);
});
