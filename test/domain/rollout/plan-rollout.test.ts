import fc from 'fast-check';
import { expect, test } from 'vitest';
import { admitPod } from '../../../src/domain/mesh/registry.ts';
import { istio } from '../../../src/domain/mesh/istio/istio.ts';
import { applyChange } from '../../../src/domain/world/apply.ts';
import { cohortsOf } from '../../../src/domain/world/workload.ts';
import { workloadsIn } from '../../../src/domain/world/workloads-of.ts';
import type { RolloutPlan } from '../../../src/domain/rollout/plan.ts';
import type { World } from '../../../src/domain/world/world.ts';
import { fateOf } from '../../../src/domain/simulate/fate-of.ts';
import { worldFrom } from '../../support/build-world.ts';
import { planOf, SHOP, SHOP_CALLS, stageOf, statesOf, watched } from './shop.ts';

/** The world after all stages of the plan up to and including the one of that id; all of them without one. */
function carriedOut(world: World, plan: RolloutPlan, last?: string): World {
  let current = world;
  for (const stage of plan.stages) {
    if (stage.state === 'ready' || stage.state === 'waived') {
      current = applyChange(current, { id: stage.id, steps: stage.steps }, admitPod).world;
    }
    if (stage.id === last) break;
  }
  return current;
}

test('a world without obstacles and with all calls observed ends STRICT and deny everywhere, with nothing in the way', () => {
  const world = worldFrom(SHOP);
  const plan = planOf(world, SHOP_CALLS);
  expect(plan.stages.filter(({ state }) => state !== 'ready').map(({ id, blockedBy }) => [id, blockedBy])).toEqual([]);
  const end = carriedOut(world, plan);
  for (const namespace of ['shop', 'pay']) {
    for (const workload of workloadsIn(end, namespace)) {
      for (const cohort of cohortsOf(workload)) {
        expect(istio.portMode({ workload, cohort, port: 8080 }, end).mode).toBe('strict');
        expect(istio.policies({ workload, cohort }, end).default).toBe('deny');
      }
    }
  }
  for (const call of watched(world, SHOP_CALLS).calls)
    expect([call.id, fateOf(call, end).verdict]).toEqual([call.id, 'ok']);
});

test('planning a world anew in which a plan was carried out repeats no step, at whatever stage it stopped', () => {
  const world = worldFrom(SHOP);
  const plan = planOf(world, SHOP_CALLS);
  const stages = plan.stages.filter(({ steps }) => steps.length > 0);
  for (const [position, stage] of stages.entries()) {
    if (position % 3 === 1) continue;
    const halfway = carriedOut(world, plan, stage.id);
    const again = planOf(halfway, SHOP_CALLS);
    const expected = stages.slice(position + 1).map(({ id }) => id);
    expect([stage.id, again.stages.filter(({ steps }) => steps.length > 0).map(({ id }) => id)]).toEqual([
      stage.id,
      expected,
    ]);
    for (const done of stages.slice(0, position + 1))
      expect([done.id, stageOf(again, done.id).state]).toEqual([done.id, 'done']);
    expect(again.summary.blocked + again.summary.outline).toBe(0);
  }
});

test('the rollback of each stage restores the verdict of every call', () => {
  const world = worldFrom(SHOP);
  const plan = planOf(world, SHOP_CALLS);
  const { calls } = watched(world, SHOP_CALLS);
  const fates = (at: World) => calls.map((call) => [call.id, fateOf(call, at).verdict, fateOf(call, at).authorization]);
  let before = world;
  for (const stage of plan.stages) {
    const after = applyChange(before, { id: stage.id, steps: stage.steps }, admitPod).world;
    const undone = applyChange(after, { id: `${stage.id}-rollback`, steps: stage.rollback.steps }, admitPod).world;
    expect([stage.id, fates(undone)]).toEqual([stage.id, fates(before)]);
    before = after;
  }
});

test('the order in which objects and calls were read leaves no trace in the plan', () => {
  const expected = planOf(worldFrom(SHOP), SHOP_CALLS);
  fc.assert(
    fc.property(
      fc.shuffledSubarray([...SHOP], { minLength: SHOP.length }),
      fc.shuffledSubarray([...SHOP_CALLS], { minLength: SHOP_CALLS.length }),
      (objects, rows) => {
        expect(planOf(worldFrom(objects), rows)).toEqual(expected);
      },
    ),
    { numRuns: 8 },
  );
});

/** Callers that nobody named, as far as a server surely refuses them. */
function refusedStrangers(world: World): ReadonlySet<string> {
  const refused = new Set<string>();
  for (const workload of world.namespaces().flatMap((namespace) => workloadsIn(world, namespace))) {
    for (const wire of ['plaintext', 'mtls'] as const) {
      const isRefused = cohortsOf(workload).every((cohort) => {
        if (istio.dataPlane(workload, cohort, world)?.mode !== 'sidecar') return false;
        const server = { workload, cohort, port: 8080 };
        const arrival = {
          sender: 'outsider',
          wire,
          payload: 'http',
          serverFirst: { known: true, value: false },
        } as const;
        const inbound = istio.inbound(server, arrival, world);
        const identity = {
          known: true,
          value: wire === 'mtls' ? 'cluster.local/ns/other/sa/other' : undefined,
        } as const;
        const question = { server, arrival, handledAs: inbound.handledAs, identity, request: {} };
        return inbound.outcome === 'refused' || istio.authorize(question, world).decision === 'deny';
      });
      if (isRefused) refused.add(`${workload.namespace}/${workload.name} ${wire}`);
    }
  }
  return refused;
}

test('the set of unknown callers that are refused grows only in stages of kind strict and deny', () => {
  let world = worldFrom(SHOP);
  const grown = new Set<string>();
  for (const stage of planOf(world, SHOP_CALLS).stages) {
    const after = applyChange(world, { id: stage.id, steps: stage.steps }, admitPod).world;
    const before = refusedStrangers(world);
    if ([...refusedStrangers(after)].some((stranger) => !before.has(stranger))) grown.add(stage.kind);
    world = after;
  }
  expect([...grown].sort()).toEqual(['deny', 'strict']);
});

test('without observed calls the stages that cut are outlines without steps, and what is missing is named', () => {
  const plan = planOf(worldFrom(SHOP), []);
  const strict = stageOf(plan, 'strict-shop');
  expect([strict.state, strict.steps]).toEqual(['outline', []]);
  expect(strict.blockedBy.map(({ what }) => what)).toEqual([
    'shop/Deployment/cart port 8080: evidence of its callers is none, observed is asked for',
    'shop/Deployment/front port 8080: evidence of its callers is none, observed is asked for',
  ]);
  expect(statesOf(plan).filter((state) => state.startsWith('deny-'))).toEqual([
    'deny-pay: outline',
    'deny-shop: outline',
  ]);
});

test('accepting weaker evidence writes the cutting stages as waived and says so on their pages', () => {
  const plan = planOf(worldFrom(SHOP), [], { acceptEvidence: 'inferred' });
  const strict = stageOf(plan, 'strict-shop');
  expect(strict.state).toBe('waived');
  expect(strict.notes.some((note) => note.startsWith('Waived:'))).toBe(true);
});

test('a window that is too short does not count as observed', () => {
  const plan = planOf(worldFrom(SHOP), SHOP_CALLS, { minWindowSeconds: 30 * 86_400 });
  expect(stageOf(plan, 'strict-shop').state).toBe('outline');
});

test('from manifests alone no stage that cuts is ready, whatever calls were seen', () => {
  const world = worldFrom(SHOP, { basis: 'declared' });
  expect(stageOf(planOf(world, SHOP_CALLS), 'strict-shop').state).toBe('outline');
  expect(stageOf(planOf(world, SHOP_CALLS, { acceptEvidence: 'inferred' }), 'strict-shop').state).toBe('waived');
});

test('a goal ends the plan where it says', () => {
  const kinds = (goal: 'enrol' | 'strict'): ReadonlySet<string> =>
    new Set(planOf(worldFrom(SHOP), SHOP_CALLS, { goal }).stages.map(({ kind }) => kind));
  expect(kinds('enrol').has('strict')).toBe(false);
  expect(kinds('strict').has('strict')).toBe(true);
  expect(kinds('strict').has('shadow')).toBe(false);
});

test('a plan for some namespaces names the others as left out', () => {
  const plan = planOf(worldFrom(SHOP), SHOP_CALLS, { namespaces: ['shop'] });
  expect(plan.leftOut).toContainEqual({ what: 'namespace pay', reason: 'it was not asked for (-n)' });
  expect(plan.stages.some(({ scope }) => scope.namespaces.includes('pay'))).toBe(false);
});

test('no stage rests on one that stands behind it, and the numbers sort as the stages do', () => {
  const { stages } = planOf(worldFrom(SHOP), SHOP_CALLS);
  for (const [position, stage] of stages.entries()) {
    const earlier = stages.slice(0, position).map(({ id }) => id);
    for (const needed of stage.dependsOn) expect(earlier).toContain(needed);
    expect(stage.number).toBeGreaterThan(stages[position - 1]?.number ?? 0);
  }
});
