import { expect, test } from 'vitest';
import { admitPod } from '../../../../src/domain/mesh/registry.ts';
import { NO_CHOICES } from '../../../../src/domain/rollout/choices.ts';
import type { RolloutPlan, Stage } from '../../../../src/domain/rollout/plan.ts';
import type { RolloutInput } from '../../../../src/domain/rollout/rollout-input.ts';
import { applyChange } from '../../../../src/domain/world/apply.ts';
import { cohortsOf } from '../../../../src/domain/world/workload.ts';
import { workloadsIn } from '../../../../src/domain/world/workloads-of.ts';
import type { World } from '../../../../src/domain/world/world.ts';
import type { JsonObject } from '../../../../src/lib/json.ts';
import { cronJob, namespace, node, service, workload, worldFrom } from '../../../support/build-world.ts';
import { planOf, SHOP_CALLS, stageOf } from '../shop.ts';

const SPLIT: Partial<RolloutInput> = { choices: { ...NO_CHOICES, splitServiceAccounts: true } };

function account(name: string, more: JsonObject = {}, metadata: JsonObject = {}): JsonObject {
  return { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name, namespace: 'shop', ...metadata }, ...more };
}

/** The shop, with an account that front and cart share. */
function shop(...more: readonly JsonObject[]): readonly JsonObject[] {
  return [
    node('node-1'),
    namespace('shop'),
    namespace('pay'),
    workload('shop', 'front', { serviceAccount: 'web' }),
    service('shop', 'front'),
    workload('shop', 'cart', { serviceAccount: 'web' }),
    service('shop', 'cart'),
    workload('pay', 'payments'),
    service('pay', 'payments'),
    ...more,
  ];
}

const BINDING: JsonObject = {
  apiVersion: 'rbac.authorization.k8s.io/v1',
  kind: 'RoleBinding',
  metadata: { name: 'readers', namespace: 'shop' },
  subjects: [{ kind: 'ServiceAccount', name: 'web' }],
  roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'reader' },
};

const CLUSTER_BINDING: JsonObject = { ...BINDING, kind: 'ClusterRoleBinding', metadata: { name: 'all' }, subjects: [] };

function whats({ blockedBy }: Stage): string {
  return blockedBy.map(({ what }) => what).join('\n');
}

function ids(plan: RolloutPlan): readonly string[] {
  return plan.stages.flatMap(({ id }) => (id.includes('-accounts-') ? [id] : []));
}

function carriedOut(world: World, stages: readonly Stage[]): World {
  let current = world;
  for (const { id, steps } of stages) current = applyChange(current, { id, steps }, admitPod).world;
  return current;
}

test('without being asked for, no account is split', () => {
  expect(ids(planOf(worldFrom(shop(account('web'))), SHOP_CALLS, { goal: 'enrol' }))).toEqual([]);
});

test('accounts come first, then the pods that use them, then what the shared one no longer needs', () => {
  const world = worldFrom(shop(account('web')));
  const plan = planOf(world, SHOP_CALLS, { ...SPLIT, goal: 'enrol' });
  expect(ids(plan)).toEqual(['prepare-accounts-shop', 'split-accounts-shop', 'clean-accounts-shop']);
  const stages = ['prepare-accounts-shop', 'split-accounts-shop'].map((id) => stageOf(plan, id));
  expect(stages.map(({ state }) => state)).toEqual(['ready', 'ready']);
  const end = carriedOut(world, stages);
  const held = workloadsIn(end, 'shop').map((each) => cohortsOf(each).map(({ pod }) => pod.serviceAccount));
  expect(new Set(held.flat())).toEqual(new Set(['cart', 'front']));
  expect(stages[1]?.restarts.map(({ method }) => method)).toEqual(['rollout-restart', 'rollout-restart']);
});

test('the new account copies what pods have by the old one, and no mark of the tool that owns it', () => {
  const shared = account(
    'web',
    { imagePullSecrets: [{ name: 'registry' }], automountServiceAccountToken: false },
    { labels: { team: 'a', 'app.kubernetes.io/instance': 'shop' } },
  );
  const [step] = stageOf(
    planOf(worldFrom(shop(shared)), SHOP_CALLS, { ...SPLIT, goal: 'enrol' }),
    'prepare-accounts-shop',
  ).steps;
  expect(step).toMatchObject({
    manifest: {
      kind: 'ServiceAccount',
      metadata: { name: 'cart', namespace: 'shop', labels: { team: 'a', 'app.kubernetes.io/managed-by': 'meshwise' } },
      imagePullSecrets: [{ name: 'registry' }],
      automountServiceAccountToken: false,
    },
  });
  expect(JSON.stringify(step)).not.toContain('app.kubernetes.io/instance');
});

test('bindings that were read gain the new subjects before the split and lose the old one after it', () => {
  const world = worldFrom(shop(account('web'), BINDING, CLUSTER_BINDING));
  const plan = planOf(world, SHOP_CALLS, { ...SPLIT, goal: 'enrol' });
  const subjects = (id: string): readonly unknown[] =>
    stageOf(plan, id).steps.flatMap((step) => (step.step === 'patch' ? [step.patch['subjects']] : []));
  const fresh = ['cart', 'front'].map((name) => ({ kind: 'ServiceAccount', name, namespace: 'shop' }));
  expect(subjects('prepare-accounts-shop')).toEqual([[{ kind: 'ServiceAccount', name: 'web' }, ...fresh]]);
  expect(subjects('clean-accounts-shop')).toEqual([fresh]);
  expect(stageOf(plan, 'prepare-accounts-shop').rollback.steps[0]).toMatchObject({
    patch: { subjects: [{ kind: 'ServiceAccount', name: 'web' }] },
  });
});

test('bindings that were not read are a condition for a person before any pod changes its account', () => {
  const plan = planOf(worldFrom(shop(account('web'))), SHOP_CALLS, { ...SPLIT, goal: 'enrol' });
  const asked = stageOf(plan, 'split-accounts-shop').entryGate.find(({ id }) => id === 'rights-copied');
  expect(asked?.text).toContain('They were not read');
  expect([asked?.state, asked?.promql]).toEqual([undefined, undefined]);
  expect(asked?.command?.join(' ')).toContain('rolebindings,clusterrolebindings -A');
});

test('an account that a cloud trusts is never split, and the page names what to register', () => {
  const trusted = account('web', {}, { annotations: { 'eks.amazonaws.com/role-arn': 'arn:aws:iam::1:role/web' } });
  const plan = planOf(worldFrom(shop(trusted)), SHOP_CALLS, { ...SPLIT, goal: 'enrol' });
  expect(ids(plan)).toEqual(['held-accounts-shop']);
  const held = stageOf(plan, 'held-accounts-shop');
  expect([held.state, held.steps]).toEqual(['blocked', []]);
  expect(whats(held)).toContain('AWS IAM (the trust policy of the role) by eks.amazonaws.com/role-arn');
  expect(held.notes.join(' ')).toContain('register system:serviceaccount:shop:cart');
});

test.each([
  [
    'a legacy token',
    { volumes: [{ name: 'token', secret: { secretName: 'web-token-x7k2p' } }] },
    'the mounted Secret web-token-x7k2p',
  ],
  ['an inline CSI volume', { volumes: [{ name: 'id', csi: { driver: 'csi.spiffe.io' } }] }, 'an inline CSI volume'],
])('a workload with %s keeps its account while the other gets one of its own', (_what, podSpec, why) => {
  const objects = shop(account('web')).map((object) =>
    object['kind'] === 'Deployment' && JSON.stringify(object).includes('"app":"cart"')
      ? workload('shop', 'cart', { serviceAccount: 'web', podSpec })
      : object,
  );
  const plan = planOf(worldFrom(objects), SHOP_CALLS, { ...SPLIT, goal: 'enrol' });
  expect(whats(stageOf(plan, 'held-accounts-shop'))).toContain(why);
  expect(stageOf(plan, 'split-accounts-shop').scope.workloads.map(({ name }) => name)).toEqual(['front']);
  expect(stageOf(plan, 'clean-accounts-shop').notes.join(' ')).toContain('shop/Deployment/cart holds it');
});

test('a policy that refuses the shared account, or names the new one, holds the split', () => {
  const policy = (name: string, action: string, principal: string): JsonObject => ({
    apiVersion: 'security.istio.io/v1',
    kind: 'AuthorizationPolicy',
    metadata: { name, namespace: 'pay' },
    spec: { action, rules: [{ from: [{ source: { principals: [`cluster.local/ns/shop/sa/${principal}`] } }] }] },
  });
  const objects = shop(account('web'), policy('no-web', 'DENY', 'web'), policy('cart-only', 'ALLOW', 'cart'));
  const held = stageOf(planOf(worldFrom(objects), SHOP_CALLS, { ...SPLIT, goal: 'enrol' }), 'held-accounts-shop');
  expect(whats(held)).toContain('AuthorizationPolicy pay/no-web tells ServiceAccount web from others');
  expect(whats(held)).toContain('AuthorizationPolicy pay/cart-only names ServiceAccount cart already');
});

test('who bears the name of the shared account keeps it, and two of one name get their kind in it', () => {
  const objects = shop(account('web'), workload('shop', 'web', { serviceAccount: 'web' }), cronJob('shop', 'cart'));
  const plan = planOf(worldFrom(objects), SHOP_CALLS, { ...SPLIT, goal: 'enrol' });
  const notes = stageOf(plan, 'split-accounts-shop').notes.join('\n');
  expect(notes).toContain('shop/Deployment/web keeps ServiceAccount web: the account bears its name.');
  expect(notes).toContain(
    'shop/Deployment/cart: system:serviceaccount:shop:web becomes system:serviceaccount:shop:cart-deployment',
  );
});

test('rules that name accounts wait for the split, and name the new ones', () => {
  const plan = planOf(worldFrom(shop(account('web'))), SHOP_CALLS, SPLIT);
  expect(stageOf(plan, 'shadow-shop').dependsOn).toContain('split-accounts-shop');
  expect(JSON.stringify(stageOf(plan, 'allow-shop').steps)).toContain('/ns/shop/sa/front');
  expect(JSON.stringify(stageOf(plan, 'allow-shop').steps)).not.toContain('/ns/shop/sa/web');
  expect(stageOf(plan, 'split-accounts-shop').rollback.undoFirst.length).toBeGreaterThan(0);
});

test('an existing rule that would refuse the new account is seen by the simulation and holds the split', () => {
  const plan = planOf(worldFrom(shop(account('web'))), SHOP_CALLS);
  const meshed = carriedOut(
    worldFrom(shop(account('web'))),
    plan.stages.filter(({ state }) => state === 'ready'),
  );
  const held = stageOf(planOf(meshed, SHOP_CALLS, SPLIT), 'held-accounts-shop');
  expect(held.state).toBe('blocked');
  expect(held.blockedBy.some(({ kind }) => kind === 'call')).toBe(true);
});

test('a policy that selects pods by a label with the new name does not hold the split', () => {
  const policy: JsonObject = {
    apiVersion: 'security.istio.io/v1',
    kind: 'AuthorizationPolicy',
    metadata: { name: 'probe', namespace: 'shop' },
    spec: { selector: { matchLabels: { name: 'cart' } }, action: 'ALLOW', rules: [{}] },
  };
  const plan = planOf(worldFrom(shop(account('web'), policy)), SHOP_CALLS, { ...SPLIT, goal: 'enrol' });
  expect(ids(plan)).not.toContain('held-accounts-shop');
});

test('what was carried out is not planned again', () => {
  const world = worldFrom(shop(account('web'), BINDING, CLUSTER_BINDING));
  const plan = planOf(world, SHOP_CALLS, { ...SPLIT, goal: 'enrol' });
  const prepared = carriedOut(world, [stageOf(plan, 'prepare-accounts-shop')]);
  const again = planOf(prepared, SHOP_CALLS, { ...SPLIT, goal: 'enrol' });
  expect(stageOf(again, 'prepare-accounts-shop').state).toBe('done');
  const split = carriedOut(prepared, [stageOf(plan, 'split-accounts-shop')]);
  expect(ids(planOf(split, SHOP_CALLS, { ...SPLIT, goal: 'enrol' }))).toEqual([]);
});

test('the same is planned for ambient mode and for Linkerd', () => {
  for (const target of ['istio-ambient', 'linkerd'] as const) {
    const plan = planOf(worldFrom(shop(account('web'))), SHOP_CALLS, { ...SPLIT, target, goal: 'enrol' });
    expect([target, ids(plan)]).toEqual([
      target,
      ['prepare-accounts-shop', 'split-accounts-shop', 'clean-accounts-shop'],
    ]);
  }
});
