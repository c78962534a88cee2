import type { Inventory } from '../../domain/inventory/inventory.ts';
import type { EnrolmentState } from '../../domain/inventory/enrolment-state.ts';
import type { WorkloadRow } from '../../domain/inventory/workload-row.ts';
import { deciderWords, MOST_ROWS, namespaceLines, oddRows, podsOf, portWords, stateWords } from '../inventory-table.ts';
import { countOf } from '../words.ts';
import type { Style } from './style.ts';
import { renderTable, type Cell } from './table.ts';
import { wrapText } from './wrap.ts';

export interface TableContext {
  readonly style: Style;
  readonly width: number;
  readonly wide: boolean;
}

/** The table of workloads; where there are many, one of namespaces and one of the workloads that stand out. */
export function inventoryTables({ workloads, summary }: Inventory, context: TableContext): string {
  if (workloads.length === 0) {
    return summary.ofWorkloads === 0
      ? 'no workloads'
      : wrapText(`none of ${countOf(summary.ofWorkloads, 'workload')} is what the filters ask for`, context);
  }
  const hidden = summary.ofWorkloads - workloads.length;
  const shown = `${String(workloads.length)} of ${countOf(summary.ofWorkloads, 'workload')} shown`;
  if (context.wide || workloads.length <= MOST_ROWS) {
    return [workloadTable(workloads, context), ...(hidden === 0 ? [] : [context.style.dim(shown)])].join('\n\n');
  }
  return grouped(workloads, context, hidden === 0 ? '' : `${shown}; `);
}

function grouped(workloads: readonly WorkloadRow[], context: TableContext, shown: string): string {
  const odd = oddRows(workloads);
  const few = odd.slice(0, MOST_ROWS);
  const more = odd.length - few.length;
  const hint =
    `${shown}${countOf(workloads.length, 'workload')} by namespace; -o wide lists each, -n NAMESPACE those of one, ` +
    'and --state, --mode, --mesh or -l pick some';
  return [
    namespaceTable(workloads, context),
    ...(few.length === 0 ? [] : [context.style.bold('workloads that stand out'), workloadTable(few, context)]),
    ...(more <= 0 ? [] : [`and ${countOf(more, 'workload')} more that stand out`]),
    context.style.dim(wrapText(hint, context)),
  ].join('\n\n');
}

function namespaceTable(workloads: readonly WorkloadRow[], { style, width }: TableContext): string {
  const columns = [
    { header: 'NAMESPACE' },
    { header: 'WORKLOADS', align: 'right' as const, minWidth: 9 },
    { header: 'PODS', align: 'right' as const, minWidth: 4 },
    { header: 'MESH', wrap: true, minWidth: 12 },
    { header: 'mTLS BY PORT', wrap: true, minWidth: 12 },
  ];
  const rows = namespaceLines(workloads).map((line): Cell[] => [
    line.namespace,
    String(line.workloads),
    line.pods,
    line.states,
    line.modes,
  ]);
  return renderTable({ columns, rows, width, paintHeader: style.bold });
}

function workloadTable(workloads: readonly WorkloadRow[], { style, width, wide }: TableContext): string {
  const longest = Math.max(...workloads.map((row) => stateWords(row).length));
  const columns = [
    { header: 'NAMESPACE' },
    { header: 'WORKLOAD' },
    { header: 'PODS', align: 'right' as const, minWidth: 4 },
    { header: 'MESH', minWidth: Math.min(longest, 13) },
    { header: 'PORTS AND mTLS' },
    ...(wide ? ['VERSION', 'REVISION', 'DEFAULT', 'WHY', 'NEXT PODS', 'DECIDED BY'].map((header) => ({ header })) : []),
  ];
  const rows = workloads.map((row): Cell[] => [
    row.namespace,
    `${row.kind}/${row.name}`,
    podsOf([row]),
    { text: stateWords(row), paint: paintOf(row.state, style) },
    portWords(row),
    ...(wide ? wideCells(row) : []),
  ]);
  return renderTable({ columns, rows, width, paintHeader: style.bold });
}

function wideCells(row: WorkloadRow): readonly string[] {
  const { version = '', revision = '', next } = row.dataPlane;
  // What one column has said the next ones leave out.
  const said = row.stateReason.replace(/^the next pods: /, '');
  const then = next.reason === said ? next.mode : `${next.mode}: ${next.reason}`;
  return [version, revision, row.authorization.default, row.stateReason, then, deciderWords(row, [said, next.reason])];
}

function paintOf(state: EnrolmentState, style: Style): Style['bold'] {
  if (state === 'enrolled') return style.green;
  return state === 'none' ? style.dim : style.yellow;
}
