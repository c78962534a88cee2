import type { CallGraph, EvidenceKind } from '../calls/call.ts';
import type { World } from '../world/world.ts';
import type { Choices } from './choices.ts';
import type { Goal, RolloutPlan, Target } from './plan.ts';

/** What a rollout is planned from. */
export interface RolloutInput {
  readonly world: World;
  readonly graph: CallGraph;
  readonly target: Target;
  readonly goal: Goal;
  /** The weakest evidence on which a cutting stage is written out; `observed` unless somebody asked for less. */
  readonly acceptEvidence: EvidenceKind;
  /** How long calls must have been watched, in seconds; seven days or the longest CronJob period if absent. */
  readonly minWindowSeconds?: number;
  readonly choices: Choices;
  /** An earlier plan, whose waves, stage ids and numbers stay unless a fact forces a move. */
  readonly previous?: RolloutPlan;
  /** Limits what is planned, never what is read. */
  readonly namespaces?: readonly string[];
  /** The Istio to install, as `1.31.2`; the newest that the cluster's Kubernetes supports if absent. */
  readonly meshVersion?: string;
  readonly meshwiseVersion: string;
  /** SHA-256 over the objects and calls of the world. */
  readonly fingerprint: string;
  /** When the world was read, RFC 3339. */
  readonly taken?: string;
  readonly warnings: readonly string[];
}
