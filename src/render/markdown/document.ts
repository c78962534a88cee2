import type { Document, Item, Part } from '../document.ts';
import { escapeMarkdown, markdownCode } from '../escape.ts';
import { commandWord } from '../words.ts';

/** The document as Markdown (GitHub's, with tables), with a final newline. */
export function renderDocumentMarkdown(document: Document): string {
  const parts = document.parts.map(partMarkdown);
  return `${[`# ${escapeMarkdown(document.title)}`, escapeMarkdown(document.first), ...parts].join('\n\n')}\n`;
}

function partMarkdown(part: Part): string {
  switch (part.part) {
    case 'heading':
      return `## ${escapeMarkdown(part.text)}`;
    case 'text':
      return escapeMarkdown(part.text);
    case 'list':
      return part.items.map((item, index) => itemMarkdown(item, part.numbered === true ? index + 1 : 0)).join('\n');
    case 'table':
      return [
        row(part.columns.map(({ header }) => header)),
        `|${part.columns.map(({ align }) => (align === 'right' ? ' ---: |' : ' --- |')).join('')}`,
        ...part.rows.map(row),
      ].join('\n');
  }
}

function row(cells: readonly string[]): string {
  return `| ${cells.map(escapeMarkdown).join(' | ')} |`;
}

function itemMarkdown(item: Item, number: number, margin = ''): string {
  const bullet = number > 0 ? `${String(number)}. ` : '- ';
  const inner = margin + ' '.repeat(bullet.length);
  return [
    `${margin}${bullet}${escapeMarkdown(item.text)}`,
    ...(item.command === undefined ? [] : [`${inner}${commandMarkdown(item.command, item.note)}`]),
    ...(item.items ?? []).map((each) => itemMarkdown(each, 0, inner)),
  ].join('\n');
}

function commandMarkdown(command: readonly string[], note: string | undefined): string {
  const code = markdownCode(command.map(commandWord).join(' '));
  return note === undefined ? code : `${code} ${escapeMarkdown(note)}`;
}
