import type { Inventory } from '../../domain/inventory/inventory.ts';
import { basisLine, type ResultHead } from '../../domain/world/result-head.ts';
import { escapeTerminal } from '../escape.ts';
import { callLines, gapLines, summaryFacts, unknownLines, type NamedLine } from '../inventory-lines.ts';
import { inventoryTables } from './inventory-tables.ts';
import { createStyle, type Paint, type Style } from './style.ts';
import { wrapText } from './wrap.ts';

export interface InventoryOptions {
  readonly colour: boolean;
  readonly width: number;
  /** Everything, however wide and long. */
  readonly wide: boolean;
}

/** Longer names stand on a line of their own. */
const WIDEST_NAME = 20;
const FEW_REASONS = 5;
const FEW_FILES = 10;

/** The inventory as text: a summary that fits a screen, then a line for each workload or, of many, each namespace. */
export function renderInventory(result: ResultHead & Inventory, options: InventoryOptions): string {
  const style = createStyle(options);
  const { width, wide } = options;
  const all = Number.POSITIVE_INFINITY;
  return [
    style.bold(wrapped(basisLine(result, result.cluster.name), width)),
    factLines(summaryFacts(result), style, width),
    listed('not known', unknownLines(result.summary, wide ? all : FEW_REASONS), { paint: style.yellow, width }),
    inventoryTables(result, { style, width: wide ? all : width, wide }),
    plain(callLines(result), width),
    plain(gapLines(result, wide ? all : FEW_FILES), width, style.yellow),
  ]
    .filter((part) => part !== '')
    .join('\n\n');
}

function factLines(facts: readonly NamedLine[], style: Style, width: number): string {
  const names = facts.map(([name]) => name.length).filter((length) => length <= WIDEST_NAME);
  const column = Math.max(0, ...names) + 1;
  const margin = ' '.repeat(column);
  return facts
    .map(([name, text]) => {
      const lines = wrapText(escapeTerminal(text), { width, indent: margin, hanging: margin, breakWords: true });
      if (name.length >= column) return `${style.dim(name)}\n${lines}`;
      return `${style.dim(name.padEnd(column))}${lines.slice(column)}`;
    })
    .join('\n');
}

interface ListOptions {
  readonly paint: Paint;
  readonly width: number;
}

function listed(title: string, lines: readonly string[], { paint, width }: ListOptions): string {
  if (lines.length === 0) return '';
  const items = lines.map((line) => wrapped(line, width, { indent: '- ', hanging: '  ' }));
  return paint([`${title}:`, ...items].join('\n'));
}

function plain(lines: readonly string[], width: number, paint: Paint = (text) => text): string {
  return lines.map((line) => paint(wrapped(line, width, { indent: '', hanging: '  ' }))).join('\n');
}

function wrapped(
  text: string,
  width: number,
  margins: { readonly indent?: string; readonly hanging?: string } = {},
): string {
  return wrapText(escapeTerminal(text), { width, breakWords: true, ...margins });
}
