import type { StageState } from '../plan.ts';
import { checkState } from './check-state.ts';
import type { GateContext } from './gate-context.ts';
import { gateCondition, verified } from './gate-conditions.ts';
import { freezes, freshness } from './plan-age.ts';
import { isWritten, type StageReading, type StageReadings } from './stage-readings.ts';
import { simulatedToday } from './simulated-today.ts';
import { told, together, type Told } from './tell.ts';
import type { VerifiedCondition } from './verification.ts';

/** Whether a stage may be applied: written out, still true of today's world, on top of what it rests on, its gate green. */
export function entryGate(context: GateContext): readonly VerifiedCondition[] {
  const { stage, plan, world } = context;
  const may = { id: 'stage-state', text: 'The plan wrote the stage out to be applied.' };
  const first = [
    verified(may, mayBeApplied(context), context),
    verified({ id: 'plan-fresh', text: 'The plan is not stale.' }, freshness(plan, world), context),
    ...frozen(context),
    ...stage.dependsOn.map((id) => dependency(id, context)),
  ];
  const conditions = stage.entryGate.map((condition) => gateCondition(condition, context));
  return [...first, ...simulated(context), ...conditions];
}

function mayBeApplied({ stage: { state, blockedBy } }: GateContext): Told {
  const meaning: Readonly<Record<StageState, string>> = {
    ready: 'the stage is ready',
    waived: 'the stage is written out on weaker evidence, because that was asked for',
    done: 'the world was there already when the plan was made',
    outline: 'the stage is an outline: the evidence for it is missing',
    blocked: 'the stage is blocked, and its manifests are a draft',
  };
  const may = state === 'ready' || state === 'waived' || state === 'done';
  const because = blockedBy.map(({ what, remedy }) => ({ rule: `${what}. What would remove it: ${remedy}` }));
  return { state: may ? 'met' : 'unmet', evidence: [{ rule: meaning[state] }, ...(may ? [] : because)] };
}

function frozen(context: GateContext): readonly VerifiedCondition[] {
  const { choices } = context.plan;
  if (choices.freezes.length === 0) return [];
  const condition = { id: 'no-freeze', text: 'No freeze is on.' };
  return [verified(condition, freezes(choices.freezes, context.world), context)];
}

function simulated(context: GateContext): readonly VerifiedCondition[] {
  if (context.stage.steps.length === 0) return [];
  const text = 'Simulated on the world of today, the stage breaks no known call and opens nothing.';
  return [verified({ id: 'simulated-today', text }, simulatedToday(context), context)];
}

function dependency(id: string, context: GateContext): VerifiedCondition {
  const condition = { id: `after-${id}`, text: `Stage ${id} holds, and all that it rests on.` };
  return verified(condition, holdsWithAll(id, context), context);
}

function holdsWithAll(id: string, context: GateContext): Told {
  const reading = context.readings.get(id);
  if (reading === undefined) return told('unmet', `the plan has no stage ${id}`);
  const own = reading.standing === 'nothing' ? withoutSteps(reading, context) : standingTold(reading);
  const others = ancestorsOf(id, context.readings).map((each) => standingTold(each));
  const all = together([own, ...others]);
  return all.state === 'met' ? told('met', own.evidence[0] ?? `stage ${id} holds`) : all;
}

/** A stage that changes nothing is over when what its exit gate says of the world holds; the rest a person answered. */
function withoutSteps({ stage }: StageReading, { world, graph, plan }: GateContext): Told {
  if (stage.state === 'blocked' || stage.state === 'outline')
    return told('unmet', `stage ${stage.id} is ${stage.state}: it was never written out`);
  if (stage.state === 'done') return told('met', `stage ${stage.id} was done when the plan was made`);
  const checks = stage.exitGate.flatMap(({ state }) => (state === undefined ? [] : [state]));
  const answers = checks.map((check) => checkState(check, { world, graph, target: plan.target }));
  const rule = `stage ${stage.id} leaves nothing in the cluster that could be read back; its own exit gate says whether it is over`;
  if (answers.length > 0) return together(answers);
  return isWritten(stage) ? { ...told('unknown', rule), forPerson: true } : told('met', rule);
}

function standingTold({ stage, standing, steps }: StageReading): Told {
  if (standing === 'holds' || standing === 'nothing') return told('met', `stage ${stage.id} holds`);
  const open = steps.filter((step) => step.told.state !== 'met').map((step) => step.told);
  const all = together(open);
  const words = { partly: 'holds only in part', not: 'is not applied', unknown: 'cannot be told' } as const;
  const state = standing === 'unknown' ? 'unknown' : 'unmet';
  return { state, evidence: [{ rule: `stage ${stage.id} ${words[standing]}` }, ...all.evidence.slice(0, 3)] };
}

/** The stages with steps that a stage rests on, however far, in the order of the plan. */
export function ancestorsOf(id: string, readings: StageReadings): readonly StageReading[] {
  const found = new Set<string>();
  const waiting = [...(readings.get(id)?.stage.dependsOn ?? [])];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (found.has(next)) continue;
    found.add(next);
    waiting.push(...(readings.get(next)?.stage.dependsOn ?? []));
  }
  return [...readings.values()].filter(({ stage, standing }) => found.has(stage.id) && standing !== 'nothing');
}
