import { expect, test } from 'vitest';
import { admitPod } from '../../../../src/domain/mesh/registry.ts';
import { NO_CHOICES } from '../../../../src/domain/rollout/choices.ts';
import type { RolloutPlan, Stage } from '../../../../src/domain/rollout/plan.ts';
import type { RolloutInput } from '../../../../src/domain/rollout/rollout-input.ts';
import { fateOf } from '../../../../src/domain/simulate/fate-of.ts';
import { applyChange } from '../../../../src/domain/world/apply.ts';
import type { Manifest } from '../../../../src/domain/world/step.ts';
import type { World } from '../../../../src/domain/world/world.ts';
import type { CallRow } from '../../../../src/domain/calls/call.ts';
import type { JsonObject } from '../../../../src/lib/json.ts';
import { workload, worldFrom } from '../../../support/build-world.ts';
import { planOf, row, SHOP, SHOP_CALLS, stageOf, statesOf, watched } from '../shop.ts';

const WIDE: Partial<RolloutInput> = { choices: { ...NO_CHOICES, meshWide: true } };

/** The world after the stages of the plan that stand before the one of that id and may be applied. */
function worldBefore(world: World, plan: RolloutPlan, id: string): World {
  let current = world;
  for (const stage of plan.stages) {
    if (stage.id === id) break;
    if (stage.state !== 'ready' && stage.state !== 'waived') continue;
    current = applyChange(current, { id: stage.id, steps: stage.steps }, admitPod).world;
  }
  return current;
}

function carriedOut(world: World, plan: RolloutPlan): World {
  return worldBefore(world, plan, 'none');
}

function whats({ blockedBy }: Stage): string {
  return blockedBy.map(({ what }) => what).join('\n');
}

/** A plan for the shop of which STRICT was carried out, so that more may be added to its world. */
function meshed(
  extra: readonly JsonObject[],
  rows: readonly CallRow[],
  goal: RolloutInput['goal'] = 'deny-by-default',
): RolloutPlan {
  return planOf(worldFrom([...SHOP, ...extra]), rows, { ...WIDE, goal });
}

test('without being asked for, no stage for the whole mesh is in the plan', () => {
  const ids = planOf(worldFrom(SHOP), SHOP_CALLS).stages.map(({ id }) => id);
  expect(ids.filter((id) => id.includes('mesh'))).toEqual([]);
});

test('asking for them adds the two stages after all namespaces and before operate, and changes no other stage but that', () => {
  const plain = planOf(worldFrom(SHOP), SHOP_CALLS);
  const wide = planOf(worldFrom(SHOP), SHOP_CALLS, WIDE);
  expect(statesOf(wide).slice(-3)).toEqual([
    'default-mesh-strict: ready',
    'default-mesh-deny: ready',
    'operate: ready',
  ]);
  const bare = ({ id, steps, state, blockedBy }: Stage): unknown => [id, steps, state, blockedBy];
  expect(wide.stages.filter(({ id }) => !id.startsWith('default-mesh')).map(bare)).toEqual(plain.stages.map(bare));
});

test('a goal of strict ends with STRICT for the mesh, and one of enrol with neither', () => {
  const wide = (goal: RolloutInput['goal']): readonly string[] =>
    meshed([], SHOP_CALLS, goal).stages.flatMap(({ id }) => (id.startsWith('default-mesh') ? [id] : []));
  expect(wide('strict')).toEqual(['default-mesh-strict']);
  expect(wide('enrol')).toEqual([]);
});

test('the stages write one object each into the root namespace, and no call fares worse at the end', () => {
  const world = worldFrom(SHOP);
  const plan = planOf(world, SHOP_CALLS, WIDE);
  const manifests = ['default-mesh-strict', 'default-mesh-deny'].map((id) =>
    stageOf(plan, id).steps.map((step) => (step.step === 'apply' ? step.manifest : undefined)),
  );
  expect(manifests).toMatchObject([
    [
      {
        kind: 'PeerAuthentication',
        metadata: { namespace: 'istio-system', name: 'default' },
        spec: { mtls: { mode: 'STRICT' } },
      },
    ],
    [
      {
        kind: 'AuthorizationPolicy',
        metadata: { namespace: 'istio-system', name: 'mesh-default' },
        spec: { action: 'ALLOW', rules: [] },
      },
    ],
  ]);
  const end = carriedOut(world, plan);
  for (const call of watched(world, SHOP_CALLS).calls)
    expect([call.id, fateOf(call, end).verdict]).toEqual([call.id, 'ok']);
});

test('every workload is printed in one list, and that what comes later is STRICT from its first pod', () => {
  const { notes } = stageOf(
    planOf(worldFrom([...SHOP, workload('kube-ops', 'courier')]), SHOP_CALLS, WIDE),
    'default-mesh-strict',
  );
  expect(notes).toContain('Ready: pay/Deployment/payments, shop/Deployment/cart, shop/Deployment/front.');
  expect(notes.find((note) => note.startsWith('Not enrolled'))).toContain('kube-ops/Deployment/courier');
  expect(notes.join(' ')).toContain('STRICT from its first pod');
});

test('while a namespace is not STRICT its workloads are in no list, and both stages are blocked', () => {
  const plan = planOf(worldFrom(SHOP), [row('front.shop', 'cart.shop')], WIDE);
  const strict = stageOf(plan, 'default-mesh-strict');
  expect(strict.state).toBe('blocked');
  expect(whats(strict)).toContain(
    'shop/Deployment/front is in no list: it is enrolled, and its namespace says PERMISSIVE (stage strict-shop is outline)',
  );
  const deny = stageOf(plan, 'default-mesh-deny');
  expect(deny.state).toBe('blocked');
  expect(whats(deny)).toContain('it needs stage default-mesh-strict');
});

test('a caller outside the mesh keeps its port open by an exception, and the workload is listed as exempt', () => {
  const rows = [...SHOP_CALLS, row('courier.kube-ops', 'payments.pay')];
  const plan = meshed([workload('kube-ops', 'courier')], rows);
  const strict = stageOf(plan, 'default-mesh-strict');
  expect([strict.state, whats(strict)]).toEqual(['ready', '']);
  expect(strict.notes).toContain('Exempt: pay/Deployment/payments (port 8080 stays open to plaintext).');
  expect(strict.exceptions.map(({ workload: { name }, ports }) => [name, ports])).toEqual([['payments', [8080]]]);
});

test('a namespace that is enrolled and not of the plan blocks STRICT for the mesh by name', () => {
  const plan = planOf(worldFrom(SHOP), SHOP_CALLS);
  const enrolled = carriedOut(worldFrom(SHOP), plan);
  const gone = applyChange(
    enrolled,
    {
      id: 'undo',
      steps: ['PeerAuthentication', 'AuthorizationPolicy'].map((kind) => ({
        step: 'delete' as const,
        target: {
          kind: `security.istio.io/${kind}` as const,
          namespace: 'pay',
          name: kind === 'PeerAuthentication' ? 'default' : 'namespace-default',
        },
      })),
    },
    admitPod,
  ).world;
  const again = planOf(gone, SHOP_CALLS, { ...WIDE, namespaces: ['shop'] });
  const strict = stageOf(again, 'default-mesh-strict');
  expect(strict.state).toBe('blocked');
  expect(whats(strict)).toContain(
    'pay/Deployment/payments is in no list: it is enrolled, and its namespace says no mode of its own',
  );
});

const GATEWAY: readonly Manifest[] = [
  { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'edge' } },
  {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'ingress', namespace: 'edge' },
    spec: {
      replicas: 2,
      selector: { matchLabels: { istio: 'ingress' } },
      template: {
        metadata: { labels: { istio: 'ingress' }, annotations: { 'istio.io/rev': '1-31' } },
        spec: {
          serviceAccountName: 'ingress',
          containers: [
            {
              name: 'istio-proxy',
              image: 'docker.io/istio/proxyv2:1.31.0',
              args: ['proxy', 'router'],
              ports: [{ containerPort: 8080 }],
            },
          ],
        },
      },
    },
  },
];

const ALLOW: Manifest = {
  apiVersion: 'security.istio.io/v1',
  kind: 'AuthorizationPolicy',
  metadata: { name: 'outsiders', namespace: 'edge' },
  spec: {
    selector: { matchLabels: { istio: 'ingress' } },
    action: 'ALLOW',
    rules: [{ to: [{ operation: { ports: ['8080'] } }] }],
  },
};

/** Stages for the mesh over a world in which the plan for the shop was carried out, and an ingress gateway came since. */
function withGateway(extra: readonly Manifest[]): RolloutPlan {
  const options: Partial<RolloutInput> = { namespaces: ['shop', 'pay'] };
  const end = carriedOut(worldFrom(SHOP), planOf(worldFrom(SHOP), SHOP_CALLS, options));
  const steps = [...GATEWAY, ...extra].map((manifest) => ({ step: 'apply' as const, manifest }));
  return planOf(applyChange(end, { id: 'edge', steps }, admitPod).world, SHOP_CALLS, { ...options, ...WIDE });
}

test('a gateway without an ALLOW blocks the deny for the mesh, and one with an ALLOW does not', () => {
  const shut = stageOf(withGateway([]), 'default-mesh-deny');
  expect(shut.state).toBe('blocked');
  expect(whats(shut)).toContain(
    'edge/Deployment/ingress is in no list: it is a gateway, which a policy of the root namespace covers',
  );
  const open = stageOf(withGateway([ALLOW]), 'default-mesh-deny');
  expect([open.state, whats(open)]).toEqual(['ready', '']);
  expect(open.notes.join(' ')).toContain('With one: edge/Deployment/ingress.');
  expect(open.notes.join(' ')).toContain('Waypoints are not covered');
});

test('what was carried out is done when it is planned anew, and its rollback gives back every verdict', () => {
  const world = worldFrom(SHOP);
  const plan = planOf(world, SHOP_CALLS, WIDE);
  const again = planOf(carriedOut(world, plan), SHOP_CALLS, WIDE);
  expect(['default-mesh-strict', 'default-mesh-deny'].map((id) => stageOf(again, id).state)).toEqual(['done', 'done']);
  const { calls } = watched(world, SHOP_CALLS);
  const fates = (at: World): unknown => calls.map((call) => [call.id, fateOf(call, at)]);
  for (const id of ['default-mesh-deny', 'default-mesh-strict']) {
    const before = worldBefore(world, plan, id);
    const stage = stageOf(plan, id);
    const after = applyChange(before, { id, steps: stage.steps }, admitPod).world;
    const undone = applyChange(after, { id: `${id}-rollback`, steps: stage.rollback.steps }, admitPod).world;
    expect(fates(undone)).toEqual(fates(before));
  }
  expect(stageOf(plan, 'strict-shop').rollback.undoFirst).toContain('default-mesh-strict');
});

test('the PeerAuthentication that the root namespace has already is edited and never doubled', () => {
  const own: JsonObject = {
    apiVersion: 'security.istio.io/v1',
    kind: 'PeerAuthentication',
    metadata: { name: 'mesh', namespace: 'istio-system' },
    spec: { mtls: { mode: 'PERMISSIVE' } },
  };
  const [step, ...others] = stageOf(meshed([own], SHOP_CALLS), 'default-mesh-strict').steps;
  expect(others).toEqual([]);
  const patch = { spec: { mtls: { mode: 'STRICT' } } };
  expect(step).toMatchObject({ step: 'patch', target: { namespace: 'istio-system', name: 'mesh' }, patch });
});

test('a part of the cluster that was not read blocks both stages', () => {
  const plan = planOf(worldFrom(SHOP, { forbidden: ['batch/Job'] }), SHOP_CALLS, WIDE);
  for (const id of ['default-mesh-strict', 'default-mesh-deny']) {
    const stage = stageOf(plan, id);
    expect(stage.state).toBe('blocked');
    expect(whats(stage)).toContain('not every workload of the cluster was read');
  }
});

test('Linkerd gets a page that says where its default for the mesh is set, and no steps', () => {
  const stage = stageOf(planOf(worldFrom(SHOP), SHOP_CALLS, { ...WIDE, target: 'linkerd' }), 'default-mesh');
  expect([stage.state, stage.steps]).toEqual(['outline', []]);
  expect(stage.notes.join(' ')).toContain('proxy.defaultInboundPolicy');
});

test('in ambient mode the mesh ends STRICT and denied by the same two objects', () => {
  const plan = planOf(worldFrom(SHOP), SHOP_CALLS, { ...WIDE, target: 'istio-ambient' });
  expect(statesOf(plan).slice(-3)).toEqual([
    'default-mesh-strict: ready',
    'default-mesh-deny: ready',
    'operate: ready',
  ]);
  expect(stageOf(plan, 'operate').dependsOn).toContain('default-mesh-deny');
});

test('a port that STRICT for the mesh would cut is named as what is in its way', () => {
  const plan = planOf(worldFrom(SHOP), SHOP_CALLS, { goal: 'enrol' });
  const enrolled = carriedOut(worldFrom(SHOP), plan);
  const unset = applyChange(
    enrolled,
    {
      id: 'undo',
      steps: [
        {
          step: 'delete',
          target: { kind: 'security.istio.io/PeerAuthentication', namespace: 'pay', name: 'default' },
        },
      ],
    },
    admitPod,
  ).world;
  const outside = applyChange(
    unset,
    {
      id: 'courier',
      steps: [
        { step: 'apply', manifest: { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'kube-ops' } } },
        { step: 'apply', manifest: workload('kube-ops', 'courier') as unknown as Manifest },
      ],
    },
    admitPod,
  ).world;
  const rows = [...SHOP_CALLS, row('courier.kube-ops', 'payments.pay')];
  const strict = stageOf(planOf(outside, rows, { ...WIDE, namespaces: ['shop'] }), 'default-mesh-strict');
  expect(strict.state).toBe('blocked');
  expect(strict.blockedBy.find(({ kind }) => kind === 'call')?.what).toContain('kube-ops/Deployment/courier');
});
