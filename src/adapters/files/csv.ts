/** One record of a CSV file with the line, from 1, on which it begins. */
export interface CsvRecord {
  readonly line: number;
  readonly fields: readonly string[];
}

/**
 * The records of an RFC 4180 text; blank lines are left out. Throws an Error naming the line of a quote that is not
 * closed or stands inside a field.
 */
export function* parseCsv(text: string): Generator<CsvRecord> {
  let offset = 0;
  let line = 1;
  while (offset < text.length) {
    const start = line;
    const fields: string[] = [];
    for (;;) {
      const field = readField(text, offset, line);
      fields.push(field.value);
      line += field.lineBreaks;
      offset = field.end + 1;
      if (text[field.end] !== ',') break;
    }
    if (text[offset - 1] === '\r' && text[offset] === '\n') offset += 1;
    line += 1;
    if (fields.length > 1 || fields[0] !== '') yield { line: start, fields };
  }
}

interface Field {
  readonly value: string;
  /** Offset of the comma, line break or end behind the field. */
  readonly end: number;
  readonly lineBreaks: number;
}

function readField(text: string, start: number, line: number): Field {
  if (text[start] === '"') return readQuoted(text, start, line);
  const found = /[,\r\n]/g;
  found.lastIndex = start;
  const end = found.exec(text)?.index ?? text.length;
  const value = text.slice(start, end);
  if (value.includes('"')) throw new Error(`line ${String(line)}: a quote inside a field that is not quoted`);
  return { value, end, lineBreaks: 0 };
}

function readQuoted(text: string, start: number, line: number): Field {
  let close = text.indexOf('"', start + 1);
  while (close >= 0 && text[close + 1] === '"') close = text.indexOf('"', close + 2);
  if (close < 0) throw new Error(`line ${String(line)}: a quote that is not closed`);
  const next = text[close + 1];
  if (next !== undefined && !/[,\r\n]/.test(next)) throw new Error(`line ${String(line)}: text behind a closing quote`);
  const raw = text.slice(start + 1, close);
  return { value: raw.replaceAll('""', '"'), end: close + 1, lineBreaks: raw.split('\n').length - 1 };
}
