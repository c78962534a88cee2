import type { Call, CallGraph } from '../calls/call.ts';
import { servicesBefore } from '../calls/find-services.ts';
import type { Detection } from '../mesh/mesh.ts';
import type { Evidence } from '../world/evidence.ts';
import type { Fact } from '../world/fact.ts';
import { formatWorkload, type Workload } from '../world/workload.ts';
import type { World } from '../world/world.ts';
import { meshesIn } from './inventory.ts';
import { namespaceRow } from './namespace-row.ts';
import { calledWorkloads } from './scope.ts';
import { serviceRow, type ServiceRow } from './service-row.ts';
import { storyGaps, type StoryGap } from './story-gaps.ts';
import { surroundingsOf } from './story-surroundings.ts';
import { workloadRow, type WorkloadRow } from './workload-row.ts';

/** What becomes of a call: what is on the wire, who the server takes the caller for, and whether it is let in. */
export interface CallOutcome {
  readonly verdict: 'breaks' | 'unknown' | 'partial' | 'degraded' | 'ok';
  readonly wire: string;
  /** Where not all pairs of cohorts have the same on the wire: what, and how many of them. */
  readonly wires?: Readonly<Record<string, number>>;
  readonly identity: string;
  readonly authorization: string;
  readonly why: string;
  readonly decidedBy: readonly Evidence[];
}

/** A call to or from the workload, with what becomes of it in the world as it is. */
export interface StoryCall {
  readonly call: Call;
  readonly outcome: CallOutcome;
}

/** All that is known of one workload, with the objects that decide. */
export interface WorkloadStory {
  readonly cluster: string;
  readonly workload: WorkloadRow;
  /** Pods asked for. */
  readonly replicas: Fact<number>;
  /** Of the pods that the template would create. */
  readonly labels: Readonly<Record<string, string>>;
  readonly schedule?: string;
  /** What labels and annotations of its namespace ask of the meshes; `none` where they ask nothing, `unknown` unread. */
  readonly namespaceEnrolment: string;
  /** The meshes that are not absent. */
  readonly meshes: readonly Detection[];
  /** The Services that pick its pods. */
  readonly services: readonly ServiceRow[];
  readonly callers: readonly StoryCall[];
  readonly callees: readonly StoryCall[];
  /** Autoscalers, disruption budgets, quotas and network policies that it is under. */
  readonly surroundings: readonly Evidence[];
  readonly unknown: readonly StoryGap[];
}

/** What a story is made of besides the workload. */
export interface StoryInput {
  readonly world: World;
  readonly graph: CallGraph;
  /** Follows a call through the world. */
  readonly outcomeOf: (call: Call) => CallOutcome;
}

/** The whole story of one workload of the world. */
export function storyOf(workload: Workload, { world, graph, outcomeOf }: StoryInput): WorkloadStory {
  const { meshes, context } = meshesIn(world);
  const row = workloadRow(workload, context);
  const self = formatWorkload(workload);
  const told = (call: Call): StoryCall => ({ call, outcome: outcomeOf(call) });
  const { schedule } = workload;
  const callers = graph.calls.filter((call) =>
    calledWorkloads(call, world).some((ref) => formatWorkload(ref) === self),
  );
  const callees = graph.calls.filter(({ from }) => from.kind === 'workload' && formatWorkload(from.workload) === self);
  return {
    cluster: world.cluster,
    workload: row,
    replicas: workload.replicas,
    labels: workload.template.labels,
    namespaceEnrolment: namespaceRow(world, workload.namespace).enrolment,
    meshes: meshes.filter(({ state }) => state !== 'absent'),
    services: servicesBefore(world, workload).map((service) => serviceRow(service, world)),
    callers: callers.map(told),
    callees: callees.map(told),
    surroundings: surroundingsOf(workload, world),
    unknown: storyGaps(row, { world, graph, callers }),
    ...(schedule === undefined ? {} : { schedule }),
  };
}
