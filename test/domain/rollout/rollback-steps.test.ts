import { expect, test } from 'vitest';
import { at } from '../../../src/lib/json.ts';
import { KIND } from '../../../src/domain/kubernetes/kinds.ts';
import { admitPod } from '../../../src/domain/mesh/registry.ts';
import { rollbackSteps, templateLabels } from '../../../src/domain/rollout/rollback-steps.ts';
import { applyChange } from '../../../src/domain/world/apply.ts';
import type { Step } from '../../../src/domain/world/step.ts';
import { worldFrom } from '../../support/build-world.ts';
import { SHOP } from './shop.ts';

const CART = { kind: KIND.deployment, namespace: 'shop', name: 'cart' } as const;

function labelsAfterRollback(labels: Readonly<Record<string, string>>): unknown {
  const world = worldFrom(SHOP);
  const step: Step = { step: 'patch', target: CART, patch: templateLabels(CART, labels), why: 'enrols' };
  const undo = rollbackSteps(world, [step]);
  const after = applyChange(world, { id: 'there', steps: [step] }, admitPod).world;
  const back = applyChange(after, { id: 'back', steps: undo }, admitPod).world;
  return at(back.get(CART)?.spec, 'template', 'metadata', 'labels');
}

test('the rollback of an enrolment by revision takes the revision away and says no by an explicit word', () => {
  expect(labelsAfterRollback({ 'istio.io/rev': 'prod' })).toEqual({ app: 'cart', 'sidecar.istio.io/inject': 'false' });
});

test('the rollback of an enrolment by the injection label turns it round', () => {
  expect(labelsAfterRollback({ 'sidecar.istio.io/inject': 'true' })).toEqual({
    app: 'cart',
    'sidecar.istio.io/inject': 'false',
  });
});

test('the rollback of ambient mode says so by an explicit word', () => {
  expect(labelsAfterRollback({ 'istio.io/dataplane-mode': 'ambient' })).toEqual({
    app: 'cart',
    'istio.io/dataplane-mode': 'none',
  });
});

test('a port of a Service loses what the change added, keeps what it did not name, and gets back what was replaced', () => {
  const world = worldFrom(SHOP);
  const target = { kind: KIND.service, namespace: 'shop', name: 'cart' } as const;
  const patch = { spec: { ports: [{ port: 80, protocol: 'TCP', name: 'tcp-web', appProtocol: 'tcp' }] } };
  const [undo] = rollbackSteps(world, [{ step: 'patch', target, patch, why: 'declares' }]);
  expect(undo).toMatchObject({
    step: 'patch',
    patch: { spec: { ports: [{ port: 80, protocol: 'TCP', name: 'http', appProtocol: null }] } },
  });
});
