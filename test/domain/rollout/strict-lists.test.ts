import { expect, test } from 'vitest';
import { cronJob, node, workload, worldFrom } from '../../support/build-world.ts';
import { planOf, row, SHOP, SHOP_CALLS, stageOf } from './shop.ts';

const HOST = workload('shop', 'agent', { kind: 'DaemonSet', podSpec: { hostNetwork: true } });

/** Names in the list of that title; undefined where there is no such list. */
function listed(notes: readonly string[], title: string): readonly string[] | undefined {
  return notes
    .find((note) => note.startsWith(`${title}: `))
    ?.slice(title.length + 2)
    .match(/\w+\/(?:Deployment|DaemonSet|CronJob)\/\w+/g)
    ?.map(String);
}

test('from manifests alone, enrolled workloads are listed as ready and never as not enrolled', () => {
  const plan = planOf(worldFrom([...SHOP, HOST], { basis: 'declared' }), [], { acceptEvidence: 'inferred' });
  const { notes } = stageOf(plan, 'strict-shop');
  expect(listed(notes, 'Ready')).toEqual(['shop/Deployment/cart', 'shop/Deployment/front']);
  expect(listed(notes, 'Not enrolled, so not changed')).toEqual(['shop/DaemonSet/agent']);
  expect(notes.join(' ')).toContain('shop/DaemonSet/agent (its pods use the host network');
});

test('a workload with an excepted port is exempt, also where STRICT is planned after its exceptions', () => {
  const old = SHOP.map((object) => (object['kind'] === 'Node' ? node('node-1', 'v1.31.0') : object));
  const world = worldFrom([...old, cronJob('shop', 'report')], { kubernetesVersion: 'v1.31.0' });
  const plan = planOf(world, [...SHOP_CALLS, row('report.shop', 'payments.pay')]);
  const { notes, state } = stageOf(plan, 'strict-pay');
  expect(state).toBe('ready');
  expect(listed(notes, 'Exempt')).toEqual(['pay/Deployment/payments']);
  expect(listed(notes, 'Ready')).toBeUndefined();
  expect(listed(stageOf(plan, 'strict-shop').notes, 'Not enrolled, so not changed')).toEqual(['shop/CronJob/report']);
});

test('a workload of whose callers too little is known is not called ready', () => {
  const { notes } = stageOf(planOf(worldFrom(SHOP), [row('front.shop', 'cart.shop')]), 'strict-shop');
  expect(listed(notes, 'Ready')).toEqual(['shop/Deployment/cart']);
  expect(listed(notes, 'Not ready, because too little is known of their callers')).toEqual(['shop/Deployment/front']);
});

test('a namespace of whose pods nothing was read keeps its place as an outline that says why', () => {
  const strict = stageOf(planOf(worldFrom(SHOP, { forbidden: ['Pod'], pods: false }), SHOP_CALLS), 'strict-shop');
  expect(strict.state).toBe('outline');
  expect(strict.blockedBy.map(({ what }) => what).join(' ')).toContain('running pods are not known');
});

test('a caller of a port is named once, with the strongest evidence, and the owner is to be named', () => {
  const world = worldFrom([...SHOP, workload('kube-ops', 'courier')]);
  const plan = planOf(world, [
    ...SHOP_CALLS,
    row('courier.kube-ops', 'payments.pay'),
    row('courier.kube-ops', 'payments.pay', { method: 'GET', path: '/a' }),
  ]);
  const [exception] = plan.exceptions.filter(({ layer }) => layer === 'mtls');
  expect(exception?.reason).toBe('it waits for kube-ops/Deployment/courier: plaintext (run), observed');
  expect(exception?.owner).toBe('to be named (pay/Deployment/payments)');
});

test('the age of a plan is printed as its time was given, without milliseconds', () => {
  expect(planOf(worldFrom(SHOP), SHOP_CALLS).staleAfter).toBe('2026-11-15T00:00:00Z');
});
