import type { Enrolled } from '../enrolled.ts';
import { needsStage } from '../obstacles/shared-obstacles.ts';
import { addStage, stateOf, type Planning } from '../planning.ts';

/** What the enrolment leaves behind where there is none. */
export const NOBODY: Enrolled = { namespaces: [], waves: new Map(), waveOf: new Map() };

/** Warns that the plan installs and enrols nobody, where no namespace is left to it. */
export function warnOfNothing({ warnings }: Planning, namespaces: readonly string[]): void {
  if (namespaces.length === 0)
    warnings.push('no namespace is left to the plan: it says what to install, and enrols nobody');
}

/** Why there are no waves: a stage that all of them wait for does not hold. */
export interface Missing {
  readonly id: string;
  /** The stage that comes before all others, if the missing one is not planned at all. */
  readonly otherwise: string;
  readonly why: string;
}

/** Adds one outline in place of all the waves. */
export function outlineEnrolment(planning: Planning, { id, otherwise, why }: Missing): void {
  addStage(
    planning,
    {
      id: 'enrol',
      kind: 'enrol',
      title: 'Enrol the workloads',
      why,
      dependsOn: [stateOf(planning, id) === undefined ? otherwise : id],
      blockedBy: [needsStage(id)],
    },
    'outline',
  );
}
