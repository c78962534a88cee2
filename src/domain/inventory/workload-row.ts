import { sortedUnique } from '../../lib/order.ts';
import { KIND } from '../kubernetes/kinds.ts';
import type { DataPlaneMode, Enrolment, Mesh } from '../mesh/mesh.ts';
import { isStatic } from '../mesh/static-pods.ts';
import { known, unknown, type Fact } from '../world/fact.ts';
import type { Workload, WorkloadRef } from '../world/workload.ts';
import type { World } from '../world/world.ts';
import { isInMesh, resolveCohorts, type CohortRow } from './cohort-row.ts';
import { authorizationRow, type AuthorizationRow } from './authorization-row.ts';
import { enrolmentState, type DecidedState, type EnrolmentState } from './enrolment-state.ts';
import { mtlsRow, portRows, type MtlsRow, type PortRow } from './port-rows.ts';

/** What stands between a workload's pods and the network: in short, and by cohort. */
export interface DataPlaneRow {
  /** Of the live pods, or of the next where none live; `mixed` where cohorts differ. */
  readonly mesh: string;
  readonly mode: DataPlaneMode | 'mixed';
  /** Live pods in a mesh, and how many of them are ready; absent where pods were not read. */
  readonly proxies?: { readonly ready: number; readonly total: number };
  readonly version?: string;
  readonly revision?: string;
  readonly cohorts: readonly CohortRow[];
  readonly next: CohortRow;
}

/** One workload as contracts print it. */
export interface WorkloadRow extends WorkloadRef {
  readonly serviceAccount: string;
  readonly pods: Fact<number>;
  readonly managedBy?: string;
  readonly state: EnrolmentState;
  /** Why it is in that state, one clause. */
  readonly stateReason: string;
  readonly dataPlane: DataPlaneRow;
  /** What each mesh that is here would do with pods created now. */
  readonly enrolment: Readonly<Record<string, Enrolment>>;
  readonly mtls: MtlsRow;
  readonly authorization: AuthorizationRow;
  readonly ports: readonly PortRow[];
}

/** A world, and the meshes that are in it. */
export interface RowContext {
  readonly world: World;
  readonly meshes: readonly Mesh[];
}

/** What the world tells of a workload; every answer comes from the mesh that takes its pods. */
export function workloadRow(workload: Workload, { world, meshes }: RowContext): WorkloadRow {
  const { namespace, kind, name, serviceAccount, live, managedBy } = workload;
  const cohorts = resolveCohorts(workload, world);
  const rows = cohorts.filter(({ cohort }) => cohort.state === 'live').map(({ row }) => row);
  const next = cohorts.find(({ cohort }) => cohort.state === 'next')?.row;
  if (next === undefined) throw new Error(`${namespace}/${kind}/${name} has no next cohort`);
  const unseen = world.listIn(KIND.pod, namespace).gap;
  const decided = live.known
    ? withUnseen(enrolmentState(rows, next), unseen)
    : { state: 'unknown' as const, reason: live.reason };
  return {
    namespace,
    kind,
    name,
    serviceAccount,
    pods: live.known ? countOf(sumOf(rows, 'pods'), unseen) : live,
    state: decided.state,
    stateReason: decided.reason,
    dataPlane: dataPlaneRow(rows, next, unseen),
    enrolment: Object.fromEntries(meshes.map((mesh) => [mesh.id, enrolmentIn(mesh, workload, world)])),
    mtls: mtlsRow(workload, cohorts, world),
    authorization: authorizationOver(authorizationRow(workload, cohorts, world), unseen),
    ports: portRows(workload, world),
    ...(managedBy === undefined ? {} : { managedBy }),
  };
}

/** A count of some pods is no count of all. */
function countOf(pods: number, unseen: string | undefined): Fact<number> {
  return unseen === undefined ? known(pods) : unknown(`${String(pods)} were seen, and there may be more: ${unseen}`);
}

/** What holds of some pods holds whatever the others are; what must hold of all is not known where some are unseen. */
function withUnseen(decided: DecidedState, unseen: string | undefined): DecidedState {
  const holdsOfSome = decided.state === 'partial' || decided.state === 'uncaptured' || decided.state === 'contested';
  if (unseen === undefined || holdsOfSome) return decided;
  return { state: 'unknown', reason: notAll(unseen) };
}

/** What becomes of calls to pods that nobody read is not known, whatever holds of the others. */
function authorizationOver(row: AuthorizationRow, unseen: string | undefined): AuthorizationRow {
  if (unseen === undefined) return row;
  return {
    ...row,
    default: 'unknown',
    notKnown: { reason: notAll(unseen), candidates: row.notKnown?.candidates ?? [] },
  };
}

function notAll(unseen: string): string {
  return `not all of its pods are known: ${unseen}`;
}

function enrolmentIn(mesh: Mesh, workload: Workload, world: World): Enrolment {
  if (isStatic(workload)) return { decision: 'skip', reason: STATIC, evidence: [{ rule: STATIC }] };
  const { unread } = workload.next;
  if (unread !== undefined) return { decision: 'unknown', reason: unread, evidence: [{ rule: unread }] };
  return mesh.enrolment(workload.namespace, workload.template, world);
}

const STATIC = 'A kubelet runs static pods from files, and no webhook changes what runs.';

/** Where pods are unseen, only that is said which holds whatever they are: that the seen ones differ already. */
function dataPlaneRow(live: readonly CohortRow[], next: CohortRow, unseen: string | undefined): DataPlaneRow {
  const rows = live.length === 0 && unseen === undefined ? [next] : live;
  const inside = live.filter(({ mode }) => isInMesh(mode));
  const mesh = oneOf(rows.map((row) => row.mesh));
  const mode = oneOf(rows.map((row) => row.mode));
  if (unseen !== undefined)
    return {
      mesh: mesh === 'mixed' ? mesh : 'unknown',
      mode: mode === 'mixed' ? mode : 'unknown',
      cohorts: live,
      next,
    };
  const versions = sortedUnique(rows.flatMap(({ version }) => version ?? []));
  const revisions = sortedUnique(rows.flatMap(({ revision }) => revision ?? []));
  return {
    mesh: mesh ?? 'none',
    mode: mode ?? 'unknown',
    proxies: { ready: sumOf(inside, 'ready'), total: sumOf(inside, 'pods') },
    ...(versions.length === 0 ? {} : { version: versions.join(', ') }),
    ...(revisions.length === 0 ? {} : { revision: revisions.join(', ') }),
    cohorts: live,
    next,
  };
}

/** The value that all share; undefined of none. */
function oneOf<T extends string>(values: readonly T[]): T | 'mixed' | undefined {
  const [first, second] = new Set(values);
  return second === undefined ? first : 'mixed';
}

function sumOf(rows: readonly CohortRow[], field: 'pods' | 'ready'): number {
  return rows.reduce((sum, row) => sum + row[field], 0);
}
