import { workloadsIn } from '../../world/workloads-of.ts';
import type { Workload } from '../../world/workload.ts';
import type { EvidenceRule } from '../evidence-rule.ts';
import type { Obstacle } from '../plan.ts';
import type { Planning } from '../planning.ts';
import type { Enrolled, TellStanding } from '../enrolled.ts';
import type { MeshFacts } from './mesh-facts.ts';

/** What planning one namespace needs beside the plan itself. */
export interface Cutting {
  readonly planning: Planning;
  readonly facts: MeshFacts;
  readonly enrolled: Enrolled;
  readonly rule: EvidenceRule;
  readonly namespace: string;
  readonly isMeasured: boolean;
  /** Where workloads stand towards the target's data plane. */
  readonly standing: TellStanding;
}

/** The workloads of the namespace that are in the target's data plane in the world as planned so far. */
export function enrolledIn({ planning, standing, namespace }: Cutting): readonly Workload[] {
  return workloadsIn(planning.world, namespace).filter(
    (workload) => standing(planning.world, workload).kind === 'enrolled',
  );
}

/** A stage that a later one cannot do without. */
export function needsStage(id: string): Obstacle {
  return { kind: 'stage', what: `it needs stage ${id}`, remedy: `clear what is in the way of ${id}, and plan again` };
}
