import { kindOf, type Kind, type KubeObject } from '../../../../src/domain/kubernetes/object.ts';
import { admitPod } from '../../../../src/domain/mesh/registry.ts';
import type { RolloutPlan, Stage } from '../../../../src/domain/rollout/plan.ts';
import type { GateContext } from '../../../../src/domain/rollout/verify/gate-context.ts';
import { NOBODY_ASKED } from '../../../../src/domain/rollout/verify/metric-answers.ts';
import { readStages } from '../../../../src/domain/rollout/verify/stage-readings.ts';
import type { Gate, StageVerification, VerifiedCondition } from '../../../../src/domain/rollout/verify/verification.ts';
import { verifyStage } from '../../../../src/domain/rollout/verify/verify-stage.ts';
import { applyChange } from '../../../../src/domain/world/apply.ts';
import type { CoverageEntry } from '../../../../src/domain/world/coverage.ts';
import { known, unknown } from '../../../../src/domain/world/fact.ts';
import { factsOf, makeWorld } from '../../../../src/domain/world/object-world.ts';
import type { World } from '../../../../src/domain/world/world.ts';
import { worldFrom } from '../../../support/build-world.ts';
import { planOf, SHOP, SHOP_CALLS, stageOf, watched } from '../shop.ts';

/** The plan of the shop, all the way. */
export const PLAN = planOf(worldFrom(SHOP), SHOP_CALLS);
/** The shop as it was read; of the kinds that the plan installs it is known that they are not served. */
export const WORLD = servedLater(worldFrom(SHOP));

function servedLater(world: World): World {
  const facts = factsOf(world);
  const { entries } = facts.coverage;
  const kinds = PLAN.stages.flatMap(({ steps }) =>
    steps.flatMap((step) => (step.step === 'external' ? step.expectKinds : [])),
  );
  const more = [...new Set(kinds)].filter((kind) => !entries.some((entry) => entry.kind === kind));
  const absent = more.map((kind): CoverageEntry => ({ kind, state: 'absent', objects: 0 }));
  return makeWorld({ ...facts, coverage: { ...facts.coverage, entries: [...entries, ...absent] } }, objectsOf(world));
}

/** The world after these stages and all before them that are written out. */
export function appliedUpTo(id: string, plan: RolloutPlan = PLAN): World {
  const last = plan.stages.indexOf(stageOf(plan, id));
  return plan.stages
    .slice(0, last + 1)
    .filter(({ state }) => state === 'ready' || state === 'waived')
    .reduce((world, stage) => applied(world, stage), WORLD);
}

/** The world after one stage. */
export function applied(world: World, { id, steps }: Pick<Stage, 'id' | 'steps'>): World {
  return applyChange(world, { id, steps }, admitPod).world;
}

/** One gate of a stage of the shop's plan, in a world. */
export function gateOf(
  world: World,
  id: string,
  ...[gate, more = {}]: readonly [gate: Gate, more?: Partial<GateContext>]
): StageVerification {
  const plan = more.plan ?? PLAN;
  return verifyStage(
    {
      plan,
      stage: more.stage ?? stageOf(plan, id),
      world,
      graph: watched(world, SHOP_CALLS),
      readings: readStages(plan, world),
      answers: NOBODY_ASKED,
      confirmed: new Set(),
      ...more,
    },
    gate,
  );
}

/** The condition of that id; fails where there is none. */
export function conditionOf({ conditions }: StageVerification, id: string): VerifiedCondition {
  const found = conditions.find((condition) => condition.id === id);
  if (found === undefined) throw new Error(`no condition ${id} in ${conditions.map((each) => each.id).join(', ')}`);
  return found;
}

/** What the evidence of a condition says, on one line. */
export function wordsOf({ evidence }: Pick<VerifiedCondition, 'evidence'>): string {
  return evidence.map(({ field, value, rule }) => [field, value, rule].filter(Boolean).join(' ')).join(' | ');
}

/** The states of the steps of a stage. */
export function stepStates(world: World, id: string, plan: RolloutPlan = PLAN): readonly string[] {
  return gateOf(world, id, 'exit', { plan })
    .conditions.filter(({ id: condition }) => condition.startsWith('step-'))
    .map(({ state }) => state);
}

/** All objects of a world. */
export function objectsOf(world: World): readonly KubeObject[] {
  return world.kinds().flatMap((kind) => world.list(kind).objects);
}

/** The world in which the objects of a kind may not be read. */
export function withoutKind(world: World, kind: Kind): World {
  const facts = factsOf(world);
  const entries = facts.coverage.entries.map((entry): CoverageEntry =>
    entry.kind === kind ? { kind, state: 'forbidden', objects: 0, reason: 'test' } : entry,
  );
  const kept = entries.some((entry) => entry.kind === kind)
    ? entries
    : [...entries, { kind, state: 'forbidden' as const, objects: 0 }];
  const objects = objectsOf(world).filter((object) => kindOf(object) !== kind);
  return makeWorld({ ...facts, coverage: { ...facts.coverage, entries: kept } }, objects);
}

/** The world with one object changed. */
export function changed(
  world: World,
  ref: { readonly kind: Kind; readonly namespace?: string; readonly name: string },
  change: (object: KubeObject) => KubeObject | undefined,
): World {
  const target = world.get(ref);
  const objects = objectsOf(world).flatMap((object) => (object === target ? (change(object) ?? []) : [object]));
  return makeWorld(factsOf(world), objects);
}

/** The same world at another time; undefined for one that nobody knows. */
export function atTime(world: World, time: string | undefined): World {
  const asOf = time === undefined ? unknown('files carry none') : known(time);
  return makeWorld({ ...factsOf(world), asOf }, objectsOf(world));
}
