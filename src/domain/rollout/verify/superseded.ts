import { asObject } from '../../../lib/json.ts';
import { formatRef, keyOf, kindOf, type ObjectRef } from '../../kubernetes/object.ts';
import type { Step } from '../../world/step.ts';
import { differing, type ReadBack } from './read-back.ts';
import type { StepReading } from './read-step.ts';
import { told, type Told } from './tell.ts';

/** What a stage's step does to one object: writes these fields, or deletes it. */
export interface LaterWrite {
  readonly stage: string;
  readonly key: string;
  /** The fields as they are written; undefined where the object is deleted. */
  readonly fields: unknown;
  /** Whether what it leaves out goes. */
  readonly isWhole: boolean;
  /** False where it is not known whether that was ever done. */
  readonly isSure?: boolean;
}

/** What the steps of a stage write and delete. */
export function writesOf(stage: string, steps: readonly Step[]): readonly LaterWrite[] {
  return steps.flatMap((step): readonly LaterWrite[] => {
    switch (step.step) {
      case 'apply': {
        const { metadata } = step.manifest;
        const ref: ObjectRef = {
          kind: kindOf(step.manifest),
          name: metadata.name,
          ...(metadata.namespace === undefined ? {} : { namespace: metadata.namespace }),
        };
        return [{ stage, key: keyOf(ref), fields: step.manifest, isWhole: step.whole !== undefined }];
      }
      case 'patch':
        return [{ stage, key: keyOf(step.target), fields: step.patch, isWhole: false }];
      case 'delete':
        return [{ stage, key: keyOf(step.target), fields: undefined, isWhole: true }];
      case 'restart':
      case 'external':
        return [];
    }
  });
}

/** What else the plan does. */
export interface Others {
  readonly stage: string;
  /** What stages after this one wrote, and what is there. */
  readonly later: readonly LaterWrite[];
  /** What any stage writes. */
  readonly mentions: readonly LaterWrite[];
}

/** The reading without what later stages of the plan have changed on purpose. */
export function supersededBy(reading: StepReading, others: Others): StepReading {
  if (reading.told.state !== 'unmet' || reading.objects.length === 0) return reading;
  const [object, ...more] = reading.objects;
  // Commands make many objects, and the plan edits none of them.
  if (object === undefined || more.length > 0) return reading;
  const answer = answerFor(object, others);
  return answer === undefined ? reading : { ...reading, told: answer };
}

function answerFor({ ref, differences }: ReadBack, { stage, later, mentions }: Others): Told | undefined {
  const key = keyOf(ref);
  const since = later.filter((write) => write.key === key);
  if (differences.length === 0) {
    const change = since.find(({ isSure }) => isSure !== false) ?? since[0];
    if (change === undefined) return undefined;
    if (change.isSure !== false) return changed(ref, change.stage);
    return told('unknown', {
      object: ref,
      rule: `it is not there, and stage ${change.stage} deletes it; whether it did is not known`,
    });
  }
  const others = mentions.filter((write) => write.key === key && write.stage !== stage);
  const left = differences.filter(({ path, wanted }) => {
    const isExtra = wanted === 'nothing' && others.some((write) => mentionsField(write, path));
    return !isExtra && !since.some((write) => mentionsField(write, path));
  });
  if (left.length === differences.length) return undefined;
  if (left.length > 0) return differing(ref, left);
  const [change] = since;
  return change === undefined
    ? told('met', { object: ref, rule: 'every field that was written is there' })
    : changed(ref, change.stage);
}

function changed(ref: ObjectRef, stage: string): Told {
  return told('met', { object: ref, rule: `${formatRef(ref)} was changed since, as stage ${stage} says` });
}

/** Whether the write says something of the field at the path, or of what it lies in. */
function mentionsField({ fields, isWhole }: LaterWrite, path: readonly string[]): boolean {
  if (fields === undefined) return true;
  let current: unknown = fields;
  for (const field of path) {
    const map = asObject(current);
    if (map === undefined) return true;
    if (!Object.hasOwn(map, field)) return isWhole;
    current = map[field];
  }
  return true;
}
