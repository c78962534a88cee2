import type { Rollback, Stage, StageKind, StageState } from './plan.ts';
import { RISK_OF_KIND } from './stage-risk.ts';

/** A stage before it has its number, its simulation and its effort. */
export type StageDraft = Omit<Stage, 'number' | 'simulation' | 'assumptions' | 'effort'>;

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
  undoFirst: [],
  irreversible: [],
};

/** The stage with everything that its parts leave out filled in as empty. */
export function stageDraft(parts: StageParts, state: StageState): StageDraft {
  return {
    risk: RISK_OF_KIND[parts.kind],
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
