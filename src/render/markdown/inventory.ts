import type { Inventory } from '../../domain/inventory/inventory.ts';
import { basisLine, type ResultHead } from '../../domain/world/result-head.ts';
import { escapeMarkdown } from '../escape.ts';

/** The inventory as Markdown: one table of workloads, then what was not read. */
export function renderInventoryMarkdown(result: ResultHead & Inventory): string {
  const rows = result.workloads.map((row) => {
    const ports = Object.entries(row.mtls.ports).map(([port, { mode }]) => `${port} ${mode}`);
    const pods = row.pods.known ? String(row.pods.value) : 'unknown';
    return tableRow([row.namespace, `${row.kind}/${row.name}`, pods, row.state, ports.join(', ')]);
  });
  const gaps = result.coverage.filter(({ state }) => state !== 'read' && state !== 'absent');
  return [
    '# Inventory',
    '',
    escapeMarkdown(basisLine(result, result.cluster.name)),
    '',
    ...result.meshes.map(({ mesh, state }) => `- ${mesh}: ${state}`),
    '',
    tableRow(['namespace', 'workload', 'pods', 'mesh', 'ports and mTLS']),
    '| --- | --- | --- | --- | --- |',
    ...rows,
    '',
    ...gaps.map(
      ({ kind, state, reason }) =>
        `- not read whole: ${escapeMarkdown(`${kind} (${state}${reason === undefined ? '' : `: ${reason}`})`)}`,
    ),
    ...result.setAside.map(({ file, reason }) => `- set aside: ${escapeMarkdown(`${file}: ${reason}`)}`),
    '',
  ].join('\n');
}

function tableRow(cells: readonly string[]): string {
  return `| ${cells.map(escapeMarkdown).join(' | ')} |`;
}
