import type { ObjectRef } from '../../kubernetes/object.ts';
import type { Evidence } from '../../world/evidence.ts';
import type { RolloutPlan, StageState } from '../plan.ts';

/** `unknown`: what would tell was not read, not watched, or is for a person to say. */
export type ConditionState = 'met' | 'unmet' | 'unknown';

/** What is asked of a stage: may it be applied, did it take, may it be undone. */
export type Gate = 'entry' | 'exit' | 'rollback';

/** A field that is not what a stage made it. */
export interface Drift {
  readonly object: ObjectRef;
  /** Path, as `spec.mtls.mode`. */
  readonly field: string;
  /** As JSON; `nothing` where the field must not be there. */
  readonly wanted: string;
  /** As JSON; `nothing` where the field is not there. */
  readonly found: string;
}

/** One condition with its answer. */
export interface VerifiedCondition {
  readonly id: string;
  readonly text: string;
  readonly state: ConditionState;
  readonly evidence: readonly Evidence[];
  /** A command line that shows it, as arguments. */
  readonly command?: readonly string[];
}

/** What a world and the metrics say of one gate of a stage. */
export interface StageVerification {
  readonly conditions: readonly VerifiedCondition[];
  readonly drift: readonly Drift[];
}

/**
 * Where a stage stands. `holds`: all that it made is there, or was changed since by a later stage of the plan. `partly`:
 * some of it is. `nothing`: it has no steps that are written out, or none of them can be read back.
 */
export type Standing = 'holds' | 'partly' | 'not' | 'unknown' | 'nothing';

/** A stage with its standing, and what of it is missing. */
export interface StandingRow {
  readonly stage: string;
  readonly number: number;
  readonly title: string;
  readonly state: StageState;
  readonly standing: Standing;
  /** The first things that are not as the stage made them, or not known. */
  readonly why: readonly string[];
}

/** Where a world stands in a plan. */
export interface PlanPosition {
  readonly stages: readonly StandingRow[];
  /** The last stage in the order of the plan that holds; absent where none does. */
  readonly at?: string;
  /** Stages that may be looked at next: ready, not applied, and all that they rest on holds. */
  readonly next: readonly string[];
  /** What somebody should do next, in words. */
  readonly action: string;
}

/** The whole answer in one word, with the reasons. */
export interface VerificationAnswer {
  /** `no`: a condition is unmet; `not-enough-evidence`: none is, and some are unknown. */
  readonly is: 'yes' | 'no' | 'not-enough-evidence';
  readonly because: readonly string[];
}

/** What was verified: one gate of a stage, or where the cluster stands in the plan. */
export interface Verified extends StageVerification {
  readonly cluster: string;
  readonly plan: Pick<RolloutPlan, 'target' | 'goal' | 'staleAfter'>;
  /** `position` where no stage was asked for. */
  readonly gate: Gate | 'position';
  readonly stage?: string;
  readonly title?: string;
  readonly summary: Readonly<Record<ConditionState, number>>;
  /** For a rollback: the stages that are there and have to be undone before, in this order. */
  readonly undoFirst?: readonly string[];
  readonly position?: PlanPosition;
  readonly answer: VerificationAnswer;
}
