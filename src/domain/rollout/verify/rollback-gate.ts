import type { GateContext } from './gate-context.ts';
import { ancestorsOf } from './entry-gate.ts';
import { verified } from './gate-conditions.ts';
import { isWritten, type StageReading, type StageReadings } from './stage-readings.ts';
import { told, type Told } from './tell.ts';
import type { VerifiedCondition } from './verification.ts';

/**
 * Whether the rollback of a stage may be run: the stage is there, at least in part, and nothing that rests on it is any
 * more. Stages to undo first come last first, as they have to be undone.
 */
export function rollbackGate(context: GateContext): readonly VerifiedCondition[] {
  const { stage, readings } = context;
  const later = restingOn(stage.id, stage.rollback.undoFirst, readings);
  const undone = later.map((reading) => {
    const condition = {
      id: `undone-${reading.stage.id}`,
      text: `Stage ${reading.stage.id} is not applied, or is undone.`,
    };
    return verified(condition, isUndone(reading), context);
  });
  const text = 'The stage has something to undo, and nothing that rests on it is in the way.';
  return [verified({ id: 'rollback-order', text }, order(context, later), context), ...undone];
}

/** The stages that must be undone first because they are there, last first. */
export function undoFirst({ stage, readings }: GateContext): readonly string[] {
  return restingOn(stage.id, stage.rollback.undoFirst, readings)
    .filter((reading) => isUndone(reading).state !== 'met')
    .map((reading) => reading.stage.id);
}

function order(context: GateContext, later: readonly StageReading[]): Told {
  const { stage } = context;
  if (stage.rollback.steps.length === 0) return told('unmet', `stage ${stage.id} has no steps to undo it`);
  const waiting = later.filter((reading) => isUndone(reading).state === 'unmet').map((reading) => reading.stage.id);
  if (waiting.length > 0) return told('unmet', `undo first, in this order: ${waiting.join(', ')}`);
  const doubtful = later.filter((reading) => isUndone(reading).state === 'unknown').map((reading) => reading.stage.id);
  if (doubtful.length > 0) return told('unknown', `whether these are undone is not known: ${doubtful.join(', ')}`);
  return somethingToUndo(context) ?? told('met', `nothing that rests on stage ${stage.id} is there`);
}

/** Why there may be nothing to undo: the rollback of a stage that was never applied writes and restarts all the same. */
function somethingToUndo({ stage, readings }: GateContext): Told | undefined {
  const reading = readings.get(stage.id);
  if (reading === undefined || !isWritten(stage)) {
    return told('unmet', `the plan did not write stage ${stage.id} out to be applied: there is nothing to undo`);
  }
  switch (reading.standing) {
    case 'holds':
    case 'partly':
      return undefined;
    case 'not':
      return told('unmet', `stage ${stage.id} is not applied: there is nothing to undo`);
    case 'unknown':
      return told('unknown', `whether stage ${stage.id} is applied is not known`);
    case 'nothing':
      return {
        ...told('unknown', `nothing that can be read tells whether stage ${stage.id} is applied`),
        forPerson: true,
      };
  }
}

function restingOn(id: string, named: readonly string[], readings: StageReadings): readonly StageReading[] {
  return [...readings.values()]
    .filter(({ stage, standing }) => standing !== 'nothing' && stage.id !== id)
    .filter(({ stage }) => named.includes(stage.id) || restsOn(stage.id, id, readings))
    .reverse();
}

function restsOn(later: string, id: string, readings: StageReadings): boolean {
  const passed = readings.get(later)?.stage.dependsOn ?? [];
  if (passed.includes(id)) return true;
  return ancestorsOf(later, readings).some(({ stage }) => stage.id === id);
}

function isUndone({ stage, standing, steps }: StageReading): Told {
  switch (standing) {
    case 'holds':
      return told('unmet', `stage ${stage.id} is applied`);
    case 'partly': {
      const done = steps.filter((step) => step.told.state === 'met').map(({ text }) => text);
      return told('unmet', `stage ${stage.id} is applied in part: ${done.slice(0, 3).join(', ')}`);
    }
    case 'unknown':
      return told('unknown', `whether stage ${stage.id} is applied is not known`);
    case 'not':
    case 'nothing':
      return told('met', `stage ${stage.id} is not applied`);
  }
}
