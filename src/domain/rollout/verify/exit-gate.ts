import type { GateContext } from './gate-context.ts';
import { gateCondition, verified } from './gate-conditions.ts';
import { told, type Told } from './tell.ts';
import type { Drift, StageVerification, VerifiedCondition } from './verification.ts';

/** Whether a stage took: every field that it set is read back, and its exit gate is green. */
export function exitGate(context: GateContext): StageVerification {
  const { stage, readings } = context;
  const steps = readings.get(stage.id)?.steps ?? [];
  const applied = steps.map(({ text, told: answer }, index) =>
    verified({ id: `step-${String(index + 1)}`, text: `Done: ${text}.` }, answer, context),
  );
  const conditions = stage.exitGate.map((condition) => gateCondition(condition, context));
  const drift = steps.flatMap((step): readonly Drift[] => step.told.drift ?? []);
  return { conditions: [...unwritten(context), ...applied, ...conditions], drift };
}

/** What was not written out can not have been applied as it was written. */
function unwritten(context: GateContext): readonly VerifiedCondition[] {
  const { state, id } = context.stage;
  if (state !== 'blocked' && state !== 'outline') return [];
  const answer: Told = told('unmet', `stage ${id} is ${state}: plan again before it is applied`);
  return [verified({ id: 'stage-state', text: 'The plan wrote the stage out to be applied.' }, answer, context)];
}
