import { istio } from '../../mesh/istio/istio.ts';
import { workloadsIn } from '../../world/workloads-of.ts';
import { cohortsOf, type Workload } from '../../world/workload.ts';
import type { World } from '../../world/world.ts';
import type { EvidenceRule } from '../evidence-rule.ts';
import type { Condition } from '../plan.ts';
import type { Planning } from '../planning.ts';
import type { Enrolled, TellStanding } from '../enrolled.ts';
import type { Part, PartTexts, Server } from './authorization-parts.ts';
import type { ListedServers } from './listed-servers.ts';
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
  /** What differs between sidecars and ztunnel. */
  readonly plane: CuttingPlane;
}

/** What a data plane of Istio says and measures when policies begin to cut. */
export interface CuttingPlane {
  /** Whether it evaluates policies that carry istio.io/dry-run; else calls are replayed against them. */
  readonly hasDryRun: boolean;
  readonly strictWhy: string;
  readonly strictDoesNotChange: string;
  readonly parts: Readonly<Record<Part, PartTexts>>;
  /** That configuration is accepted and has arrived. */
  readonly converged: () => Condition;
  /** That nobody sends plaintext to what turns STRICT. */
  readonly beforeStrict: (cutting: Cutting, listed: ListedServers) => readonly Condition[];
  /** That nobody whom the rules do not name calls. */
  readonly beforePart: (cutting: Cutting, part: Part, servers: readonly Server[]) => readonly Condition[];
  /** That a replay in the place of a dry run refused nobody; empty where there is a dry run. */
  readonly afterReplay: (cutting: Cutting) => readonly Condition[];
  /** What a refusal looks like, at STRICT and at deny. */
  readonly onStrict: (namespace: string) => Condition;
  readonly onDeny: (namespace: string) => Condition;
}

/**
 * The workloads of the namespace that its policies cut: those in the target's data plane in the world as planned so
 * far, and beside them those that the plan leaves in the other one of Istio, because a policy for a namespace holds for
 * both. Empty where none is in the target's.
 */
export function enrolledIn({ planning, standing, namespace }: Cutting): readonly Workload[] {
  const { world } = planning;
  const standings = workloadsIn(world, namespace).map((workload) => ({
    workload,
    kind: standing(world, workload).kind,
  }));
  if (!standings.some(({ kind }) => kind === 'enrolled')) return [];
  return standings
    .filter(({ workload, kind }) => kind === 'enrolled' || (kind === 'left' && isGuarded(world, workload)))
    .map(({ workload }) => workload);
}

/** Whether every pod of the workload has Istio's policies enforced before it, by a sidecar or by ztunnel. */
export function isGuarded(world: World, workload: Workload): boolean {
  return cohortsOf(workload).every((cohort) => {
    const plane = istio.dataPlane(workload, cohort, world);
    return (plane?.mode === 'sidecar' || plane?.mode === 'ambient') && plane.captured.known && plane.captured.value;
  });
}
