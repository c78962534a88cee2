import type { Authorization, Inbound, Outbound, Relay } from '../mesh/mesh.ts';
import type { Cohort, Workload } from '../world/workload.ts';
import type { Door } from './answering.ts';
import type { Verdict } from './verdict.ts';
import type { HeldBack } from './wire-policies.ts';

/** One answer on the way of a call, in the order in which they are found. */
export type SeenAnswer =
  | { readonly part: 'outbound'; readonly outbound: Outbound }
  | {
      readonly part: 'relay';
      readonly relay: Relay;
      readonly inbound: Inbound;
      readonly authorization: Authorization;
      /** What the relay sends to the server in place of the call. */
      readonly onward: Outbound;
    }
  | {
      readonly part: 'network-policy';
      /** For each pair of pods why they may be held back; undefined where they are not. */
      readonly held: readonly (HeldBack | undefined)[];
      readonly sent: Outbound;
    }
  | { readonly part: 'arrival'; readonly inbound: Inbound; readonly authorization: Authorization };

/** Is told of each answer while a pair of cohorts is resolved. It changes none. */
export type PairWatch = (seen: SeenAnswer) => void;

/** The two cohorts that are looked at; without a client where nobody in the cluster calls. */
export interface WatchedEnds {
  readonly client: Workload | undefined;
  readonly cohort: Cohort | undefined;
  readonly door: Door;
}

/** Is told of each pair of cohorts, and of the verdict over it. It changes none. */
export interface FateWatch {
  readonly begin: (ends: WatchedEnds) => PairWatch;
  readonly end: (verdict: Verdict) => void;
}
