import type { RolloutPlan } from '../plan.ts';
import { ancestorsOf } from './entry-gate.ts';
import { readBackWords } from './read-back.ts';
import type { StepReading } from './read-step.ts';
import { isWritten, type StageReading, type StageReadings } from './stage-readings.ts';
import type { PlanPosition, StandingRow } from './verification.ts';

const SHOWN = 3;

/** Tells where a world stands in a plan: which stages hold, which do in part, and which may be looked at next. */
export function positionIn({ stages }: RolloutPlan, readings: StageReadings): PlanPosition {
  const rows = stages.flatMap(({ id }) => {
    const reading = readings.get(id);
    return reading === undefined ? [] : [rowOf(reading)];
  });
  const at = rows.filter(({ standing }) => standing === 'holds').at(-1)?.stage;
  const next = stages.filter((stage) => isNext(stage, readings)).map(({ id }) => id);
  return { stages: rows, ...(at === undefined ? {} : { at }), next, action: actionFor(rows, next) };
}

function rowOf({ stage, standing, steps }: StageReading): StandingRow {
  const { id, number, title, state } = stage;
  const open = standing === 'holds' ? [] : steps.filter((step) => step.told.state !== 'met');
  const more = open.length > SHOWN ? [`and ${String(open.length - SHOWN)} steps more`] : [];
  return { stage: id, number, title, state, standing, why: [...open.slice(0, SHOWN).map(openWords), ...more] };
}

function openWords({ text, told, objects }: StepReading): string {
  const open = objects.find((object) => object.told.state === told.state);
  const [first] = told.evidence;
  return open === undefined ? `${text}: ${first?.rule ?? 'not known'}` : readBackWords({ ...open, told });
}

function isNext(stage: RolloutPlan['stages'][number], readings: StageReadings): boolean {
  const standing = readings.get(stage.id)?.standing;
  if (!isWritten(stage) || (standing !== 'not' && standing !== 'partly')) return false;
  const isWrittenOut = stage.dependsOn.every((id) => {
    const state = readings.get(id)?.stage.state;
    return state !== undefined && state !== 'blocked' && state !== 'outline';
  });
  return isWrittenOut && ancestorsOf(stage.id, readings).every((needed) => needed.standing === 'holds');
}

function actionFor(rows: readonly StandingRow[], next: readonly string[]): string {
  const half = rows.find(({ standing }) => standing === 'partly');
  if (half !== undefined) {
    return `finish or undo stage ${half.stage}, which holds only in part: verify --stage ${half.stage} --exit says what is missing`;
  }
  const unknown = rows.find(({ standing }) => standing === 'unknown');
  if (unknown !== undefined)
    return `find out how stage ${unknown.stage} stands: ${unknown.why[0] ?? 'it cannot be told'}`;
  const [first] = next;
  if (first !== undefined) return `verify --stage ${first} --entry, and apply it where that passes`;
  const waiting = rows.find(({ state }) => state === 'blocked' || state === 'outline');
  if (waiting === undefined) return 'nothing is left to apply';
  return `plan again: what is left is blocked, or an outline that waits for evidence (${waiting.stage} first)`;
}
