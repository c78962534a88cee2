import { CONTROLLER_KINDS } from '../../kubernetes/kinds.ts';
import { formatRef, keyOf, kindOf, refOf, type Kind, type ObjectRef } from '../../kubernetes/object.ts';
import type { ExternalStep, Step } from '../../world/step.ts';
import type { World } from '../../world/world.ts';
import type { Stage } from '../plan.ts';
import { readServed } from './read-served.ts';
import { readAbsence, readManifest, readMerged, readPatch, readPresence, type ReadBack } from './read-back.ts';
import { readRestart } from './read-restart.ts';
import { together, type Told } from './tell.ts';

/** What a world shows of one step. */
export interface StepReading {
  readonly step: Step;
  /** What the step does, in words. */
  readonly text: string;
  readonly told: Told;
  /** The objects that the step writes or deletes, read back one by one. */
  readonly objects: readonly ReadBack[];
}

/** What a step is read back in. */
export interface ReadingContext {
  readonly world: World;
  readonly stage: Pick<Stage, 'kind' | 'steps'>;
  /** Whether the plan made the object. */
  readonly isOurs: (ref: ObjectRef) => boolean;
}

/** Reads one step of a stage back from a world. */
export function readStep(step: Step, context: ReadingContext): StepReading {
  const { world } = context;
  switch (step.step) {
    case 'apply': {
      const read = readManifest(world, step.manifest, context.isOurs(refOfManifest(step.manifest)));
      return ofObject(step, `apply ${formatRef(read.ref)}`, read);
    }
    case 'patch':
      return ofObject(step, `patch ${formatRef(step.target)}`, readPatch(world, step.target, step.patch));
    case 'delete':
      return ofObject(step, `delete ${formatRef(step.target)}`, readAbsence(world, step.target));
    case 'restart': {
      const answer = readRestart(world, step.workload, isTold(step.workload, context));
      return { step, text: `restart ${formatRef(step.workload)}`, told: answer, objects: [] };
    }
    case 'external':
      return ofCommands(step, world);
  }
}

function ofObject(step: Step, text: string, read: ReadBack): StepReading {
  return { step, text, told: read.told, objects: [read] };
}

function ofCommands(step: ExternalStep, world: World): StepReading {
  const objects = step.expect.map((object) => readPresence(world, refOf(object)));
  const changed = (step.expectChanges ?? []).map(({ target, fields }) => readMerged(world, target, fields));
  const answers = [
    ...[...objects, ...changed].map((read) => read.told),
    ...step.expectKinds.map((kind) => readServed(world, kind)),
  ];
  const answer: Told =
    answers.length > 0
      ? together(answers)
      : {
          state: 'unknown',
          evidence: [{ rule: 'nothing that can be read tells whether the commands ran' }],
          forPerson: true,
        };
  return { step, text: step.title, told: answer, objects: [...objects, ...changed] };
}

function refOfManifest({
  apiVersion,
  kind,
  metadata,
}: { readonly apiVersion: string; readonly kind: string } & {
  readonly metadata: { readonly name: string; readonly namespace?: string };
}): ObjectRef {
  const { name, namespace } = metadata;
  return { kind: kindOf({ apiVersion, kind }), name, ...(namespace === undefined ? {} : { namespace }) };
}

const CONTROLLERS: ReadonlySet<Kind> = new Set<Kind>(CONTROLLER_KINDS);

/** A restart shows where it takes pods into a mesh, follows an edit of their template, or of settings that they copy. */
function isTold(workload: ObjectRef, { stage }: ReadingContext): boolean {
  if (stage.kind === 'enrol') return true;
  return stage.steps.some((step) => {
    if (step.step !== 'patch' && step.step !== 'apply') return false;
    const target = step.step === 'patch' ? step.target : refOfManifest(step.manifest);
    if (CONTROLLERS.has(target.kind)) return keyOf(target) === keyOf(workload);
    return target.kind === 'Namespace' && target.name === workload.namespace;
  });
}
