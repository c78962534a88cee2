import type { Inventory } from '../../domain/inventory/inventory.ts';
import { basisLine, type ResultHead } from '../../domain/world/result-head.ts';
import type { Document, Item } from '../document.ts';
import { callLines, gapLines, summaryFacts, unknownLines } from '../inventory-lines.ts';
import { podsOf, portWords, stateWords } from '../inventory-table.ts';
import { renderDocumentMarkdown } from './document.ts';

const FEW_FILES = 20;

/** The inventory as Markdown: the summary, one table of workloads, what is not known and what was not read. */
export function renderInventoryMarkdown(result: ResultHead & Inventory): string {
  const unknown = unknownLines(result.summary, Number.POSITIVE_INFINITY);
  const gaps = gapLines(result, FEW_FILES);
  const document: Document = {
    title: 'Inventory',
    first: basisLine(result, result.cluster.name),
    parts: [
      { part: 'list', items: summaryFacts(result).map(([name, text]): Item => ({ text: `${name}: ${text}` })) },
      ...section('Not known', unknown),
      { part: 'heading', text: 'Workloads' },
      {
        part: 'table',
        columns: [
          { header: 'namespace' },
          { header: 'workload' },
          { header: 'pods', align: 'right' },
          { header: 'mesh' },
          { header: 'ports and mTLS' },
        ],
        rows: result.workloads.map((row) => [
          row.namespace,
          `${row.kind}/${row.name}`,
          podsOf([row]),
          stateWords(row),
          portWords(row),
        ]),
      },
      ...section('Calls', callLines(result)),
      ...section('Not read', gaps),
    ],
  };
  return renderDocumentMarkdown(document);
}

function section(title: string, lines: readonly string[]): Document['parts'] {
  if (lines.length === 0) return [];
  return [
    { part: 'heading', text: title },
    { part: 'list', items: lines.map((text): Item => ({ text })) },
  ];
}
