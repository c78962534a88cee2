import type { CoveredWindow } from '../domain/calls/coverage.ts';
import type { Inventory } from '../domain/inventory/inventory.ts';
import type { InventorySummary } from '../domain/inventory/summary.ts';
import type { WorkloadRow } from '../domain/inventory/workload-row.ts';
import type { Detection } from '../domain/mesh/mesh.ts';
import type { CoverageEntry } from '../domain/world/coverage.ts';
import type { ResultHead } from '../domain/world/result-head.ts';
import { compareText, groupBy } from '../lib/order.ts';
import { platformFacts } from './platform-lines.ts';
import { blindLine } from './simulation-coverage.ts';
import { countOf } from './words.ts';

/** A name and what is to be said under it; raw text. */
export type NamedLine = readonly [name: string, text: string];

/** The inventory in a few facts: what there is, in which mesh and state, and how much of it is known. */
export function summaryFacts(result: Inventory): readonly NamedLine[] {
  const { summary, services, namespaces } = result;
  const pods = `${countOf(summary.pods, 'pod')}${summary.podsUnknown === 0 ? '' : `, and those of ${countOf(summary.podsUnknown, 'workload')} unread`}`;
  const shown = summary.workloads < summary.ofWorkloads ? ' shown' : '';
  return [
    ...platformFacts(result),
    [
      'holds',
      `${holding(summary)} (${pods}), ${countOf(services.length, 'service')}, ${countOf(namespaces.length, 'namespace')}${shown}`,
    ],
    ...meshFacts(result),
    ['workloads', standing(result)],
    ...(summary.workloads === 0 ? [] : ([['by mesh', counts(summary.meshes)]] as const)),
    ['mTLS', ports(summary)],
    ...authorization(summary),
  ];
}

function holding({ workloads, ofWorkloads }: InventorySummary): string {
  return workloads < ofWorkloads
    ? `${String(workloads)} of ${countOf(ofWorkloads, 'workload')}`
    : countOf(workloads, 'workload');
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

const WORDS = {
  enrolment: 'the state',
  'next-pods': 'what the next pods will have',
  mtls: 'the mTLS mode',
  authorization: 'the authorization',
} as const;

/** How well callers are known. */
export function callLines(result: Inventory): readonly string[] {
  const { callCoverage, calls } = result;
  const { windows, withoutCaller, unobservable } = callCoverage;
  return [
    `calls: ${String(calls.length)} known or probable; ${observedWords(result)}`,
    ...windows.map(windowLine),
    ...blindLine(callCoverage),
    ...(withoutCaller.length === 0
      ? []
      : [
          `nobody is known to call ${countOf(withoutCaller.length, 'workload')} that ${withoutCaller.length === 1 ? 'listens' : 'listen'}`,
        ]),
    ...(unobservable.length === 0
      ? []
      : [
          `${countOf(unobservable.length, 'caller')} of the whole cluster ${unobservable.length === 1 ? 'runs' : 'run'} too seldom to be seen in the window`,
        ]),
  ];
}

/** A watcher, and what it could not see. */
function windowLine({ source, from, to, gaps = [] }: CoveredWindow): string {
  const more = gaps.length - SHOWN_GAPS;
  const told = [...gaps.slice(0, SHOWN_GAPS), ...(more <= 0 ? [] : [`and ${String(more)} more (-o json lists them)`])];
  const watched = `watched ${from ?? 'an unknown time'} to ${to ?? 'unknown'} (${source})`;
  return gaps.length === 0 ? watched : `${watched}; but: ${told.join('; ')}`;
}

const SHOWN_GAPS = 3;

/** Calls reach ports that no container and no Service declares; these have no mode of their own and count only here. */
function observedWords({ callCoverage, workloads }: Inventory): string {
  const { ports, observedPorts } = callCoverage.counts;
  const declared = workloads.reduce((sum, { mtls }) => sum + Object.keys(mtls.ports).length, 0);
  const more = ports - declared;
  const what =
    more > 0
      ? `${String(ports)} ports (${String(declared)} container ports and ${String(more)} that only calls name)`
      : countOf(ports, 'container port');
  return `${String(observedPorts)} of ${what} ${ports === 1 ? 'was' : 'were'} observed`;
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

/** In manifests nothing lives: a mesh that takes pods there is not unused. */
export function meshStateWords({ mesh, state }: Detection, rows: readonly WorkloadRow[]): string {
  const takesNext = rows.some(({ dataPlane }) => dataPlane.next.mesh === mesh);
  return state === 'installed-unused' && takesNext ? 'installed, no live pods of it known' : state;
}

function meshFact(detection: Detection, rows: readonly WorkloadRow[]): NamedLine {
  const { mesh, version, revisions, support, details } = detection;
  const known = Object.entries(details ?? {}).flatMap(([name, fact]) => (fact.known ? [`${name} ${fact.value}`] : []));
  const words = [
    meshStateWords(detection, rows),
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
function meshFacts({ meshes, workloads }: Inventory): readonly NamedLine[] {
  const unseen = meshes.filter(
    ({ state, evidence }) => state === 'unknown' && evidence.every(({ object }) => object === undefined),
  );
  const here = meshes.filter((each) => each.state !== 'absent' && !unseen.includes(each));
  if (here.length + unseen.length === 0)
    return [['meshes', `none: no sign of ${meshes.map(({ mesh }) => mesh).join(', ')}`]];
  const names = unseen.map(({ mesh }) => mesh).join(', ');
  return [
    ...here.map((each) => meshFact(each, workloads)),
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

/** The states by their names; where the live pods are known and only the next are not, also what the live ones have. */
function standing({ workloads, summary }: Inventory): string {
  const live = groupBy(
    workloads.filter(({ state }) => state === 'next-unknown'),
    ({ dataPlane }) => dataPlane.mode,
  );
  const modes = [...live].map(([mode, rows]): [string, number] => [mode, rows.length]);
  const known = counts(Object.fromEntries(modes.sort(([left], [right]) => compareText(left, right))));
  const states = Object.entries(summary.states).map(([state, number]): [string, number] => [
    state === 'next-unknown' ? `next-unknown (live: ${known})` : state,
    number,
  ]);
  return counts(Object.fromEntries(states));
}

function counts(found: Readonly<Record<string, number>>): string {
  const words = Object.entries(found).map(([name, number]) => `${String(number)} ${name}`);
  return words.length === 0 ? 'none' : words.join(', ');
}
