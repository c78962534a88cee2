import type { EnrolmentState } from '../domain/inventory/enrolment-state.ts';
import type { WorkloadRow } from '../domain/inventory/workload-row.ts';
import { formatRef } from '../domain/kubernetes/object.ts';
import { groupBy } from '../lib/order.ts';

/** More workloads than this are shown by namespace, because nobody reads a table of hundreds of lines. */
export const MOST_ROWS = 60;

/** States that ask for a look, wherever they are. */
const NOTEWORTHY: ReadonlySet<EnrolmentState> = new Set<EnrolmentState>([
  'stale',
  'partial',
  'leaving',
  'joining',
  'uncaptured',
  'contested',
]);

/** A namespace of a big cluster in one line; raw text. */
export interface NamespaceLine {
  readonly namespace: string;
  readonly workloads: number;
  readonly pods: string;
  readonly states: string;
  readonly modes: string;
}

/** The workloads by namespace, with how many there are of each state and mode. */
export function namespaceLines(rows: readonly WorkloadRow[]): readonly NamespaceLine[] {
  return [...groupBy(rows, ({ namespace }) => namespace)].map(([namespace, group]) => ({
    namespace,
    workloads: group.length,
    pods: podsOf(group),
    states: counted(group.map(({ state }) => state)),
    modes: counted(group.flatMap(({ mtls }) => Object.values(mtls.ports).map(({ mode }) => mode))),
  }));
}

/** The workloads that are not as most of their namespace, or in a state that asks for a look. */
export function oddRows(rows: readonly WorkloadRow[]): readonly WorkloadRow[] {
  return [...groupBy(rows, ({ namespace }) => namespace).values()].flatMap((group) => {
    const [usual] = [...groupBy(group, ({ state }) => state).values()].sort((a, b) => b.length - a.length);
    const state = usual !== undefined && usual.length * 2 > group.length ? usual[0]?.state : undefined;
    return group.filter((row) => NOTEWORTHY.has(row.state) || (state !== undefined && row.state !== state));
  });
}

/** The state; with the mode where it is no sidecar; and where only the next pods are not known, what the live ones are. */
export function stateWords({ state, dataPlane }: WorkloadRow): string {
  const { mode, next } = dataPlane;
  if (state === 'none' || state === 'unknown') return state;
  if (state === 'next-unknown') return `${mode}, next?`;
  const shown = mode === 'none' || mode === 'unknown' ? next.mode : mode;
  return shown === 'ambient' || shown === 'gateway' || shown === 'proxyless' ? `${state} (${shown})` : state;
}

/** The container ports by mode, as `8080,9090 strict; 15090 none`. */
export function portWords({ mtls }: WorkloadRow): string {
  const groups = groupBy(Object.entries(mtls.ports), ([, { mode }]) => mode);
  return [...groups].map(([mode, ports]) => `${ports.map(([port]) => port).join(',')} ${mode}`).join('; ');
}

/** The objects that decide the modes, or the rules where no object does; without the rules that stand elsewhere. */
export function deciderWords({ mtls }: WorkloadRow, elsewhere: readonly string[]): string {
  const sources = Object.values(mtls.ports).flatMap(({ source }) =>
    source.map(({ object, rule }) => (object === undefined ? rule : formatRef(object))),
  );
  return [...new Set(sources)].filter((source) => !elsewhere.includes(source)).join('; ');
}

/** How many pods, with a question mark where some were not read. */
export function podsOf(rows: readonly WorkloadRow[]): string {
  const known = rows.flatMap(({ pods }) => (pods.known ? [pods.value] : []));
  const sum = String(known.reduce((total, pods) => total + pods, 0));
  return known.length === rows.length ? sum : known.length === 0 ? '?' : `${sum}?`;
}

function counted(words: readonly string[]): string {
  const groups = [...groupBy(words, (word) => word)].map(([word, group]) => ({ word, count: group.length }));
  groups.sort((left, right) => right.count - left.count || (left.word < right.word ? -1 : 1));
  return groups.map(({ word, count }) => `${String(count)} ${word}`).join(', ');
}
