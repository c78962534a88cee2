import type { Evidence } from '../world/evidence.ts';
import type { Fate, Verdict } from './verdict.ts';

/** What is looked at on the way of a call, in order. */
export type TracePart = 'client' | 'server' | 'outbound' | 'network-policy' | 'relay' | 'inbound' | 'authorization';

/** One thing looked at on the way of a call between two groups of pods. */
export interface TraceStep {
  readonly part: TracePart;
  /** What it comes to, in a word: `mtls`, `accepted`, `deny`. */
  readonly outcome: string;
  readonly why: string;
  readonly evidence: readonly Evidence[];
}

/** The way of a call between pods for which all answers are alike. */
export interface TracedPair {
  /** The client pods, as `shop/Deployment/cart, pod cart-7d-x`. */
  readonly client: string;
  readonly server: string;
  readonly verdict: Verdict;
  /** How many pairs of groups of pods these answers hold for; the ends are of the first of them. */
  readonly alike: number;
  readonly steps: readonly TraceStep[];
}

/** A call in one world, step by step. */
export interface CallTrace {
  /** Id of the world. */
  readonly world: string;
  readonly fate: Fate;
  /** Worst first. Empty where no end was found; the fate then says why. */
  readonly pairs: readonly TracedPair[];
}
