import { displayWidth, takeWidth } from './width.ts';

export interface WrapOptions {
  /** Columns of a line, indentation included. */
  readonly width: number;
  /** Put before the first line; counted as part of it. */
  readonly indent?: string;
  /** Put before every further line; the indentation of the first unless given. */
  readonly hanging?: string;
  /** Cut words longer than a line; without it they stand out, so that a command or URL can still be copied. */
  readonly breakWords?: boolean;
}

/** The text in lines of at most so many columns, broken at spaces; runs of white space count as one. At least one line. */
export function wrapLines(text: string, options: WrapOptions): readonly string[] {
  const indent = options.indent ?? '';
  const hanging = options.hanging ?? indent;
  const room = Math.max(1, options.width - Math.max(displayWidth(indent), displayWidth(hanging)));
  const lines: string[] = [];
  let line = '';
  for (const word of pieces(text, options.breakWords === true ? room : Infinity)) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (line !== '' && displayWidth(longer) > room) {
      lines.push(line);
      line = word;
    } else line = longer;
  }
  lines.push(line);
  return lines.map((content, index) => `${index === 0 ? indent : hanging}${content}`);
}

/** As `wrapLines`, joined with newlines. */
export function wrapText(text: string, options: WrapOptions): string {
  return wrapLines(text, options).join('\n');
}

function pieces(text: string, room: number): readonly string[] {
  return text
    .split(/\s+/)
    .filter((word) => word !== '')
    .flatMap((word) => cut(word, room));
}

function cut(word: string, room: number): readonly string[] {
  const parts: string[] = [];
  let rest = word;
  while (displayWidth(rest) > room) {
    // A double-width character may not fit into a line of one column: it is taken all the same, or this would not end.
    const fitting = takeWidth(rest, room);
    const head = fitting === '' ? (Array.from(rest)[0] ?? rest) : fitting;
    parts.push(head);
    rest = rest.slice(head.length);
  }
  return rest === '' ? parts : [...parts, rest];
}
