import type { Call } from '../calls/call.ts';
import type { CallServer } from '../calls/resolve-target.ts';
import { cohortsOf, type Cohort, type Workload } from '../world/workload.ts';
import type { World } from '../world/world.ts';
import { doorsOf, type Door } from './answering.ts';
import type { Manner } from './manner.ts';
import { pairFate, type PairFate } from './pair-fate.ts';
import type { FateWatch } from './trace-watch.ts';

/** What becomes of a call between two cohorts, and which they are; without a client where nobody in the cluster calls. */
export interface CohortPair {
  readonly fate: PairFate;
  readonly client: Workload | undefined;
  readonly cohort: Cohort | undefined;
  readonly door: Door;
}

/** A call to one of its servers. */
export interface ServedCall {
  readonly call: Call;
  readonly client: Workload | undefined;
  readonly server: CallServer;
  /** Of the call to that server. */
  readonly manner: Manner;
  readonly watch?: FateWatch | undefined;
  /** For each of the client's cohorts the first one whose calls fare the same; absent where none is known to. */
  readonly firstAlike?: readonly number[];
}

const NOBODY = [undefined];

/** What becomes of the call for every pair of a client cohort and a server cohort; whoever watches is told of each. */
export function cohortPairs(served: ServedCall, world: World): readonly CohortPair[] {
  const { client, server, firstAlike } = served;
  const doors = doorsOf(server, world);
  const pairs: CohortPair[] = [];
  for (const [index, cohort] of (client === undefined ? NOBODY : cohortsOf(client)).entries()) {
    const first = firstAlike?.[index] ?? index;
    for (const [at, door] of doors.entries()) {
      const same = first < index ? pairs[first * doors.length + at] : undefined;
      pairs.push(same === undefined ? pairAt(served, { cohort, door }, world) : { ...same, cohort });
    }
  }
  return pairs;
}

function pairAt(
  { call, client, manner, watch }: ServedCall,
  { cohort, door }: Pick<CohortPair, 'cohort' | 'door'>,
  world: World,
): CohortPair {
  const pairWatch = watch?.begin({ client, cohort, door });
  const fate = pairFate({ call, client, clientCohort: cohort, door, manner }, world, pairWatch);
  watch?.end(fate.verdict);
  return { fate, client, cohort, door };
}
