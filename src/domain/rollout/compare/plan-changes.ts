import type { Exception, StageState, Target } from '../plan.ts';

/** A workload that a plan enrols in another wave, in none, or in one for the first time. */
export interface MovedWorkload {
  /** As `shop/Deployment/cart`. */
  readonly workload: string;
  /** Id of the wave; absent where it was in none. */
  readonly from?: string;
  readonly to?: string;
}

/** What is new and what is gone of a list of names or sentences. */
export interface ListChange {
  readonly added: readonly string[];
  readonly removed: readonly string[];
}

/** What changed of a stage that both plans have; a part that is the same is absent. */
export interface StageChange {
  readonly id: string;
  readonly title: string;
  readonly state?: { readonly from: StageState; readonly to: StageState };
  readonly number?: { readonly from: number; readonly to: number };
  /** Objects and commands that steps are about, as `apply AuthorizationPolicy shop/cart-callers`. */
  readonly steps?: ListChange & {
    /** Steps that both have, with other contents. */
    readonly changed: readonly string[];
  };
  /** Texts of conditions of entry, exit and abort. */
  readonly gates?: ListChange;
  readonly blockedBy?: ListChange;
  readonly dependsOn?: ListChange;
}

/** A stage that only one of the plans has. */
export interface OneSidedStage {
  readonly id: string;
  readonly title: string;
  readonly state: StageState;
}

/** What changed from one plan to another one. */
export interface PlanChanges {
  readonly target: { readonly from: Target; readonly to: Target };
  /** When the worlds were read; absent where that is not known. */
  readonly read: { readonly from?: string; readonly to?: string };
  /** Both were made from the same objects and calls. */
  readonly sameInput: boolean;
  readonly stages: {
    readonly added: readonly OneSidedStage[];
    readonly removed: readonly OneSidedStage[];
    readonly changed: readonly StageChange[];
    readonly unchanged: number;
  };
  readonly moved: readonly MovedWorkload[];
  readonly exceptions: {
    readonly added: readonly Exception[];
    readonly removed: readonly Exception[];
    /** Of the later plan, those whose end has come by the time at which its world was read. */
    readonly expired: readonly Exception[];
  };
  readonly leftOut: ListChange;
  readonly warnings: ListChange;
}
