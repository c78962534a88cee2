import type { RolloutPlan, Stage } from '../domain/rollout/plan.ts';
import type { GateContext } from '../domain/rollout/verify/gate-context.ts';
import {
  NOBODY_ASKED,
  queriesOf,
  type MetricAnswer,
  type MetricAnswers,
} from '../domain/rollout/verify/metric-answers.ts';
import { positionIn } from '../domain/rollout/verify/plan-position.ts';
import { undoFirst } from '../domain/rollout/verify/rollback-gate.ts';
import { readStages } from '../domain/rollout/verify/stage-readings.ts';
import type {
  ConditionState,
  Gate,
  PlanPosition,
  VerificationAnswer,
  Verified,
} from '../domain/rollout/verify/verification.ts';
import { verifyStage } from '../domain/rollout/verify/verify-stage.ts';
import type { ResultHead } from '../domain/world/result-head.ts';
import { usageError } from '../lib/errors.ts';
import { nearest } from '../lib/nearest.ts';
import type { OpenedWorld } from './open-world.ts';
import type { MetricsPort } from './verify-ports.ts';

/** What `verify` says: of one gate of a stage, or of where the cluster stands in the plan. */
export type VerificationResult = ResultHead & Verified;

/** What is asked of a stage. */
export interface StageQuestion {
  readonly stage: string;
  readonly gate: Gate;
  readonly confirm: readonly string[];
}

/** Says which stage of the plan the world is at. */
export function locateInPlan(opened: OpenedWorld, plan: RolloutPlan): VerificationResult {
  const position = positionIn(plan, readStages(plan, opened.world));
  return {
    ...headOf(opened, plan),
    gate: 'position',
    conditions: [],
    drift: [],
    summary: { met: 0, unmet: 0, unknown: 0 },
    position,
    answer: answerOfPosition(position),
  };
}

/** Answers one gate of a stage; `metrics` is left out where no server was named. Throws a usage error for unknown ids. */
export async function verifyPlan(
  opened: OpenedWorld,
  plan: RolloutPlan,
  { question, metrics }: { readonly question: StageQuestion; readonly metrics?: MetricsPort | undefined },
): Promise<VerificationResult> {
  const stage = stageOf(plan, question.stage);
  const { gate } = question;
  const context: GateContext = {
    plan,
    stage,
    world: opened.world,
    graph: opened.graph,
    readings: readStages(plan, opened.world),
    answers: await askFor(stage, gate, metrics),
    confirmed: new Set(question.confirm),
  };
  const { conditions, drift } = verifyStage(context, gate);
  refuseUnknownIds(
    question.confirm,
    conditions.map(({ id }) => id),
  );
  const summary = countStates(conditions.map(({ state }) => state));
  return {
    ...headOf(opened, plan),
    gate,
    stage: stage.id,
    title: stage.title,
    conditions,
    drift,
    summary,
    ...(gate === 'rollback' ? { undoFirst: undoFirst(context) } : {}),
    answer: answerOfGate(summary),
  };
}

/** The stage of that id; a usage error names those that are near. */
export function stageOf({ stages }: RolloutPlan, id: string): Stage {
  const found = stages.find((stage) => stage.id === id);
  if (found !== undefined) return found;
  const ids = stages.map((stage) => stage.id);
  const alike = ids.filter((each) => id !== '' && each.includes(id));
  const near = alike.length > 0 ? alike : [nearest(id, ids) ?? []].flat();
  const choices = near.length > 0 ? near : ids;
  throw usageError(
    'unknown-stage',
    `the plan has no stage ${id.slice(0, 100)}`,
    `${near.length > 0 ? 'did you mean' : 'there are'}: ${choices.slice(0, 10).join(', ')}${choices.length > 10 ? ', ...' : ''}`,
  );
}

function refuseUnknownIds(confirmed: readonly string[], ids: readonly string[]): void {
  const odd = confirmed.find((id) => !ids.includes(id));
  if (odd === undefined) return;
  const near = nearest(odd, ids);
  throw usageError(
    'unknown-condition',
    `--confirm ${odd.slice(0, 100)}: this gate has no such condition`,
    near === undefined ? `there are: ${ids.join(', ')}` : `did you mean: ${near}`,
  );
}

async function askFor(stage: Stage, gate: Gate, metrics: MetricsPort | undefined): Promise<MetricAnswers> {
  if (metrics === undefined) return NOBODY_ASKED;
  const conditions = gate === 'entry' ? stage.entryGate : gate === 'exit' ? stage.exitGate : [];
  const byQuery = new Map<string, readonly MetricAnswer[]>();
  for (const query of queriesOf(conditions)) byQuery.set(query, await metrics.ask(query));
  return { byQuery };
}

function headOf(
  opened: OpenedWorld,
  { target, goal, staleAfter, cluster }: RolloutPlan,
): ResultHead & Pick<VerificationResult, 'cluster' | 'plan'> {
  const head = opened.headFor('Verification');
  const other = `the plan was made for the cluster ${cluster}, and this is ${opened.world.cluster}`;
  return {
    ...head,
    warnings: cluster === opened.world.cluster ? head.warnings : [...head.warnings, other],
    cluster: opened.world.cluster,
    plan: { target, goal, staleAfter },
  };
}

function countStates(states: readonly ConditionState[]): Record<ConditionState, number> {
  const counts: Record<ConditionState, number> = { met: 0, unmet: 0, unknown: 0 };
  for (const state of states) counts[state] += 1;
  return counts;
}

function answerOfGate({ met, unmet, unknown }: Readonly<Record<ConditionState, number>>): VerificationAnswer {
  if (unmet > 0)
    return { is: 'no', because: [`${String(unmet)} of ${String(met + unmet + unknown)} conditions are unmet`] };
  if (unknown > 0)
    return {
      is: 'not-enough-evidence',
      because: [`${String(unknown)} of ${String(met + unknown)} conditions are unknown`],
    };
  // A gate without a single condition was never looked through.
  if (met === 0) return { is: 'not-enough-evidence', because: ['the gate has no conditions'] };
  return { is: 'yes', because: [`all ${String(met)} conditions are met`] };
}

function answerOfPosition({ stages }: PlanPosition): VerificationAnswer {
  const half = stages.filter(({ standing }) => standing === 'partly').map(({ stage }) => stage);
  if (half.length > 0) return { is: 'no', because: [`these stages hold only in part: ${half.join(', ')}`] };
  const unknown = stages.filter(({ standing }) => standing === 'unknown').map(({ stage }) => stage);
  if (unknown.length > 0) {
    return { is: 'not-enough-evidence', because: [`how these stages stand is not known: ${unknown.join(', ')}`] };
  }
  return { is: 'yes', because: ['every stage holds, or is not applied at all'] };
}
