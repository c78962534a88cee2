import type { Document, Item, Part, Tone } from '../document.ts';
import { escapeTerminal } from '../escape.ts';
import { commandWord } from '../words.ts';
import { createStyle, type Paint, type Style } from './style.ts';
import { renderTable } from './table.ts';
import { displayWidth } from './width.ts';
import { wrapText } from './wrap.ts';

/** What may be drawn: colour or none, and how wide. */
export interface TerminalOptions {
  readonly colour: boolean;
  /** Columns of a line; only one word to copy that is longer by itself stands out. */
  readonly width: number;
}

interface Context {
  readonly style: Style;
  readonly width: number;
  /** Spaces before every line. */
  readonly margin: string;
}

/** The document as text for a terminal, without a final newline. */
export function renderDocument(document: Document, options: TerminalOptions): string {
  const context = { style: createStyle(options), width: options.width, margin: '' };
  const first = context.style.bold(wrapped(document.first, context));
  return [first, ...document.parts.map((part) => partText(part, context))].join('\n\n');
}

function partText(part: Part, context: Context): string {
  const { style, width } = context;
  switch (part.part) {
    case 'heading':
      return style.bold(wrapped(part.text.toUpperCase(), context));
    case 'text':
      return paintOf(part.tone, style)(wrapped(part.text, context));
    case 'list':
      return part.items
        .map((item, index) => itemText(item, part.numbered === true ? index + 1 : 0, context))
        .join('\n');
    case 'table':
      return renderTable({ columns: part.columns, rows: part.rows, width, paintHeader: style.bold });
  }
}

/** The item and what belongs to it; a number above 0 is put before it, else a dash. */
function itemText(item: Item, number: number, context: Context): string {
  const bullet = number > 0 ? `${String(number)}. `.padStart(4) : '- ';
  const inner = { ...context, margin: context.margin + ' '.repeat(bullet.length) };
  const paint = paintOf(item.tone, context.style);
  return [
    paint(wrapped(item.text, inner, context.margin + bullet)),
    ...(item.command === undefined ? [] : [commandLines(item, inner)]),
    ...(item.items ?? []).map((each) => itemText(each, 0, inner)),
  ].join('\n');
}

function commandLines({ command = [], note }: Item, context: Context): string {
  const text = context.style.cyan(commandText(command, context));
  return note === undefined ? text : `${text}\n${wrapped(note, context)}`;
}

/** The command for a POSIX shell, continued over lines where it is too long for one. */
function commandText(words: readonly string[], { margin, width }: Context): string {
  const lines: string[] = [];
  let line = margin;
  for (const word of words.map((each) => escapeTerminal(commandWord(each)))) {
    const longer = line.trim() === '' ? `${line}${word}` : `${line} ${word}`;
    if (displayWidth(longer) > width - 2 && line.trim() !== '') {
      lines.push(`${line} \\`);
      line = `${margin}  ${word}`;
    } else line = longer;
  }
  return [...lines, line].join('\n');
}

/** Words longer than a line are cut, but for an address that stands alone: cut, it could not be followed. */
function wrapped(text: string, { width, margin }: Context, indent = margin): string {
  const breakWords = !/^https:\/\/\S+$/.test(text);
  return wrapText(escapeTerminal(text), { width, indent, hanging: margin, breakWords });
}

function paintOf(tone: Tone | undefined, style: Style): Paint {
  switch (tone) {
    case 'bad':
      return style.red;
    case 'warn':
      return style.yellow;
    case 'good':
      return style.green;
    case 'plain':
    case undefined:
      return (text) => text;
  }
}
