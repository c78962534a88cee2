import type { Inventory } from '../domain/inventory/inventory.ts';
import type { InventorySummary } from '../domain/inventory/summary.ts';
import type { Detection } from '../domain/mesh/mesh.ts';
import type { CoverageEntry } from '../domain/world/coverage.ts';
import type { ResultHead } from '../domain/world/result-head.ts';
import { compareText, groupBy } from '../lib/order.ts';
import { stateWords } from './inventory-table.ts';
import { platformFacts } from './platform-lines.ts';
import { countOf } from './words.ts';

/** A name and what is to be said under it; raw text. */
export type NamedLine = readonly [name: string, text: string];

/** The inventory in a few facts: what there is, in which mesh and state, and how much of it is known. */
export function summaryFacts(result: Inventory): readonly NamedLine[] {
  const { summary, services, namespaces } = result;
  const pods = `${countOf(summary.pods, 'pod')}${summary.podsUnknown === 0 ? '' : `, and those of ${countOf(summary.podsUnknown, 'workload')} unread`}`;
  const limited = summary.workloads < summary.ofWorkloads ? ` of ${String(summary.ofWorkloads)}` : '';
  return [
    ...platformFacts(result),
    [
      'holds',
      `${String(summary.workloads)}${limited} workloads (${pods}), ${countOf(services.length, 'service')}, ${countOf(namespaces.length, 'namespace')}${limited === '' ? '' : ' shown'}`,
    ],
    ...meshFacts(result.meshes),
    ['workloads', standing(result)],
    ...(summary.workloads === 0 ? [] : ([['by mesh', counts(summary.meshes)]] as const)),
    ['mTLS', ports(summary)],
    ...authorization(summary),
  ];
}

/** Why things are not known, the commonest reasons first. */
export function unknownLines({ unknown }: InventorySummary, limit: number): readonly string[] {
  const lines = unknown
    .slice(0, limit)
    .map(
      ({ about, reason, workloads, example }) =>
        `${WORDS[about]} of ${workloads === 1 ? example : `${String(workloads)} workloads (as ${example})`}: ${reason}`,
    );
  const more = unknown.length - lines.length;
  return more <= 0 ? lines : [...lines, `and ${countOf(more, 'more reason')} (-o wide lists them)`];
}

const WORDS = { enrolment: 'the state', mtls: 'the mTLS mode', authorization: 'the authorization' } as const;

/** How well callers are known. */
export function callLines({ callCoverage, calls }: Inventory): readonly string[] {
  const { counts: found, windows, withoutCaller, unobservable } = callCoverage;
  return [
    `calls: ${String(calls.length)} known or probable; ${String(found.observedPorts)} of ${String(found.ports)} ports were observed`,
    ...windows.map(
      ({ source, from, to, seesUnmeshed }) =>
        `watched ${from ?? 'an unknown time'} to ${to ?? 'unknown'} (${source}${seesUnmeshed ? '' : '; callers outside a mesh are not seen'})`,
    ),
    ...(withoutCaller.length === 0
      ? []
      : [`nobody is known to call ${countOf(withoutCaller.length, 'workload')} that listen`]),
    ...(unobservable.length === 0
      ? []
      : [`${countOf(unobservable.length, 'caller')} run too seldom to be seen in the window`]),
  ];
}

/** What was not read, not read whole, or set aside; `limit` files at most are named. */
export function gapLines({ coverage, setAside }: ResultHead, limit: number): readonly string[] {
  const unread = coverage.filter(({ state }) => state === 'unread');
  const gaps = coverage.filter(({ state }) => state === 'partial' || state === 'forbidden');
  const alike = groupBy(gaps, ({ state, reason }) => `${state}${reason === undefined ? '' : `: ${reason}`}`);
  const files = setAside.slice(0, limit);
  return [
    ...(unread.length === 0 ? [] : [`not read at all: ${kindNames(unread)}`]),
    ...[...alike].map(([why, entries]) => `not read whole (${why}): ${kindNames(entries)}`),
    ...files.map(
      ({ file, line, reason }) => `set aside: ${file}${line === undefined ? '' : `:${String(line)}`}: ${reason}`,
    ),
    ...(files.length < setAside.length
      ? [`and ${String(setAside.length - files.length)} more files set aside (-o wide lists them)`]
      : []),
  ];
}

function kindNames(entries: readonly CoverageEntry[]): string {
  return [...new Set(entries.map(({ kind }) => kind.slice(kind.lastIndexOf('/') + 1)))].join(', ');
}

function meshFact({ mesh, state, version, revisions, support, details }: Detection): NamedLine {
  const known = Object.entries(details ?? {}).flatMap(([name, fact]) => (fact.known ? [`${name} ${fact.value}`] : []));
  const words = [
    state,
    ...(version.known ? [`version ${version.value}`] : []),
    ...(revisions.length === 0 ? [] : [`${revisions.length === 1 ? 'revision' : 'revisions'} ${revisions.join(', ')}`]),
    ...known,
    ...(support === undefined || support.status === 'maintained' ? [] : [supportWords(support)]),
  ];
  return [mesh, words.join(', ')];
}

function supportWords({ status, since, note }: NonNullable<Detection['support']>): string {
  return `${status}${since === undefined ? '' : ` since ${since}`}: ${note}`;
}

/** Those that are here one by one; those that may be, unseen, on one line; if none is, which were looked for. */
function meshFacts(meshes: readonly Detection[]): readonly NamedLine[] {
  const unseen = meshes.filter(
    ({ state, evidence }) => state === 'unknown' && evidence.every(({ object }) => object === undefined),
  );
  const here = meshes.filter((each) => each.state !== 'absent' && !unseen.includes(each));
  if (here.length + unseen.length === 0)
    return [['meshes', `none: no sign of ${meshes.map(({ mesh }) => mesh).join(', ')}`]];
  const names = unseen.map(({ mesh }) => mesh).join(', ');
  return [
    ...here.map(meshFact),
    ...(here.length === 0 ? ([['meshes', 'none was seen']] as const) : []),
    ...(unseen.length === 0 ? [] : ([['perhaps', `${names}: what would show them was not read`]] as const)),
  ];
}

function ports({ ports: found }: InventorySummary): string {
  const words = counts(found);
  return words === 'none' ? 'no container port is known' : `${words} (container ports)`;
}

function authorization({ authorization: found }: InventorySummary): readonly NamedLine[] {
  const words = Object.entries(found).map(([decision, workloads]) => `${String(workloads)} ${decision}`);
  return words.length === 0 ? [] : [['default', `${words.join(', ')} (calls that no policy names, by workload)`]];
}

/** As the table says it; where live pods are known and only the next are not, a state alone would hide the former. */
function standing({ workloads, summary }: Inventory): string {
  const known = Object.entries(summary.states).filter(([state]) => state !== 'unknown');
  const vague = groupBy(
    workloads.filter(({ state }) => state === 'unknown'),
    stateWords,
  );
  const inWords = [...vague].map(([words, rows]): [string, number] => [
    words.replace('next?', 'next unknown'),
    rows.length,
  ]);
  return counts(Object.fromEntries([...known, ...inWords.sort(([left], [right]) => compareText(left, right))]));
}

function counts(found: Readonly<Record<string, number>>): string {
  const words = Object.entries(found).map(([name, number]) => `${String(number)} ${name}`);
  return words.length === 0 ? 'none' : words.join(', ');
}
