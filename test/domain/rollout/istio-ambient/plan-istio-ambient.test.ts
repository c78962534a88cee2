import { expect, test } from 'vitest';
import { istio } from '../../../../src/domain/mesh/istio/istio.ts';
import { admitPod } from '../../../../src/domain/mesh/registry.ts';
import type { RolloutPlan, Stage } from '../../../../src/domain/rollout/plan.ts';
import { fateOf } from '../../../../src/domain/simulate/fate-of.ts';
import { applyChange } from '../../../../src/domain/world/apply.ts';
import { cohortsOf } from '../../../../src/domain/world/workload.ts';
import { workloadsIn } from '../../../../src/domain/world/workloads-of.ts';
import type { World } from '../../../../src/domain/world/world.ts';
import { cronJob, service, workload, worldFrom } from '../../../support/build-world.ts';
import { row, SHOP, SHOP_CALLS, stageOf, statesOf, watched } from '../shop.ts';
import { ambientPlan, carriedOut, inAmbientCluster } from './ambient-shop.ts';

function appliedStages(plan: RolloutPlan): readonly Stage[] {
  return plan.stages.filter(({ state, steps }) => (state === 'ready' || state === 'waived') && steps.length > 0);
}

test('a world without a mesh and with all calls observed ends STRICT and deny behind ztunnel, with nothing in the way', () => {
  const world = worldFrom(SHOP);
  const plan = ambientPlan(world);
  expect(plan.stages.filter(({ state }) => state !== 'ready').map(({ id, blockedBy }) => [id, blockedBy])).toEqual([]);
  const end = carriedOut(world, plan);
  for (const namespace of ['shop', 'pay']) {
    for (const member of workloadsIn(end, namespace)) {
      for (const cohort of cohortsOf(member)) {
        expect(istio.dataPlane(member, cohort, end)?.mode).toBe('ambient');
        expect(istio.portMode({ workload: member, cohort, port: 8080 }, end).mode).toBe('strict');
        expect(istio.policies({ workload: member, cohort }, end).default).toBe('deny');
      }
    }
  }
  for (const call of watched(world, SHOP_CALLS).calls) {
    const { verdict, wire } = fateOf(call, end);
    expect([call.id, verdict, wire]).toEqual([call.id, 'ok', 'hbone']);
  }
});

test('the stages come in the order of installing, measuring, enrolling, STRICT and deny', () => {
  const kinds = ambientPlan(worldFrom(SHOP)).stages.map(({ kind }) => kind);
  const firsts = [...new Set(kinds)];
  expect(firsts).toEqual([
    ...['preflight', 'trust', 'control-plane', 'node-agents', 'telemetry', 'break-glass'],
    ...['enrol', 'strict', 'shadow', 'allow', 'deny', 'operate'],
  ]);
});

test('where ambient mode runs already, what installs it is done and the waves rest on it', () => {
  const plan = ambientPlan(inAmbientCluster());
  expect(['control-plane', 'node-agents', 'trust'].map((id) => stageOf(plan, id).state)).toEqual([
    'done',
    'done',
    'done',
  ]);
  expect(plan.stages.filter(({ kind }) => kind === 'enrol').every(({ state }) => state === 'ready')).toBe(true);
});

test('an Istio without ambient mode is left as it is, and nothing is enrolled on it', () => {
  const sidecars = worldFrom(SHOP);
  const installed = ambientPlan(sidecars, SHOP_CALLS, { target: 'istio-sidecar' })
    .stages.filter(({ id }) => id === 'control-plane')
    .flatMap(({ steps }) => steps);
  const world = applyChange(sidecars, { id: 'sidecars', steps: installed }, admitPod).world;
  const plan = ambientPlan(world);
  expect(stageOf(plan, 'control-plane').blockedBy[0]?.what).toContain('PILOT_ENABLE_AMBIENT');
  expect(stageOf(plan, 'enrol').state).toBe('outline');
  expect(plan.stages.flatMap(({ steps }) => steps)).toEqual([]);
});

test('planning a world anew in which a plan was carried out repeats no step, at whatever stage it stopped', () => {
  const world = worldFrom(SHOP);
  const plan = ambientPlan(world);
  const stages = appliedStages(plan);
  for (const [position, stage] of stages.entries()) {
    if (position % 2 === 1) continue;
    const again = ambientPlan(carriedOut(world, plan, stage.id));
    const expected = stages.slice(position + 1).map(({ id }) => id);
    expect([stage.id, appliedStages(again).map(({ id }) => id)]).toEqual([stage.id, expected]);
    expect(again.summary.blocked + again.summary.outline).toBe(0);
  }
});

test('rollbacks, last in first out, restore each earlier state', () => {
  const world = worldFrom(SHOP);
  const plan = ambientPlan(world);
  const { calls } = watched(world, SHOP_CALLS);
  const fates = (at: World) =>
    calls.map((call) => {
      const { verdict, wire, authorization } = fateOf(call, at);
      return [call.id, verdict, wire, authorization];
    });
  const states: ReturnType<typeof fates>[] = [];
  let current = world;
  for (const { id, steps } of appliedStages(plan)) {
    states.push(fates(current));
    current = applyChange(current, { id, steps }, admitPod).world;
  }
  for (const [position, { id, rollback }] of [...appliedStages(plan).entries()].reverse()) {
    current = applyChange(current, { id: `${id}-rollback`, steps: rollback.steps }, admitPod).world;
    expect([id, fates(current)]).toEqual([id, states[position]]);
  }
});

test('the rollback of a wave says none on the templates, and that of a namespace takes its label away', () => {
  const plan = ambientPlan(inAmbientCluster());
  const wave = plan.stages.find(({ id }) => id.startsWith('enrol-pay-'));
  const patches = wave?.rollback.steps.flatMap((step) => (step.step === 'patch' ? [JSON.stringify(step.patch)] : []));
  expect(patches?.some((patch) => patch.includes('"istio.io/dataplane-mode":"none"'))).toBe(true);
  expect(JSON.stringify(patches)).not.toContain('sidecar.istio.io/inject');
  expect(JSON.stringify(stageOf(plan, 'enrol-namespace-pay').rollback.steps)).toContain(
    '"istio.io/dataplane-mode":null',
  );
});

test('no policy is written as a dry run: the rules are replayed, and the replay applies nothing', () => {
  const plan = ambientPlan(inAmbientCluster());
  const shadow = stageOf(plan, 'shadow-shop');
  expect([shadow.state, shadow.steps]).toEqual(['ready', []]);
  expect(shadow.notes.join('\n')).toContain('port 8080 admits cluster.local/ns/shop/sa/front');
  expect(shadow.exitGate.map(({ id }) => id)).toContain('replayed');
  expect(JSON.stringify(plan.stages)).not.toContain('"istio.io/dry-run":"true"');
});

test('rules on ztunnel name identities and ports only', () => {
  const specs = stageOf(ambientPlan(inAmbientCluster()), 'allow-shop').steps.map((step) =>
    step.step === 'apply' ? step.manifest.spec : undefined,
  );
  expect(specs).toContainEqual({
    selector: { matchLabels: { app: 'cart' } },
    action: 'ALLOW',
    rules: [
      {
        from: [{ source: { principals: ['cluster.local/ns/shop/sa/front'] } }],
        to: [{ operation: { ports: ['8080'] } }],
      },
    ],
  });
});

test('gates ask a world who is enrolled and which mode is in force, and ztunnel for plaintext, with proof that it was watched', () => {
  const plan = ambientPlan(inAmbientCluster());
  const wave = plan.stages.find(({ id }) => id.startsWith('enrol-pay-'));
  expect(wave?.exitGate.map(({ state }) => state)).toContainEqual({
    check: 'enrolled',
    mesh: 'istio',
    mode: 'ambient',
    workloads: [{ namespace: 'pay', kind: 'Deployment', name: 'payments' }],
  });
  const strict = stageOf(plan, 'strict-pay');
  expect(strict.exitGate.map(({ state }) => state)).toContainEqual({
    check: 'port-mode',
    workload: { namespace: 'pay', kind: 'Deployment', name: 'payments' },
    ports: [8080],
    mode: 'strict',
  });
  const plaintext = strict.entryGate.find(({ id }) => id === 'no-plaintext-deployment-payments');
  expect(plaintext?.promql).toContain('istio_tcp_connections_opened_total');
  expect(plaintext?.promql).not.toContain('istio_requests_total');
  expect(plaintext?.proof).toContain('workload_manager_active_proxy_count');
});

test('a CronJob is put behind ztunnel by its template, and nothing is restarted for it', () => {
  const world = inAmbientCluster([...SHOP, cronJob('shop', 'nightly')]);
  const plan = ambientPlan(world, [...SHOP_CALLS, row('nightly.shop', 'cart.shop')], { goal: 'enrol' });
  const steps = plan.stages.flatMap((stage) => stage.steps);
  const ofJob = steps.filter((step) => JSON.stringify(step).includes('nightly'));
  expect(ofJob.map(({ step }) => step)).toEqual(['patch']);
  expect(JSON.stringify(ofJob)).toContain('"jobTemplate"');
});

test('connections that are kept open are named on the page of the wave, and that its rollback resets them too', () => {
  const objects = [
    ...SHOP,
    workload('pay', 'db', { kind: 'StatefulSet', port: 5432 }),
    service('pay', 'db', { name: 'tcp-db', port: 5432, targetPort: 5432 }),
  ];
  const rows = [...SHOP_CALLS, row('payments.pay', 'db.pay', { port: 5432, protocol: 'tcp' })];
  const plan = ambientPlan(inAmbientCluster(objects), rows);
  const pages = plan.stages.filter(({ id }) => id.startsWith('enrol-pay-')).flatMap(({ notes }) => notes);
  expect(pages.join('\n')).toContain('pay/Deployment/payments to pay/StatefulSet/db port 5432 (PostgreSQL)');
  expect(pages.join('\n')).toContain('so does taking it out again');
});

test('without observed calls the stages that cut are outlines without steps', () => {
  const plan = ambientPlan(inAmbientCluster(), []);
  expect(statesOf(plan).filter((state) => /^(strict|deny)-/.test(state))).toEqual([
    'strict-pay: outline',
    'deny-pay: outline',
    'strict-shop: outline',
    'deny-shop: outline',
  ]);
});
