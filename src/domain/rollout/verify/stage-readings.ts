import { keyOf, type ObjectRef } from '../../kubernetes/object.ts';
import type { Step } from '../../world/step.ts';
import type { World } from '../../world/world.ts';
import type { RolloutPlan, Stage } from '../plan.ts';
import { sameValue } from '../same-value.ts';
import { readStep, type StepReading } from './read-step.ts';
import { supersededBy, writesOf, type LaterWrite } from './superseded.ts';
import { worstState } from './tell.ts';
import type { Standing } from './verification.ts';

/** A stage as a world shows it. */
export interface StageReading {
  readonly stage: Stage;
  readonly steps: readonly StepReading[];
  readonly standing: Standing;
}

/** The stages by id, in the order of the plan. */
export type StageReadings = ReadonlyMap<string, StageReading>;

/** Whether the manifests of a stage are written out to be applied. */
export function isWritten({ state, steps }: Pick<Stage, 'state' | 'steps'>): boolean {
  return (state === 'ready' || state === 'waived') && steps.length > 0;
}

/**
 * Reads every stage of a plan back from a world. What a later stage has changed since counts for the earlier one too; so
 * the last stage is read first.
 */
export function readStages(plan: RolloutPlan, world: World): StageReadings {
  const ours = madeByPlan(plan);
  const isOurs = (ref: ObjectRef): boolean => ours.has(keyOf(ref));
  const proofs = proofsOf(plan.stages);
  const raw = new Map(
    plan.stages
      .filter(isWritten)
      .map((stage) => [stage.id, stage.steps.map((step) => readStep(step, { world, stage, isOurs }))]),
  );
  const mentions = plan.stages.filter(isWritten).flatMap((stage) => writesOf(stage.id, stage.steps));
  const later: LaterWrite[] = [];
  const read = new Map<string, StageReading>();
  for (const stage of [...plan.stages].reverse()) {
    const readings = raw.get(stage.id) ?? [];
    const steps = readings.map((reading) => supersededBy(reading, { stage: stage.id, later, mentions }));
    const standing = readings.length === 0 ? 'nothing' : standingOf(steps, proofs);
    read.set(stage.id, { stage, steps, standing });
    const begun = isBegun(stage, raw, proofs);
    for (const { step, told } of steps) {
      if (told.state !== 'met' || (step.step === 'delete' && begun === 'no')) continue;
      const isSure = step.step !== 'delete' || begun === 'yes';
      later.push(...writesOf(stage.id, [step]).map((write) => ({ ...write, isSure })));
    }
  }
  return onlyAfterOthers(plan.stages, read, proofs);
}

/**
 * Whether something shows that a stage was begun: what it deletes may never have been there. One that only deletes was
 * begun where what it rests on left something else that shows.
 */
function isBegun(
  { id, dependsOn }: Stage,
  raw: ReadonlyMap<string, readonly StepReading[]>,
  proofs: ReadonlySet<Step>,
): 'yes' | 'no' | 'unknown' {
  const isProof = ({ step }: StepReading): boolean => proofs.has(step);
  const own = (raw.get(id) ?? []).filter(isProof);
  const telling = own.length > 0 ? own : dependsOn.flatMap((needed) => raw.get(needed)?.filter(isProof) ?? []);
  const states = telling.map(({ told }) => told.state);
  if (states.includes('met')) return 'yes';
  return states.includes('unknown') ? 'unknown' : 'no';
}

/** Objects that some rollback deletes did not exist before the plan. */
function madeByPlan({ stages }: RolloutPlan): ReadonlySet<string> {
  return new Set(
    stages.flatMap(({ rollback }) =>
      rollback.steps.flatMap((step) => (step.step === 'delete' ? [keyOf(step.target)] : [])),
    ),
  );
}

/** The steps by which a stage can be told: they write something that no earlier stage wrote alike. */
function proofsOf(stages: readonly Stage[]): ReadonlySet<Step> {
  const proofs = new Set<Step>();
  const earlier = new Map<string, Step[]>();
  for (const stage of stages.filter(isWritten)) {
    for (const step of stage.steps) {
      if (step.step === 'restart' || step.step === 'delete') continue;
      const key = writesOf(stage.id, [step])[0]?.key ?? '';
      const alike = earlier.get(key) ?? [];
      if (!alike.some((each) => sameValue(each, step))) proofs.add(step);
      earlier.set(key, [...alike, step]);
    }
  }
  return proofs;
}

function standingOf(steps: readonly StepReading[], proofs: ReadonlySet<Step>): Standing {
  const counted = steps.filter(({ told }) => told.forPerson !== true);
  if (counted.length === 0) return 'nothing';
  const worst = worstState(counted.map(({ told }) => told.state));
  if (worst === 'met') return 'holds';
  if (worst === 'unknown') return 'unknown';
  const telling = counted.filter(({ step }) => proofs.has(step));
  if (telling.some(({ told }) => told.state === 'met')) return 'partly';
  const doubtful = (telling.length > 0 ? telling : counted).some(({ told }) => told.state === 'unknown');
  return doubtful ? 'unknown' : 'not';
}

/** A stage that only deletes and restarts may look applied before it is: it holds once what it rests on does. */
function onlyAfterOthers(
  stages: readonly Stage[],
  read: ReadonlyMap<string, StageReading>,
  proofs: ReadonlySet<Step>,
): StageReadings {
  const settled = new Map<string, StageReading>();
  for (const { id, steps, dependsOn } of stages) {
    const reading = read.get(id);
    if (reading === undefined) continue;
    const isTold = reading.standing !== 'holds' || steps.some((step) => proofs.has(step));
    const needed = dependsOn.map((each) => settled.get(each)?.standing ?? 'nothing');
    const isReady = needed.every((standing) => standing === 'holds' || standing === 'nothing');
    const other = needed.includes('unknown') ? 'unknown' : 'not';
    settled.set(id, isTold || isReady ? reading : { ...reading, standing: other });
  }
  return settled;
}
