import type { Evidence } from '../world/evidence.ts';
import type { Fact } from '../world/fact.ts';
import type { Detection } from '../mesh/mesh.ts';
import type { World } from '../world/world.ts';
import type { Answers } from './answers.ts';
import type { Era } from './data/capabilities.ts';
import type { CriterionId, Mark } from './data/criteria.ts';
import type { Interval } from './interval.ts';
import type { OptionId } from './option.ts';

/** How many calls are in the call graph, by what is known of them. */
export interface CallCounts {
  readonly calls: number;
  /** Observed, exercised or declared. */
  readonly known: number;
  /** Of all calls, those that speak gRPC. */
  readonly grpc: number;
}

/** What an assessment is made of. */
export interface AssessInput {
  readonly world: World;
  /** What each mesh's own rules found; a mesh that is not named was not looked for. */
  readonly detections: readonly Detection[];
  /** Absent where nobody drew a call graph. */
  readonly calls?: CallCounts;
  readonly answers?: Answers;
  /** Options that somebody ruled out, with the reason. */
  readonly excluded?: Partial<Readonly<Record<OptionId, string>>>;
  /** How many times weights and values are drawn; 4000 if not given, which is within 0.016 of the true share. */
  readonly draws?: number;
  readonly seed?: number;
  /** The capabilities to decide by; today's if not given. */
  readonly era?: Era;
}

/** `veto` drops the option, `caution` does not; `not-assessed` says what was not read. */
export interface Constraint {
  readonly id: string;
  readonly state: 'veto' | 'caution' | 'not-assessed';
  /** One sentence; for `not-assessed`, why. */
  readonly reason: string;
  readonly evidence: readonly Evidence[];
  readonly mark: Mark;
}

/** A requirement that an option must reach a capability of 0.5 for. */
export interface Must {
  readonly criterion: CriterionId;
  readonly capability: number;
  readonly met: boolean;
}

/** A band with its unit and where it comes from. */
export interface Quantity extends Interval {
  readonly unit: 'millicores' | 'bytes' | 'ms';
  readonly formula: string;
  readonly source: string;
  readonly date: string;
  readonly mark: Mark;
}

export interface OptionCost {
  readonly cpu: Fact<Quantity>;
  readonly memory: Fact<Quantity>;
  readonly notes: readonly string[];
}

export interface OptionAssessment {
  readonly option: OptionId;
  /** Whether a veto or a must drops it. */
  readonly dropped: boolean;
  readonly vetoes: readonly Constraint[];
  readonly cautions: readonly Constraint[];
  readonly notAssessed: readonly Constraint[];
  readonly musts: readonly Must[];
  /** 0 to 1, with each unknown in the middle of its range; also for dropped options. */
  readonly utility: number;
  /** Share of draws in which the option is first; 0 for a dropped one. */
  readonly probabilityFirst: number;
  readonly cost: OptionCost;
  /** Milliseconds that one call between two meshed ends takes longer, from p50 to p99. */
  readonly latency: Fact<Quantity>;
}

export interface CriterionAssessment {
  readonly id: CriterionId;
  readonly title: string;
  /** The base weight, before needs and modifiers scale it. */
  readonly weight: number;
  readonly value: Interval;
  readonly evidence: readonly Evidence[];
  /** Why the value is a range, where it is one. */
  readonly unknown?: string;
  readonly answer?: string;
}

/** The smallest change of one criterion that makes another option first. */
export interface Flip {
  readonly criterion: CriterionId;
  readonly from: number;
  readonly to: number;
  readonly winner: OptionId;
}

export interface Question {
  readonly criterion: CriterionId;
  readonly question: string;
  /** Share of draws in which the first option changes when the answer is an extreme. */
  readonly valueOfInformation: number;
  /** Whether an extreme answer makes another option the likeliest first. */
  readonly changesWinner: boolean;
  /** Whether an extreme answer changes if a mesh is worth it at all. */
  readonly changesWorthIt: boolean;
}

export type VerdictWord = 'recommend' | 'lean' | 'undecided';

export interface WorthIt {
  readonly verdict: VerdictWord;
  /** What the verdict is for. */
  readonly answer: 'mesh' | 'none';
  /** Share of draws in which the best mesh is ahead of none. */
  readonly score: number;
  /** Share of the base weight whose value is known, 0 to 1. */
  readonly confidence: number;
}

export interface Recommendation {
  readonly verdict: VerdictWord;
  /** The likeliest first; undefined where every option is dropped or there is nothing to assess. */
  readonly option: OptionId | undefined;
  readonly probabilityFirst: number;
  /** First by TOPSIS over the same weights: another method, so that a disagreement is seen. */
  readonly topsis: OptionId | undefined;
  /** What keeps the verdict from being stronger. */
  readonly because: readonly string[];
}

export interface Assessment {
  readonly asOf: Fact<string>;
  readonly worthIt: WorthIt;
  readonly recommendation: Recommendation;
  readonly options: readonly OptionAssessment[];
  readonly criteria: readonly CriterionAssessment[];
  readonly flips: readonly Flip[];
  readonly questions: readonly Question[];
  /** What the reader must know of how this was made. */
  readonly method: readonly string[];
}
