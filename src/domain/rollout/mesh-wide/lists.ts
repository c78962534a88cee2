import { groupBy, sortedUnique } from '../../../lib/order.ts';
import { formatWorkload, workloadRef, type Workload } from '../../world/workload.ts';
import { ownerToBeNamed } from '../exception-owner.ts';
import type { Exception, Obstacle } from '../plan.ts';
import type { Planning } from '../planning.ts';

/** A workload that keeps what it has when a policy for the whole mesh comes, and the object that sees to it. */
export interface Exempt {
  readonly workload: Workload;
  /** As `port 8080 stays PERMISSIVE`. */
  readonly by: string;
  /** Container ports; empty for the whole workload. */
  readonly ports: readonly number[];
}

/** What a policy for the whole mesh covers: each workload of the cluster in one list, or in none. */
export interface MeshLists {
  readonly ready: readonly Workload[];
  readonly exempt: readonly Exempt[];
  readonly outside: readonly Workload[];
  readonly none: readonly { readonly workload: Workload; readonly why: string; readonly remedy: string }[];
}

/** Longer lists are counted by namespace. */
const MOST = 60;

/** The lists as paragraphs of the stage's page; those that a reviewer must agree with are never shortened. */
export function listNotes({ ready, exempt, outside, none }: MeshLists): readonly string[] {
  return [
    ...list('Ready', ready),
    ...(exempt.length === 0
      ? []
      : [`Exempt: ${exempt.map(({ workload, by }) => `${formatWorkload(workload)} (${by})`).join(', ')}.`]),
    ...list('Not enrolled, so not changed', outside),
    ...list(
      'In none of these lists',
      none.map(({ workload }) => workload),
    ),
  ];
}

function list(title: string, workloads: readonly Workload[]): readonly string[] {
  if (workloads.length === 0) return [];
  if (workloads.length <= MOST) return [`${title}: ${workloads.map(formatWorkload).join(', ')}.`];
  const counts = [...groupBy(workloads, ({ namespace }) => namespace)].map(
    ([namespace, own]) => `${namespace} ${String(own.length)}`,
  );
  return [`${title}: ${String(workloads.length)} workloads, by namespace: ${counts.join(', ')}.`];
}

const SHOWN = 20;

/** The workloads that are in none of the lists, as what is in the stage's way. */
export function inNoList({ none }: MeshLists): readonly Obstacle[] {
  const rows = none.slice(0, SHOWN).map(({ workload, why, remedy }): Obstacle => ({
    kind: 'object',
    what: `${formatWorkload(workload)} is in no list: ${why}`,
    remedy,
  }));
  const more = none.length - rows.length;
  if (more <= 0) return rows;
  return [...rows, { kind: 'object', what: `and ${String(more)} workloads more are in no list`, remedy: 'the same' }];
}

/** The rows of the register for the exempt ones: those that are there already, and new ones where there is none. */
export function exemptRows(
  { exceptions }: Planning,
  layer: Exception['layer'],
  exempt: readonly Exempt[],
): readonly Exception[] {
  return exempt.flatMap(({ workload, by, ports }): readonly Exception[] => {
    const name = formatWorkload(workload);
    const own = exceptions.filter((row) => row.layer === layer && formatWorkload(row.workload) === name);
    if (own.length > 0) return own;
    const owner = ownerToBeNamed(workload);
    return [{ workload: workloadRef(workload), layer, ports, reason: by, owner, expires: 'to be named' }];
  });
}

/** The namespaces of the listed workloads that the mesh has something before, sorted. */
export function coveredNamespaces({ ready, exempt }: MeshLists): readonly string[] {
  const own = [...ready, ...exempt.map(({ workload }) => workload)].map(({ namespace }) => namespace);
  return sortedUnique(own);
}
