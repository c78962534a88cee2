import type { CallGraph } from '../calls/call.ts';
import type { Kind, ObjectRef } from '../kubernetes/object.ts';
import type { Evidence } from '../world/evidence.ts';
import type { Change } from '../world/step.ts';
import type { World } from '../world/world.ts';

/** What a check looks ahead to: the mesh and data plane that the workloads are to join. */
export type CheckTarget = 'istio-sidecar' | 'istio-ambient' | 'linkerd';

/** The part of a rollout at which a finding hurts, in its order. */
export type CheckStage = 'install' | 'inject' | 'permissive' | 'strict' | 'authz' | 'day2';

/**
 * `blocker`: pods refused, or near-certain outage at that stage. `high`: likely outage or security hole for part of the
 * traffic. `medium`: degradation or operational trap. `low`: hygiene.
 */
export type Severity = 'blocker' | 'high' | 'medium' | 'low';

/** The severities, worst first. */
export const SEVERITIES = ['blocker', 'high', 'medium', 'low'] as const satisfies readonly Severity[];

/** The folder of a check, and the part of a mesh that it is about. */
export type CheckCategory =
  | 'authorization'
  | 'injection'
  | 'lifecycle'
  | 'mtls-policy'
  | 'networkpolicy'
  | 'platform'
  | 'protocol'
  | 'strict-mtls';

/** What a check looks at: a world, who calls whom in it, and what the rollout is to reach. */
export interface CheckContext {
  readonly world: World;
  readonly graph: CallGraph;
  readonly target: CheckTarget;
  /** Only checks of this stage; absent for all. */
  readonly stage?: CheckStage;
}

/** What to do about a finding. */
export interface Remedy {
  readonly text: string;
  /** Steps computed from the finding; absent where a person must choose, or a plan stage does it (restarts, identities). */
  readonly change?: Change;
  /** Command lines, each a list of arguments; shown, never run. */
  readonly commands?: readonly (readonly string[])[];
}

/** What a check found, before the engine adds what is the same for all of its findings. */
export interface Issue {
  readonly object: ObjectRef;
  readonly field?: string;
  readonly value?: string;
  /** What will happen, at which stage. */
  readonly message: string;
  readonly evidence: readonly Evidence[];
  /** Where it weighs less or more than the check's own severity. */
  readonly severity?: Severity;
  /** Where it differs from the check's own remedy. */
  readonly remedy?: Partial<Remedy>;
}

/** What a check could not decide from what was read. */
export interface Undecided {
  /** Completes the sentence "not assessed, because ...". */
  readonly notAssessed: string;
  readonly object?: ObjectRef;
}

/**
 * One check: what it looks for and why it hurts, as data, and one function over a world. `find` never throws, asks the
 * resolvers of `mesh/` and `simulate/` for whatever they resolve, and knows no other check.
 */
export interface Check {
  /** Kebab-case; names its file, fixtures and page, and never changes. */
  readonly id: string;
  readonly title: string;
  readonly category: CheckCategory;
  readonly stages: readonly CheckStage[];
  readonly meshes: readonly CheckTarget[];
  readonly severity: Severity;
  /** `exact`: decided by objects. `heuristic`: needs confirmation. */
  readonly certainty: 'exact' | 'heuristic';
  readonly why: string;
  /** What must hold for a finding, in words. */
  readonly detects: string;
  /** When a finding may be wrong. */
  readonly falseAlarms: string;
  readonly remedy: Omit<Remedy, 'change'>;
  /** URLs, or paths in upstream repositories. */
  readonly sources: readonly string[];
  /** Kinds without which finding nothing proves nothing: a gap in one makes the check not assessed. */
  readonly reads: readonly Kind[];
  /** Why no world can be decided yet; such a check is listed and counted as not assessed. */
  readonly unfinished?: string;
  readonly find: (context: CheckContext) => Iterable<Issue | Undecided>;
}

/** What was found, with all that a reader needs to act on it. */
export interface Finding extends Issue {
  readonly check: string;
  readonly title: string;
  readonly severity: Severity;
  readonly certainty: Check['certainty'];
  readonly stages: readonly CheckStage[];
  readonly remedy: Remedy;
  readonly sources: readonly string[];
  readonly waived?: WaivedBy;
}

/** What one check could not decide, once for each reason. */
export interface NotAssessed {
  readonly check: string;
  readonly reason: string;
  /** The objects that it is not decided for, sorted; empty where it is the whole world. */
  readonly objects: readonly ObjectRef[];
}

/** An accepted finding, as a person wrote it down. */
export interface Waiver {
  readonly check: string;
  /** The object as findings name it, `Deployment shop/cart`; absent for all objects. */
  readonly object?: string;
  readonly reason: string;
  readonly owner: string;
  /** RFC 3339 date or time after which the finding counts again. */
  readonly expires: string;
}

/** The waiver that covers a finding, and whether it still holds. */
export interface WaivedBy {
  readonly reason: string;
  readonly owner: string;
  readonly expires: string;
  /** Whether the finding counts all the same: the end has passed, or nothing says that it has not. */
  readonly expired: boolean;
  /** Why it is not known whether the end has passed. */
  readonly warning?: string;
}

/** What all checks say of a world. */
export interface CheckReport {
  readonly target: CheckTarget;
  readonly stage?: CheckStage;
  /** Sorted by severity, object and check; waived ones included. */
  readonly findings: readonly Finding[];
  /** Sorted by check and reason. */
  readonly notAssessed: readonly NotAssessed[];
  /** Ids of the checks that looked at everything and found nothing, sorted. */
  readonly passed: readonly string[];
  readonly warnings: readonly string[];
  readonly summary: CheckSummary;
}

/** Counts of a report; findings with a waiver in force count only as waived. */
export interface CheckSummary {
  readonly checks: number;
  readonly findings: Readonly<Record<Severity, number>>;
  readonly waived: number;
  /** Checks that could not be decided, wholly or for some objects. */
  readonly notAssessed: number;
  readonly passed: number;
}
