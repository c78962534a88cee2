import { groupBy, sortedUnique } from '../../lib/order.ts';
import type { MtlsMode } from '../mesh/mesh.ts';
import { ENROLMENT_STATES, type EnrolmentState } from './enrolment-state.ts';
import { MTLS_MODES } from './port-rows.ts';
import type { WorkloadRow } from './workload-row.ts';

/** Something that is not known of several workloads, for one reason. */
export interface UnknownReason {
  readonly about: 'enrolment' | 'next-pods' | 'mtls' | 'authorization';
  readonly reason: string;
  readonly workloads: number;
  /** One of them, as `shop/Deployment/cart`. */
  readonly example: string;
}

/** The workloads that a result shows, in numbers. Where a count is zero its member is left out. */
export interface InventorySummary {
  readonly workloads: number;
  /** Workloads of the world, shown or not. */
  readonly ofWorkloads: number;
  readonly pods: number;
  /** Workloads whose pods were not read, and so are not among `pods`. */
  readonly podsUnknown: number;
  readonly states: Readonly<Partial<Record<EnrolmentState, number>>>;
  /** Workloads by the mesh of their pods, of the next ones for those that are joining: mesh ids, `none`, `mixed`. */
  readonly meshes: Readonly<Record<string, number>>;
  /** Container ports by the mode in force. */
  readonly ports: Readonly<Partial<Record<MtlsMode, number>>>;
  /** Workloads by what happens to a call that no policy names, of those with a proxy. */
  readonly authorization: Readonly<Record<string, number>>;
  /** Why something is not known, by how many workloads it concerns. */
  readonly unknown: readonly UnknownReason[];
}

/** Counts over the rows of a result; `total` is the number of workloads of the world. */
export function summaryOf(rows: readonly WorkloadRow[], total: number): InventorySummary {
  const ports = rows.flatMap(({ mtls }) => Object.values(mtls.ports));
  return {
    workloads: rows.length,
    ofWorkloads: total,
    pods: rows.reduce((sum, { pods }) => sum + (pods.known ? pods.value : 0), 0),
    podsUnknown: rows.filter(({ pods }) => !pods.known).length,
    states: inOrder(
      ENROLMENT_STATES,
      countBy(rows, ({ state }) => state),
    ),
    meshes: sorted(countBy(rows, meshOfRow)),
    ports: inOrder(
      [...MTLS_MODES].reverse(),
      countBy(ports, ({ mode }) => mode),
    ),
    authorization: sorted(countBy(rows.filter(hasProxy), ({ authorization }) => authorization.default)),
    unknown: unknownReasons(rows),
  };
}

/** Pods that are about to join a mesh count for it, as they do where rows are picked by mesh. */
function meshOfRow({ state, dataPlane }: WorkloadRow): string {
  return state === 'joining' ? dataPlane.next.mesh : dataPlane.mesh;
}

function hasProxy({ dataPlane }: WorkloadRow): boolean {
  return [...dataPlane.cohorts, dataPlane.next].some(({ mode }) => mode !== 'none' && mode !== 'unknown');
}

/** Why things are not known, most workloads first. A workload counts once for each reason. */
function unknownReasons(rows: readonly WorkloadRow[]): readonly UnknownReason[] {
  const found = rows.flatMap((row) => reasonsOf(row).map((each) => ({ ...each, row })));
  const groups = [...groupBy(found, ({ about, reason }) => JSON.stringify([about, reason])).values()];
  const counted = groups.flatMap((group): UnknownReason[] => {
    const [first] = group;
    if (first === undefined) return [];
    const { about, reason, row } = first;
    return [{ about, reason, workloads: group.length, example: `${row.namespace}/${row.kind}/${row.name}` }];
  });
  return counted.sort(
    (left, right) =>
      right.workloads - left.workloads ||
      ORDER.indexOf(left.about) - ORDER.indexOf(right.about) ||
      (left.reason < right.reason ? -1 : 1),
  );
}

const ORDER = ['enrolment', 'next-pods', 'mtls', 'authorization'] as const;

/** Where it is not known whether a workload is in a mesh, its modes are not either, for no reason of their own. */
function reasonsOf(row: WorkloadRow): readonly Pick<UnknownReason, 'about' | 'reason'>[] {
  const reason = row.stateReason.replaceAll(`${row.kind} ${row.name}`, `its ${row.kind}`);
  if (row.state === 'unknown') return [{ about: 'enrolment', reason }];
  if (row.state === 'next-unknown') return [{ about: 'next-pods', reason: reason.replace(/^the next pods: /, '') }];
  const ports = Object.values(row.mtls.ports).filter(({ mode }) => mode === 'unknown');
  const reasons = sortedUnique(ports.map(({ source }) => source[0]?.rule ?? 'nothing says why'));
  return [
    ...reasons.map((reason) => ({ about: 'mtls' as const, reason })),
    ...(row.authorization.default.includes('unknown')
      ? [{ about: 'authorization' as const, reason: row.authorization.notKnown?.reason ?? NO_DEFAULT }]
      : []),
  ];
}

const NO_DEFAULT = 'what becomes of a call that no policy names is not known';

function countBy<T, K extends string>(values: readonly T[], keyOf: (value: T) => K): ReadonlyMap<K, number> {
  return new Map([...groupBy(values, keyOf)].map(([key, group]) => [key, group.length]));
}

function inOrder<K extends string>(order: readonly K[], counts: ReadonlyMap<K, number>): Partial<Record<K, number>> {
  const entries = order.flatMap((key) => (counts.has(key) ? [[key, counts.get(key) ?? 0] as const] : []));
  return Object.fromEntries(entries) as Partial<Record<K, number>>;
}

function sorted(counts: ReadonlyMap<string, number>): Readonly<Record<string, number>> {
  return Object.fromEntries(sortedUnique(counts.keys()).map((key) => [key, counts.get(key) ?? 0]));
}
