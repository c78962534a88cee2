import { expect, test } from 'vitest';
import { admitPod } from '../../../../src/domain/mesh/registry.ts';
import { readRestart } from '../../../../src/domain/rollout/verify/read-restart.ts';
import { fateOf } from '../../../../src/domain/simulate/fate-of.ts';
import { applyChange } from '../../../../src/domain/world/apply.ts';
import type { World } from '../../../../src/domain/world/world.ts';
import type { JsonObject } from '../../../../src/lib/json.ts';
import { namespace, service, workload, worldFrom } from '../../../support/build-world.ts';
import { row, SHOP, SHOP_CALLS, stageOf, statesOf, watched } from '../shop.ts';
import { ambientInstall, ambientPlan, carriedOut, inAmbientCluster } from './ambient-shop.ts';

const OLD = [
  namespace('old'),
  workload('old', 'ledger', { labels: { 'istio.io/rev': 'prod' } }),
  service('old', 'ledger'),
];

/** Makes the pods of a workload anew, so that they carry the sidecar that their template asks for. */
function restarted(world: World, space: string, name: string): World {
  const ref = { kind: 'apps/Deployment', namespace: space, name } as const;
  return applyChange(
    world,
    { id: 'restarted', steps: [{ step: 'restart', workload: ref, method: 'rollout-restart' }] },
    admitPod,
  ).world;
}

/** The ledger got its sidecar from an Istio without ambient mode, which was given it since. */
function injectedEarlier(): World {
  const bare = worldFrom([...SHOP, ...OLD]);
  const plain = ambientPlan(bare, [], { target: 'istio-sidecar' })
    .stages.filter(({ id }) => id === 'control-plane')
    .flatMap(({ steps }) => steps);
  const before = restarted(applyChange(bare, { id: 'plain', steps: plain }, admitPod).world, 'old', 'ledger');
  const gone = (['ConfigMap', 'apps/Deployment'] as const).flatMap((kind) =>
    before.listIn(kind, 'istio-system').objects.map(({ metadata: { name } }) => ({
      step: 'delete' as const,
      target: { kind, namespace: 'istio-system', name },
    })),
  );
  return applyChange(before, { id: 'ambient', steps: [...gone, ...ambientInstall()] }, admitPod).world;
}

function mixed(more: readonly JsonObject[] = []): World {
  return restarted(inAmbientCluster([...SHOP, ...OLD, ...more]), 'old', 'ledger');
}

const TO_LEDGER = [...SHOP_CALLS, row('cart.shop', 'ledger.old')];
const FROM_LEDGER = [...SHOP_CALLS, row('ledger.old', 'cart.shop')];

test('a workload with a sidecar is left as it is, with the reason', () => {
  const plan = ambientPlan(mixed(), TO_LEDGER);
  const [left] = plan.leftOut.filter(({ what }) => what === 'old/Deployment/ledger');
  expect(left?.reason).toContain('a sidecar wins over ambient mode');
  expect(plan.stages.flatMap(({ steps }) => steps).filter((step) => JSON.stringify(step).includes('ledger'))).toEqual(
    [],
  );
});

test('sidecars that take no HBONE yet are made anew before the first ambient client may call them', () => {
  const plan = ambientPlan(injectedEarlier(), TO_LEDGER);
  const ids = plan.stages.map(({ id }) => id);
  const stage = stageOf(plan, 'hbone-old');
  expect(stage.steps.map(({ step }) => step)).toEqual(['restart']);
  expect(stage.rollback.steps).toEqual([]);
  const firstWave = plan.stages.find(({ id }) => /^enrol-(shop|pay)-/.test(id));
  expect(firstWave?.dependsOn).toContain('hbone-old');
  expect(ids.indexOf('hbone-old')).toBeLessThan(ids.indexOf(firstWave?.id ?? ''));
});

test('sidecars that were not made anew for HBONE are found wanting, and pass once they are', () => {
  const ref = { kind: 'apps/Deployment', namespace: 'old', name: 'ledger' } as const;
  const world = injectedEarlier();
  const before = readRestart(world, ref, true);
  expect(before.state).toBe('unmet');
  expect(before.evidence.map(({ rule }) => rule).join()).toContain('do not take HBONE');
  expect(readRestart(restarted(world, 'old', 'ledger'), ref, true).state).toBe('met');
});

test('a sidecar client reaches servers behind ztunnel through STRICT and deny by its own identity', () => {
  const world = mixed();
  const plan = ambientPlan(world, FROM_LEDGER);
  expect(statesOf(plan).filter((state) => /: (blocked|outline)$/.test(state) && state.includes('shop'))).toEqual([]);
  expect(JSON.stringify(stageOf(plan, 'allow-shop').steps)).toContain('cluster.local/ns/old/sa/ledger');
  const end = carriedOut(world, plan);
  for (const call of watched(world, FROM_LEDGER).calls)
    expect([call.id, fateOf(call, end).verdict]).toEqual([call.id, 'ok']);
});

test('a sidecar in a namespace that turns STRICT is among those of whom something must be known', () => {
  const objects = [
    ...SHOP,
    workload('shop', 'legacy', { labels: { 'istio.io/rev': 'prod' } }),
    service('shop', 'legacy'),
  ];
  const world = restarted(inAmbientCluster(objects), 'shop', 'legacy');
  const strict = stageOf(ambientPlan(world), 'strict-shop');
  expect(strict.state).toBe('outline');
  expect(strict.blockedBy.map(({ what }) => what).join('\n')).toContain('shop/Deployment/legacy port 8080');
});

test('pods on the host network and on Windows are never enrolled, and say why', () => {
  const objects = [
    ...SHOP,
    workload('shop', 'agent', { kind: 'DaemonSet', podSpec: { hostNetwork: true } }),
    workload('shop', 'wincart', { podSpec: { nodeSelector: { 'kubernetes.io/os': 'windows' } } }),
  ];
  const { leftOut } = ambientPlan(inAmbientCluster(objects));
  expect(leftOut.find(({ what }) => what === 'shop/DaemonSet/agent')?.reason).toContain('host network');
  expect(leftOut.find(({ what }) => what === 'shop/Deployment/wincart')?.reason).toContain('Windows');
});

test('a namespace with a workload that stays out without saying so gets no label, because its pods would be taken at once', () => {
  const paused = workload('shop', 'held');
  const spec = { ...(paused['spec'] as JsonObject), paused: true };
  const plan = ambientPlan(inAmbientCluster([...SHOP, { ...paused, spec }]));
  const stage = stageOf(plan, 'enrol-namespace-shop');
  expect(stage.state).toBe('blocked');
  expect(stage.blockedBy[0]?.what).toContain('shop/Deployment/held is not enrolled');
});

test('a workload that says none stays out, and is in the register', () => {
  const plan = ambientPlan(
    inAmbientCluster([...SHOP, workload('shop', 'out', { labels: { 'istio.io/dataplane-mode': 'none' } })]),
  );
  expect(plan.exceptions.map(({ workload: { name }, layer }) => [name, layer])).toContainEqual(['out', 'enrolment']);
  expect(stageOf(plan, 'enrol-namespace-shop').state).toBe('ready');
});
