import type { CoverageEntry, Basis } from '../world/coverage.ts';
import type { Evidence } from '../world/evidence.ts';
import type { Step } from '../world/step.ts';
import type { RestartMethod } from '../world/step.ts';
import type { WorkloadRef } from '../world/workload.ts';
import type { EvidenceKind } from '../calls/call.ts';
import type { Verdict } from '../simulate/verdict.ts';
import type { Choices } from './choices.ts';
import type { StateCheck } from './state-check.ts';

/** What a rollout can be planned towards. */
export type Target = 'istio-sidecar' | 'istio-ambient' | 'linkerd';

export type Goal = 'enrol' | 'permissive' | 'strict' | 'deny-by-default';

export type StageKind =
  | 'preflight'
  | 'trust'
  | 'control-plane'
  | 'node-agents'
  | 'telemetry'
  | 'break-glass'
  | 'scoping'
  | 'enrol'
  | 'strict'
  | 'shadow'
  | 'allow'
  | 'deny'
  | 'default'
  | 'operate';

/**
 * `ready`: may be applied once its gate is green. `waived`: written out on weaker evidence than the default, because
 * it was asked for. `outline`: the evidence is missing, no manifests. `blocked`: something is in the way; the
 * manifests are a draft. `done`: the world is already there.
 */
export type StageState = 'ready' | 'waived' | 'outline' | 'blocked' | 'done';

/**
 * One condition of a gate: as cluster state anyone can look at, and as a query where metrics can tell. One without a
 * `state` and without a query is for a person to say.
 */
export interface Condition {
  readonly id: string;
  readonly text: string;
  /** What a world answers by itself. */
  readonly state?: StateCheck;
  /** A command line that shows it, as arguments. */
  readonly command?: readonly string[];
  /** A PromQL expression that returns a value only while the condition is not met. */
  readonly promql?: string;
  /**
   * A PromQL expression that returns a value only while the source of the signal was there, watched and used for the
   * whole window: without one, an empty answer of `promql` is unknown and not green.
   */
  readonly proof?: string;
  /** The same in words. */
  readonly positiveEvidence?: string;
}

export interface Restart {
  readonly workload: WorkloadRef;
  readonly method: RestartMethod;
  /** Restart only once these are through. */
  readonly after: readonly WorkloadRef[];
  /** How many pods may be away at once, as the workload's own strategy bounds it. */
  readonly maxParallel: string;
  readonly why: string;
}

export interface Rollback {
  readonly steps: readonly Step[];
  /** As `seconds (configuration push)` or `minutes (pods restart)`. */
  readonly timeToEffect: string;
  /** While the rollback may be run, in words. */
  readonly validWhile: string;
  /** Ids of the later stages that rest on this one, last first: each must not be applied, or be undone before. */
  readonly undoFirst: readonly string[];
  readonly irreversible: readonly string[];
}

export interface StageSimulation {
  readonly ok: number;
  readonly degraded: number;
  readonly partial: number;
  readonly unknown: number;
  readonly breaks: number;
  /** What was refused or encrypted before the stage and would be accepted or plaintext after it. */
  readonly opens: readonly string[];
  /** The first calls that are not ok after the stage, worst first. */
  readonly notOk: readonly { readonly call: string; readonly verdict: Verdict; readonly why: string }[];
}

/** Why a stage cannot go ahead, naming the object or call. */
export interface Obstacle {
  readonly kind: 'call' | 'evidence' | 'object' | 'platform' | 'stage';
  readonly what: string;
  /** What would remove it. */
  readonly remedy: string;
}

/** Something that stays weaker than the goal, and why; each row has an owner to be named and an end. */
export interface Exception {
  readonly workload: WorkloadRef;
  readonly layer: 'mtls' | 'authorization' | 'enrolment';
  /** Container ports; empty where the whole workload is meant. */
  readonly ports: readonly number[];
  readonly reason: string;
  readonly owner: string;
  readonly expires: string;
}

/** How much work a stage is, as a band; always with what it was reckoned from. */
export interface Effort {
  /** Hours of somebody's attention. */
  readonly hours: { readonly from: number; readonly to: number };
  /** Days from its first step until its exit gate can be green. */
  readonly days: { readonly from: number; readonly to: number };
  readonly assumption: string;
}

export interface Stage {
  /** Stable slug, as `enrol-shop-1f3a`. */
  readonly id: string;
  /** Three digits that sort the folders. */
  readonly number: number;
  readonly kind: StageKind;
  readonly state: StageState;
  readonly title: string;
  readonly why: string;
  /** The worst that can happen if the stage is wrong, in one line. */
  readonly risk: string;
  readonly effort: Effort;
  /** What this stage does not touch, in words. */
  readonly doesNotChange: string;
  readonly dependsOn: readonly string[];
  readonly wave?: number;
  readonly scope: { readonly namespaces: readonly string[]; readonly workloads: readonly WorkloadRef[] };
  readonly steps: readonly Step[];
  readonly restarts: readonly Restart[];
  /** Further paragraphs of the stage's page: decisions to take, lists that the reader needs. */
  readonly notes: readonly string[];
  readonly entryGate: readonly Condition[];
  readonly exitGate: readonly Condition[];
  readonly abort: readonly Condition[];
  readonly rollback: Rollback;
  readonly simulation: StageSimulation;
  readonly assumptions: readonly string[];
  readonly blockedBy: readonly Obstacle[];
  readonly exceptions: readonly Exception[];
  readonly evidence: readonly Evidence[];
  /** Files for others than kubectl, by name, as typed values: of Helm, a file of rules, a dashboard; JSON where the name says so. */
  readonly helmValues: readonly { readonly file: string; readonly values: Readonly<Record<string, unknown>> }[];
}

export interface LeftOut {
  readonly what: string;
  readonly reason: string;
}

/** The whole plan; everything that the bundle prints comes from here. */
export interface RolloutPlan {
  readonly target: Target;
  readonly goal: Goal;
  readonly basis: Basis;
  readonly cluster: string;
  readonly taken?: string;
  readonly coverage: readonly CoverageEntry[];
  readonly warnings: readonly string[];
  readonly basedOn: {
    /** SHA-256 over the objects and calls that the plan was made from. */
    readonly fingerprint: string;
    readonly asOf?: string;
    readonly versions: Readonly<Record<string, string>>;
  };
  readonly staleAfter: string;
  readonly acceptEvidence: EvidenceKind;
  /** What people decided, as the plan took it. */
  readonly choices: Choices;
  readonly stages: readonly Stage[];
  readonly exceptions: readonly Exception[];
  /** Namespaces and workloads that the plan does not enrol, each with the reason. */
  readonly leftOut: readonly LeftOut[];
  readonly summary: Readonly<Record<StageState, number>>;
}
