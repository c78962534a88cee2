import { asObject, type JsonObject } from '../../../lib/json.ts';
import { formatRef, refOf, type KubeObject, type ObjectRef } from '../../kubernetes/object.ts';
import { mergeFields } from '../../world/merge-fields.ts';
import type { Step } from '../../world/step.ts';
import type { World } from '../../world/world.ts';
import type { RolloutPlan, Stage } from '../plan.ts';
import type { PlannedStage } from '../planning.ts';
import { refOfManifest } from '../rollback-steps.ts';
import { sameValue } from '../same-value.ts';

/** Stages with those of an earlier plan among them, and what became of the rest. */
export interface KeptStages {
  readonly stages: readonly PlannedStage[];
  readonly warnings: readonly string[];
}

/**
 * The stages of the new plan with those of the earlier one that it has no more: what was carried out stays, as done,
 * because its objects are in the cluster and their files must be nowhere missing; of the others it says that they went.
 */
export function keepStages(
  stages: readonly PlannedStage[],
  previous: Pick<RolloutPlan, 'stages'>,
  world: World,
): KeptStages {
  const ids = new Set(stages.map(({ id }) => id));
  const gone = previous.stages.filter(({ id }) => !ids.has(id));
  const kept = gone.filter((stage) => stage.state === 'done' || isCarriedOut(stage, previous.stages, world));
  const all = kept.reduce((list, stage) => insert(list, stage, previous.stages), stages);
  const there = new Set(all.map(({ id }) => id));
  return {
    stages: all.map((stage) => ({ ...stage, dependsOn: stage.dependsOn.filter((id) => there.has(id)) })),
    warnings: gone
      .filter((stage) => !kept.includes(stage))
      .map(({ id, state }) => `stage ${id} of the earlier plan (${state}) is not in this one`),
  };
}

/** After the nearest stage that stood before it. */
function insert(
  stages: readonly PlannedStage[],
  { number: _number, effort: _effort, ...stage }: Stage,
  earlier: readonly Stage[],
): readonly PlannedStage[] {
  const before = earlier.slice(
    0,
    earlier.findIndex(({ id }) => id === stage.id),
  );
  const places = before.map(({ id }) => stages.findIndex((each) => each.id === id));
  const place = Math.max(-1, ...places) + 1;
  return [...stages.slice(0, place), { ...stage, state: 'done', blockedBy: [] }, ...stages.slice(place)];
}

/** Whether the world shows every step of the stage, or what a later stage made of the same objects. */
function isCarriedOut(stage: Stage, all: readonly Stage[], world: World): boolean {
  if (stage.state === 'blocked' || !stage.steps.some(({ step }) => step !== 'restart')) return false;
  const later = all.slice(all.indexOf(stage) + 1).flatMap(({ steps }) => steps);
  return stage.steps.every(
    (step) => holds(step, world) || later.some((after) => isOfSame(step, after) && holds(after, world)),
  );
}

function holds(step: Step, world: World): boolean {
  switch (step.step) {
    case 'apply': {
      const { metadata, ...fields } = step.manifest;
      const { labels = {}, annotations = {} } = metadata;
      return has(world.get(refOfManifest(step.manifest)), { ...fields, metadata: { labels, annotations } });
    }
    case 'patch':
      return has(world.get(step.target), step.patch);
    case 'delete':
      return world.get(step.target) === undefined;
    case 'restart':
      return true;
    case 'external':
      return (
        step.expect.every((object) => world.get(refOf(object)) !== undefined) &&
        (step.expectChanges ?? []).every(({ target, fields }) => isMerged(world.get(target), fields))
      );
  }
}

/** Whether to merge the fields into the object once more would change nothing. */
function isMerged(object: KubeObject | undefined, fields: Readonly<Record<string, unknown>>): boolean {
  if (object === undefined) return false;
  const body: JsonObject = { ...object };
  return sameValue(mergeFields(body, fields, object.apiVersion), body);
}

function isOfSame(left: Step, right: Step): boolean {
  const [one, other] = [targetOf(left), targetOf(right)];
  return one !== undefined && other !== undefined && formatRef(one) === formatRef(other);
}

function targetOf(step: Step): ObjectRef | undefined {
  if (step.step === 'apply') return refOfManifest(step.manifest);
  return step.step === 'patch' || step.step === 'delete' ? step.target : undefined;
}

/** Whether the object holds at least these fields; null stands for a field that is not there. */
function has(object: KubeObject | undefined, fields: Readonly<Record<string, unknown>>): boolean {
  return object !== undefined && covers(object, fields);
}

function covers(value: unknown, wanted: unknown): boolean {
  const map = asObject(wanted);
  if (map === undefined) return wanted === null ? value === undefined || value === null : sameValue(value, wanted);
  const there = asObject(value) ?? {};
  return Object.entries(map).every(([key, member]) => covers(there[key], member));
}
