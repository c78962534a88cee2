import type { Rollback, Stage, StageKind, StageState } from './plan.ts';

/** A stage before it has its number and its simulation. */
export type StageDraft = Omit<Stage, 'number' | 'simulation' | 'assumptions'>;

/** What a stage must say of itself; everything else is empty unless given. */
export interface StageParts extends Partial<Omit<StageDraft, 'id' | 'kind' | 'state' | 'title' | 'why'>> {
  readonly id: string;
  readonly kind: StageKind;
  readonly title: string;
  readonly why: string;
}

const NO_ROLLBACK: Rollback = {
  steps: [],
  timeToEffect: 'nothing to undo',
  validWhile: 'always',
  irreversible: [],
};

/** The stage with everything that its parts leave out filled in as empty. */
export function stageDraft(parts: StageParts, state: StageState): StageDraft {
  return {
    doesNotChange: 'Nothing in the cluster changes.',
    dependsOn: [],
    scope: { namespaces: [], workloads: [] },
    steps: [],
    restarts: [],
    notes: [],
    entryGate: [],
    exitGate: [],
    abort: [],
    rollback: NO_ROLLBACK,
    blockedBy: [],
    exceptions: [],
    evidence: [],
    helmValues: [],
    ...parts,
    state,
  };
}
