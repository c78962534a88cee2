import { expect, test } from 'vitest';
import type { RolloutPlan } from '../../../src/domain/rollout/plan.ts';
import { infrastructureReason } from '../../../src/domain/checks/scope.ts';
import { KIND } from '../../../src/domain/kubernetes/kinds.ts';
import { namespace, service, workload, worldFrom } from '../../support/build-world.ts';
import { planOf, row, SHOP, SHOP_CALLS, stageOf } from './shop.ts';

const DB = [
  namespace('data'),
  workload('data', 'db', { port: 3307, kind: 'StatefulSet', container: { image: 'mysql:8' } }),
  service('data', 'db', { name: 'db', port: 3307, targetPort: 3307 }),
];
const ROWS = [...SHOP_CALLS, row('cart.shop', 'db.data', { port: 3307, protocol: 'mysql' })];
const CHECK = 'server-first-port-undeclared-istio';

function injectGate(plan: RolloutPlan): string {
  return stageOf(plan, 'preflight').exitGate.find(({ id }) => id === 'no-blocker-inject')?.text ?? '';
}

test('findings stand on the preflight page with what will happen, the remedy and where it is explained', () => {
  const plan = planOf(worldFrom([...SHOP, ...DB]), ROWS);
  const { state, notes } = stageOf(plan, 'preflight');
  expect(state).toBe('ready');
  const note = notes.find((text) => text.includes(CHECK)) ?? '';
  expect(note).toMatch(/^blocker, stage inject: Service data\/db: .+ Remedy: .+ See: meshwise explain /);
  expect(injectGate(plan)).toContain(`${CHECK} at Service data/db`);
});

test('findings of namespaces outside the plan are left out, and the gate is met where none is open', () => {
  const plan = planOf(worldFrom([...SHOP, ...DB]), ROWS, { namespaces: ['shop', 'pay'] });
  expect(stageOf(plan, 'preflight').notes.join(' ')).not.toContain(CHECK);
  expect(injectGate(plan)).not.toContain('Open now');
});

test('what a check could not decide is named with its reason', () => {
  const { notes } = stageOf(planOf(worldFrom(SHOP, { forbidden: [KIND.networkPolicy] }), SHOP_CALLS), 'preflight');
  expect(notes.some((note) => note.startsWith('Not assessed: ') && note.includes('NetworkPolicy'))).toBe(true);
});

test('at most thirty findings are listed, and the rest is counted', () => {
  const many = Array.from({ length: 40 }, (_, index) => `db${String(index)}`).flatMap((name) => [
    workload('data', name, { port: 3307, kind: 'StatefulSet', container: { image: 'mysql:8' } }),
    service('data', name, { name: 'db', port: 3307, targetPort: 3307 }),
  ]);
  const plan = planOf(worldFrom([...SHOP, namespace('data'), ...many]), SHOP_CALLS, { goal: 'permissive' });
  const { notes } = stageOf(plan, 'preflight');
  expect(notes.filter((note) => note.includes('See: meshwise explain'))).toHaveLength(30);
  expect(notes.join(' ')).toMatch(/And \d+ findings more/);
});

test.each(['kube-system', 'ingress-nginx', 'monitoring', 'argocd', 'calico-system', 'rook-ceph'])(
  'namespace %s is left out by its name, with the reason that the checks know too',
  (name) => {
    const plan = planOf(worldFrom([...SHOP, namespace(name), workload(name, 'some')]), SHOP_CALLS);
    expect(plan.leftOut).toContainEqual({ what: `namespace ${name}`, reason: infrastructureReason(name) });
  },
);

test.each(['istio-demo', 'shop', 'kong', 'traefik-demo', 'kubeshop'])('the name %s is judged as a whole', (name) => {
  const isInfrastructure = name === 'kong' || name === 'traefik-demo';
  expect(infrastructureReason(name) !== undefined).toBe(isInfrastructure);
});

test('the rise of errors is told against the same minutes of the day before, and a floor', () => {
  const abort = stageOf(planOf(worldFrom(SHOP), SHOP_CALLS), 'enrol-shop').abort.find(({ id }) => id === 'errors-rise');
  expect(abort?.promql).toContain('[10m] offset 1d');
  expect(abort?.promql).toContain('> 0.01');
  expect(abort?.promql).toContain('or vector(0)');
  expect(abort?.text).toContain('one day before');
});

test('a world whose webhooks could not be read ends with the kind that is missing', () => {
  const plan = planOf(worldFrom(SHOP, { forbidden: [KIND.mutatingWebhook] }), SHOP_CALLS);
  const plane = stageOf(plan, 'control-plane');
  expect(plane.state).toBe('blocked');
  expect(plane.blockedBy[0]?.what).toContain('MutatingWebhookConfiguration');
  expect(stageOf(plan, 'enrol').state).toBe('outline');
});
