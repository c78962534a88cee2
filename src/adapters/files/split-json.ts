import { faultOffset } from './json-fault.ts';

/** One value of a JSON text, or why it ends there. Lines count from 1. */
export type JsonPart =
  { readonly line: number; readonly value: unknown } | { readonly line: number; readonly error: string };

/** The values of a text that holds one JSON value or several one after the other, as kubectl reads them. */
export function* splitJson(text: string): Generator<JsonPart> {
  const whole = parse(text);
  if (whole !== undefined) {
    yield { line: 1, value: whole.value };
    return;
  }
  let start = 0;
  while (start < text.length) {
    const end = endOfValue(text, start);
    const part = text.slice(start, end ?? text.length);
    if (part.trim() === '') return;
    const begin = start + (part.length - part.trimStart().length);
    const parsed = parse(part);
    if (parsed === undefined) {
      yield faultIn(text, begin, part.trimStart());
      return;
    }
    yield { line: lineAt(text, begin), value: parsed.value };
    start = end ?? text.length;
  }
}

function parse(text: string): { readonly value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) as unknown };
  } catch {
    return undefined;
  }
}

/** What is wrong with the part of the text that begins at the offset, by place alone. */
function faultIn(text: string, from: number, part: string): JsonPart {
  const within = faultOffset(part);
  const offset = from + within;
  if (part.slice(within).trim() === '') return { line: lineAt(text, from), error: 'it ends too soon' };
  const column = offset - text.lastIndexOf('\n', offset - 1);
  return { line: lineAt(text, offset), error: `unexpected text (column ${String(column)})` };
}

/** Where the object or list that begins next ends, or undefined if it never does. */
function endOfValue(text: string, from: number): number | undefined {
  let depth = 0;
  let quoted = false;
  for (let index = from; index < text.length; index += 1) {
    const letter = text[index];
    if (quoted) {
      if (letter === '\\') index += 1;
      else if (letter === '"') quoted = false;
    } else if (letter === '"') quoted = true;
    else if (letter === '{' || letter === '[') depth += 1;
    else if (letter === '}' || letter === ']') {
      depth -= 1;
      if (depth <= 0) return index + 1;
    }
  }
  return undefined;
}

function lineAt(text: string, offset: number): number {
  return text.slice(0, offset).split('\n').length;
}
