import { groupBy, sortedUnique } from '../../lib/order.ts';
import { refOf, type ObjectRef } from '../kubernetes/object.ts';
import type { DataPlaneMode, Enrolment, MtlsMode, PortMode } from '../mesh/mesh.ts';
import { dataPlaneOf, MESHES } from '../mesh/registry.ts';
import { serverPortsOf } from '../world/server-ports.ts';
import type { Evidence } from '../world/evidence.ts';
import type { Fact } from '../world/fact.ts';
import { cohortsOf, type Cohort, type Workload, type WorkloadRef } from '../world/workload.ts';
import type { World } from '../world/world.ts';

export interface CohortRow {
  readonly id: string;
  readonly pods: number;
  readonly ready: number;
  readonly mesh: string;
  readonly mode: DataPlaneMode;
  readonly captured: Fact<boolean>;
  readonly version?: string;
  readonly revision?: string;
  readonly reason: string;
}

export interface PortRow {
  readonly mode: MtlsMode;
  readonly declared: string;
  readonly source: readonly Evidence[];
}

/**
 * `enrolled`: all live pods and the next ones are in a mesh; `partial`: some are; `leaving`: live pods are, the next
 * would not be; `joining`: the next pods will be, the live ones are not; `uncaptured`: proxies that take no traffic.
 */
export type EnrolmentState = 'enrolled' | 'partial' | 'leaving' | 'joining' | 'uncaptured' | 'none' | 'unknown';

/** One workload's whole story, as contracts print it. */
export interface WorkloadRow extends WorkloadRef {
  readonly serviceAccount: string;
  readonly pods: Fact<number>;
  readonly managedBy?: string;
  readonly state: EnrolmentState;
  readonly dataPlane: { readonly cohorts: readonly CohortRow[]; readonly next: CohortRow };
  readonly enrolment: Readonly<Record<string, Enrolment>>;
  readonly mtls: { readonly mode: MtlsMode; readonly ports: Readonly<Record<string, PortRow>> };
  readonly authorization: { readonly default: string; readonly policies: readonly ObjectRef[] };
}

/** What the world tells of a workload; every answer comes from the mesh that takes its pods. */
export function workloadRow(workload: Workload, world: World): WorkloadRow {
  const { namespace, kind, name, serviceAccount, live, managedBy } = workload;
  const cohorts = live.known ? live.value.map((cohort) => cohortRow(workload, cohort, world)) : [];
  const next = cohortRow(workload, workload.next, world);
  const ports = portRows(workload, world);
  return {
    namespace,
    kind,
    name,
    serviceAccount,
    pods: live.known ? { known: true, value: live.value.reduce((sum, cohort) => sum + cohort.pods, 0) } : live,
    state: live.known ? stateOf(cohorts, next) : 'unknown',
    dataPlane: { cohorts, next },
    enrolment: Object.fromEntries(MESHES.map((mesh) => [mesh.id, mesh.enrolment(namespace, workload.template, world)])),
    mtls: { mode: overall(Object.values(ports).map(({ mode }) => mode)), ports },
    authorization: authorizationOf(workload, world),
    ...(managedBy === undefined ? {} : { managedBy }),
  };
}

function cohortRow(workload: Workload, cohort: Cohort, world: World): CohortRow {
  const { dataPlane } = dataPlaneOf(workload, cohort, world);
  const { mesh, mode, captured, version, revision, reason } = dataPlane;
  return {
    id: cohort.id,
    pods: cohort.pods,
    ready: cohort.ready,
    mesh,
    mode,
    captured,
    reason,
    ...(version === undefined ? {} : { version }),
    ...(revision === undefined ? {} : { revision }),
  };
}

const IN_MESH: ReadonlySet<DataPlaneMode> = new Set<DataPlaneMode>(['sidecar', 'ambient', 'gateway', 'proxyless']);

function stateOf(cohorts: readonly CohortRow[], next: CohortRow): EnrolmentState {
  const rows = cohorts.length === 0 ? [next] : cohorts;
  if ([...rows, next].some(({ mode }) => mode === 'unknown')) return 'unknown';
  const inMesh = rows.filter(({ mode }) => IN_MESH.has(mode));
  const nextIn = IN_MESH.has(next.mode);
  if (inMesh.length === 0) return nextIn ? 'joining' : 'none';
  if (inMesh.some(isUncaptured)) return 'uncaptured';
  if (inMesh.length < rows.length) return 'partial';
  return nextIn ? 'enrolled' : 'leaving';
}

function isUncaptured({ mode, captured }: CohortRow): boolean {
  return mode === 'sidecar' && captured.known && !captured.value;
}

/** By container port, the mode in force for all cohorts; where they differ, the weakest and what each has. */
function portRows(workload: Workload, world: World): Record<string, PortRow> {
  const rows = serverPortsOf(workload, world).map((port): [string, PortRow] => {
    const modes = cohortsOf(workload).map((cohort) => modeOf(workload, cohort, { port, world }));
    const mode = overall(modes.map((each) => each.mode));
    const declared = sortedUnique(modes.map((each) => each.declared)).join(', ');
    return [String(port), { mode, declared, source: distinct(modes.flatMap((each) => each.evidence)) }];
  });
  return Object.fromEntries(rows);
}

function modeOf(
  workload: Workload,
  cohort: Cohort,
  { port, world }: { readonly port: number; readonly world: World },
): PortMode {
  const { mesh, dataPlane } = dataPlaneOf(workload, cohort, world);
  if (mesh === undefined) return { mode: 'none', declared: 'no proxy', evidence: [{ rule: dataPlane.reason }] };
  return mesh.portMode({ workload, cohort, port }, world);
}

const WEAKEST_FIRST: readonly MtlsMode[] = ['unknown', 'none', 'disabled', 'permissive', 'strict'];

/** Pods of one workload may differ; the weakest is what somebody outside can count on. */
function overall(modes: readonly MtlsMode[]): MtlsMode {
  return WEAKEST_FIRST.find((mode) => modes.includes(mode)) ?? 'none';
}

function distinct(evidence: readonly Evidence[]): readonly Evidence[] {
  return [...groupBy(evidence, (each) => JSON.stringify(each)).values()].flatMap((group) => group.slice(0, 1));
}

function authorizationOf(workload: Workload, world: World): WorkloadRow['authorization'] {
  const summaries = cohortsOf(workload).map((cohort) => {
    const { mesh } = dataPlaneOf(workload, cohort, world);
    return mesh?.policies({ workload, cohort }, world) ?? { default: 'allow' as const, policies: [] };
  });
  const defaults = sortedUnique(summaries.map((summary) => summary.default));
  const policies = new Map(
    summaries.flatMap((summary) => summary.policies).map((policy) => [JSON.stringify(refOf(policy)), refOf(policy)]),
  );
  return { default: defaults.join(' or '), policies: [...policies.values()] };
}
