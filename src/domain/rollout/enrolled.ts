import type { Workload } from '../world/workload.ts';
import type { World } from '../world/world.ts';

/** What the enrolment left behind for the stages after it. */
export interface Enrolled {
  /** Namespaces in the order in which they were planned. */
  readonly namespaces: readonly string[];
  /** The waves that hold for each namespace, by id. */
  readonly waves: ReadonlyMap<string, readonly string[]>;
  /** The wave of each workload, by formatted reference. */
  readonly waveOf: ReadonlyMap<string, string>;
}

/** Where a workload stands towards the target's data plane; whoever is neither in it nor to be enrolled has a reason. */
export type Standing =
  | { readonly kind: 'enrolled' | 'enrol' }
  | { readonly kind: 'opt-out' | 'opted-out' | 'never' | 'left'; readonly reason: string };

/** Tells the standing of a workload of that world; each target has its own. */
export type TellStanding = (world: World, workload: Workload) => Standing;
