import type { Inventory } from '../../domain/inventory/inventory.ts';
import type { EnrolmentState, WorkloadRow } from '../../domain/inventory/workload-row.ts';
import type { Fact } from '../../domain/world/fact.ts';
import type { Capacity } from '../../domain/world/platform.ts';
import { basisLine, type ResultHead } from '../../domain/world/result-head.ts';
import { formatRef } from '../../domain/kubernetes/object.ts';
import { groupBy } from '../../lib/order.ts';
import { escapeTerminal } from '../escape.ts';
import { createStyle, type Style } from './style.ts';
import { renderTable, type Cell } from './table.ts';
import { wrapText } from './wrap.ts';

export interface InventoryOptions {
  readonly colour: boolean;
  readonly width: number;
  readonly wide: boolean;
}

/** The inventory as text: a summary that fits a screen, then a line for each workload. */
export function renderInventory(result: ResultHead & Inventory, options: InventoryOptions): string {
  const style = createStyle(options);
  const width = options.wide ? Number.POSITIVE_INFINITY : options.width;
  return [
    style.bold(wrapText(basisLine(result, result.cluster.name), { width: options.width })),
    summary(result, style),
    workloadTable(result.workloads, { style, width, wide: options.wide }),
    evidenceLines(result, options.width),
    gapLines(result, { ...options, style }),
  ]
    .filter((part) => part !== '')
    .join('\n\n');
}

function summary(result: Inventory, style: Style): string {
  const { workloads, services, namespaces, meshes, cluster } = result;
  const pods = workloads.reduce((sum, { pods: count }) => sum + (count.known ? count.value : 0), 0);
  const states = [...groupBy(workloads, ({ state }) => state)].map(
    ([state, group]) => `${String(group.length)} ${state}`,
  );
  const rows = [
    [
      'cluster',
      `Kubernetes ${orUnknown(cluster.kubernetesVersion)}, ${count(cluster.platform.nodes, 'nodes')}${capacity(cluster.platform.allocatable)}, CNI ${orUnknown(cluster.platform.cni)}`,
    ],
    [
      'holds',
      `${String(workloads.length)} workloads (${String(pods)} pods), ${String(services.length)} services, ${String(namespaces.length)} namespaces`,
    ],
    ...meshes.map(({ mesh, state, version, revisions }) => [
      mesh,
      `${state}${version.known ? `, version ${version.value}` : ''}${revisions.length === 0 ? '' : `, revisions ${revisions.join(', ')}`}`,
    ]),
    ['workloads', states.join(', ')],
    ['mTLS', modes(workloads)],
  ];
  return rows.map(([name = '', text = '']) => `${style.dim(name.padEnd(10))}${escapeTerminal(text)}`).join('\n');
}

function capacity(fact: Fact<Capacity>): string {
  if (!fact.known) return '';
  const cores = (fact.value.cpuMillicores / 1000).toFixed(1);
  const gibibytes = (fact.value.memoryBytes / 2 ** 30).toFixed(1);
  return ` (${cores} CPU, ${gibibytes} GiB for pods)`;
}

function orUnknown(fact: Fact<string>): string {
  return fact.known ? fact.value : 'unknown';
}

function count(fact: Fact<number>, unit: string): string {
  return fact.known ? `${String(fact.value)} ${unit}` : `${unit} unknown`;
}

function modes(workloads: readonly WorkloadRow[]): string {
  const ports = workloads.flatMap(({ mtls }) => Object.values(mtls.ports));
  const groups = [...groupBy(ports, ({ mode }) => mode)].map(([mode, group]) => `${String(group.length)} ${mode}`);
  return ports.length === 0 ? 'no ports' : `${groups.join(', ')} (container ports)`;
}

interface TableContext {
  readonly style: Style;
  readonly width: number;
  readonly wide: boolean;
}

function workloadTable(workloads: readonly WorkloadRow[], { style, width, wide }: TableContext): string {
  if (workloads.length === 0) return 'no workloads';
  const columns = [
    { header: 'NAMESPACE' },
    { header: 'WORKLOAD' },
    { header: 'PODS', align: 'right' as const, minWidth: 4 },
    { header: 'MESH', minWidth: 7 },
    { header: 'PORTS AND mTLS' },
    ...(wide ? [{ header: 'NEXT PODS' }, { header: 'DECIDED BY' }] : []),
  ];
  const rows = workloads.map((row): Cell[] => [
    row.namespace,
    `${row.kind}/${row.name}`,
    row.pods.known ? String(row.pods.value) : '?',
    { text: row.state, paint: paintOf(row.state, style) },
    portList(row),
    ...(wide ? [`${row.dataPlane.next.mode}: ${row.dataPlane.next.reason}`, deciders(row)] : []),
  ]);
  return renderTable({ columns, rows, width, paintHeader: style.bold });
}

function paintOf(state: EnrolmentState, style: Style): Style['bold'] {
  if (state === 'enrolled') return style.green;
  return state === 'none' ? style.dim : style.yellow;
}

function portList({ mtls }: WorkloadRow): string {
  const groups = groupBy(Object.entries(mtls.ports), ([, { mode }]) => mode);
  return [...groups].map(([mode, ports]) => `${ports.map(([port]) => port).join(',')} ${mode}`).join('; ');
}

function deciders({ mtls }: WorkloadRow): string {
  const sources = Object.values(mtls.ports).flatMap(({ source }) =>
    source.map(({ object, rule }) => (object === undefined ? rule : formatRef(object))),
  );
  return [...new Set(sources)].join('; ');
}

function evidenceLines({ callCoverage, calls }: Inventory, width: number): string {
  const { counts, windows, withoutCaller, unobservable } = callCoverage;
  const lines = [
    `calls: ${String(calls.length)} known or probable; ${String(counts.observedPorts)} of ${String(counts.ports)} ports were observed`,
    ...windows.map(
      ({ source, from, to, seesUnmeshed }) =>
        `  watched ${from ?? 'an unknown time'} to ${to ?? 'unknown'} (${source}${seesUnmeshed ? '' : '; callers outside a mesh are not seen'})`,
    ),
    ...(withoutCaller.length === 0
      ? []
      : [`  nobody is known to call ${String(withoutCaller.length)} workloads that listen`]),
    ...(unobservable.length === 0
      ? []
      : [`  ${String(unobservable.length)} callers run too seldom to be seen in the window`]),
  ];
  return lines.map((line) => wrapText(line, { width, hanging: '  ' })).join('\n');
}

interface GapContext extends InventoryOptions {
  readonly style: Style;
}

/** What was not read belongs to the answer: nothing that is missing may look like nothing being there. */
function gapLines({ coverage, setAside }: ResultHead, { style, wide, width }: GapContext): string {
  const unread = coverage
    .filter(({ state }) => state === 'unread')
    .map(({ kind }) => kind.slice(kind.lastIndexOf('/') + 1));
  const gaps = coverage.filter(({ state }) => state === 'partial' || state === 'forbidden');
  const shown = wide ? setAside : setAside.slice(0, 10);
  const lines = [
    ...(unread.length === 0 ? [] : [`not read at all: ${unread.join(', ')}`]),
    ...gaps.map(
      ({ kind, state, reason }) => `not read whole: ${kind} (${state}${reason === undefined ? '' : `: ${reason}`})`,
    ),
    ...shown.map(
      ({ file, line, reason }) => `set aside: ${file}${line === undefined ? '' : `:${String(line)}`}: ${reason}`,
    ),
    ...(shown.length < setAside.length
      ? [`and ${String(setAside.length - shown.length)} more files set aside (-o wide lists them)`]
      : []),
  ];
  return lines.map((line) => style.yellow(wrapText(line, { width, hanging: '  ' }))).join('\n');
}
