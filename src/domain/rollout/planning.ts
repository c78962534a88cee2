import type { Fate } from '../simulate/verdict.ts';
import type { ExternalStep, Step } from '../world/step.ts';
import { apart } from '../world/object-world.ts';
import type { World } from '../world/world.ts';
import { takenNames } from './objects/taken-names.ts';
import { acceptedOpenings } from './accepted-openings.ts';
import { indexCalls, type CallIndex } from './call-index.ts';
import { withChosenMetadata } from './chosen-metadata.ts';
import type { Exception, LeftOut, Obstacle, Stage, StageState } from './plan.ts';
import type { RolloutInput } from './rollout-input.ts';
import { openingsOf } from './stage-openings.ts';
import { rollbackSteps } from './rollback-steps.ts';
import { fatesIn, trySteps, type Trial, type WorseCall } from './simulate-stage.ts';
import { stageOf } from './stage-places.ts';
import { stageDraft, type StageParts } from './stage-draft.ts';
import { recount, stageSimulation, tallyOf, UNTOUCHED, type Tally } from './stage-simulation.ts';

/** A stage that lacks only its number and what is reckoned from the whole plan. */
export type PlannedStage = Omit<Stage, 'number' | 'effort'>;

/** A plan in the making: each stage that is written is applied to `world` before the next one is planned. */
export interface Planning {
  readonly input: RolloutInput;
  readonly index: CallIndex;
  world: World;
  /** The fates of all calls in it. */
  readonly fates: Map<string, Fate>;
  readonly tally: Tally;
  readonly stages: PlannedStage[];
  readonly exceptions: Exception[];
  readonly leftOut: LeftOut[];
  readonly warnings: string[];
  /** What was tried last, for whoever asks the same of the same world again. */
  last?: Tried;
}

interface Tried {
  readonly world: World;
  /** The id and the steps. */
  readonly asked: string;
  readonly trial: Trial;
}

/** A plan with nothing in it yet. */
export function startPlanning(input: RolloutInput): Planning {
  // The input lives as long as the plan is made, and the first world of the plan only until a stage changes it.
  const world = apart(input.world);
  const fates = new Map(fatesIn(world, input.graph.calls));
  return {
    input,
    index: indexCalls(world, input.graph.calls),
    world,
    fates,
    tally: tallyOf(fates),
    stages: [],
    exceptions: [],
    leftOut: [],
    warnings: [...input.warnings],
  };
}

/**
 * What would become of the calls if the steps were applied now. A stage that cuts is asked for its obstacles first and
 * written then: as long as the plan's world is the same one, so are the fates, and equal steps come to the same.
 */
export function tryNow(planning: Planning, id: string, steps: readonly Step[]): Trial {
  const { world, last } = planning;
  const chosen = withChosenMetadata(steps, planning.input.choices);
  const asked = JSON.stringify([id, chosen]);
  if (last?.world === world && last.asked === asked) return last.trial;
  const trial = trySteps(planning, id, chosen);
  planning.last = { world, asked, trial };
  return trial;
}

/** Adds a stage that changes nothing now: a page to read, something done already, or an outline. */
export function addStage(planning: Planning, parts: StageParts, state: StageState): void {
  const simulation = stageSimulation(planning.tally, UNTOUCHED, []);
  planning.stages.push({ ...stageDraft(parts, state), simulation, assumptions: [] });
}

/** A stage with its steps, as they were tried. */
export interface TriedStage {
  readonly parts: Omit<StageParts, 'steps' | 'rollback'>;
  readonly trial: Trial;
  readonly state: 'ready' | 'waived';
  /** Commands that undo what the stage's own commands did; they come last. */
  readonly undo?: readonly ExternalStep[];
  readonly timeToEffect: string;
  readonly validWhile: string;
  readonly irreversible?: readonly string[];
  /** Calls that turn unknown are named in the stage's gate instead of blocking it. */
  readonly toleratesUnknown?: boolean;
}

/**
 * Adds a stage with steps. It is applied to the plan's world unless something is in the way, a call gets worse, or it
 * opens what was shut: then it stands there as blocked, with the reason, and its steps are a draft.
 */
export function writeStage(planning: Planning, tried: TriedStage): StageState {
  const { trial, parts } = tried;
  const opens = openingsOf(planning.world, trial);
  const { shut, notes } = acceptedOpenings(planning.input, parts.id, opens);
  const blocking = trial.worse.filter(({ after }) => tried.toleratesUnknown !== true || after.verdict !== 'unknown');
  const applied = trial.steps.filter((step) => step.step === 'apply');
  const blockedBy = [
    ...takenNames(planning.world, applied),
    ...(parts.blockedBy ?? []),
    ...blocking.map(toObstacle),
    ...shut.map(toOpening),
  ];
  const state: StageState = blockedBy.length > 0 ? 'blocked' : tried.state;
  const rollback = {
    steps: [...rollbackSteps(planning.world, trial.steps), ...(tried.undo ?? [])],
    timeToEffect: tried.timeToEffect,
    validWhile: tried.validWhile,
    undoFirst: [],
    irreversible: tried.irreversible ?? [],
  };
  const told = [...(parts.notes ?? []), ...notes];
  const draft = stageDraft({ ...parts, notes: told, steps: trial.steps, rollback, blockedBy }, state);
  const simulation = stageSimulation(planning.tally, { ...trial, before: (call) => planning.fates.get(call) }, opens);
  const exitGate = [...draft.exitGate, ...trial.assumptions.map(toCondition)];
  planning.stages.push({ ...draft, exitGate, simulation, assumptions: trial.assumptions });
  if (state !== 'blocked') {
    planning.world = trial.world;
    settle(planning, trial);
  }
  return state;
}

function settle({ fates, tally }: Planning, { settled }: Trial): void {
  for (const [call, after] of settled) {
    recount(tally, call, { before: fates.get(call), after });
    fates.set(call, after);
  }
}

/** The call that a stage would make worse, as what stands in its way. */
export function toObstacle({ call, before, after }: WorseCall): Obstacle {
  return {
    kind: 'call',
    what: `${call.id}: ${before.verdict} before, ${after.verdict} after: ${after.why}`,
    remedy: remedyFor(after),
  };
}

function remedyFor({ verdict, why }: WorseCall['after']): string {
  if (why.includes('server-first')) {
    return 'declare the port: appProtocol: tcp on the Service (or a name that begins with tcp-), and plan again';
  }
  return verdict === 'unknown' ? 'find out what was not known, and plan again' : 'change one of its ends first';
}

function toOpening(opening: string): Obstacle {
  return {
    kind: 'object',
    what: `would open ${opening}`,
    remedy: 'keep what is shut today, or take the policy that shuts it away on purpose first',
  };
}

function toCondition(assumption: string, index: number): { readonly id: string; readonly text: string } {
  return { id: `assumed-${String(index + 1)}`, text: `Read back what was taken for granted: ${assumption}.` };
}

/** The state of a stage that was planned already; undefined if there is none of that id. */
export function stateOf(planning: Planning, id: string): StageState | undefined {
  return stageOf(planning.stages, id)?.state;
}

/** Whether later stages may rest on a stage of this state. */
export function holds(state: StageState | undefined): boolean {
  return state === 'ready' || state === 'waived' || state === 'done';
}
