import { expect, test } from 'vitest';
import { KIND } from '../../../../src/domain/kubernetes/kinds.ts';
import { asObject, at } from '../../../../src/lib/json.ts';
import { SHOP, stageOf } from '../shop.ts';
import { peerAuthentication } from '../traps/trap-objects.ts';
import { trap } from '../traps/trap-world.ts';

const OTHERS = peerAuthentication('shop/default', { mtls: { mode: 'PERMISSIVE' } });
const LABELLED = { ...OTHERS, metadata: { ...asObject(OTHERS['metadata']), labels: { team: 'shop' } } };

test('the mode in a PeerAuthentication of somebody else is patched, and nothing of it is applied', () => {
  const { plan, end, worse } = trap([...SHOP, LABELLED]);
  const steps = stageOf(plan, 'strict-shop').steps;
  expect(steps.map((step) => (step.step === 'patch' ? [step.target.name, step.patch] : step.step))).toEqual([
    ['default', { spec: { mtls: { mode: 'STRICT' } } }],
  ]);
  const applied = plan.stages.flatMap(({ steps: own }) => own).filter((step) => step.step === 'apply');
  expect(
    applied.some(({ manifest }) => manifest.kind === 'PeerAuthentication' && manifest.metadata.namespace === 'shop'),
  ).toBe(false);
  const after = end.listIn(KIND.peerAuthentication, 'shop').objects[0];
  expect([after?.metadata.labels, at(after?.spec, 'mtls', 'mode')]).toEqual([{ team: 'shop' }, 'STRICT']);
  expect(worse).toEqual([]);
});

test('its rollback puts the mode back and leaves the rest alone', () => {
  const { plan } = trap([...SHOP, LABELLED]);
  const [undo] = stageOf(plan, 'strict-shop').rollback.steps;
  expect(undo?.step === 'patch' ? undo.patch : undo?.step).toEqual({ spec: { mtls: { mode: 'PERMISSIVE' } } });
});
