import { strongestEvidence } from '../../calls/call.ts';
import type { Workload } from '../../world/workload.ts';
import type { Obstacle } from '../plan.ts';
import { toObstacle, type Planning } from '../planning.ts';
import type { Trial, WorseCall } from '../simulate-stage.ts';
import { undecidedCalls } from '../undecided-calls.ts';

/** What a stage that closes ports makes of calls whose outcome nobody can tell. */
export interface UnknownOutcome {
  readonly blockedBy: readonly Obstacle[];
  /** Calls that are only inferred and that somebody accepts not to know; the stage is then waived at most. */
  readonly notes: readonly string[];
}

/** Judges the calls to ports which a stage closes that are unknown at some moment of it. */
export function unknownAt(
  planning: Planning,
  trial: Trial,
  closes: (server: Workload, port: number, each: WorseCall) => boolean,
): UnknownOutcome {
  const unknown = undecidedCalls(planning, trial).filter((each) =>
    (planning.index.servers.get(each.call.id) ?? []).some(({ workload, port }) => closes(workload, port, each)),
  );
  const isAccepted = planning.input.acceptEvidence === 'inferred';
  const inferred = unknown.filter(({ call }) => strongestEvidence(call) === 'inferred');
  const worse = new Set(trial.worse.map(({ call }) => call.id));
  const blocking = unknown.filter((each) => !worse.has(each.call.id) && !(isAccepted && inferred.includes(each)));
  return {
    blockedBy: blocking.map(toObstacle),
    notes: isAccepted
      ? inferred.map(
          ({ call, after }) =>
            `Waived as well: nobody can say whether ${call.id} passes afterwards (inferred): ${after.why}.`,
        )
      : [],
  };
}

/** A stage that a later one cannot do without. */
export function needsStage(id: string): Obstacle {
  return { kind: 'stage', what: `it needs stage ${id}`, remedy: `clear what is in the way of ${id}, and plan again` };
}
