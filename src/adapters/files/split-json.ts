/** One value of a JSON text, or why it ends there. Lines count from 1. */
export type JsonPart =
  { readonly line: number; readonly value: unknown } | { readonly line: number; readonly error: string };

/** The values of a text that holds one JSON value or several one after the other, as kubectl reads them. */
export function* splitJson(text: string): Generator<JsonPart> {
  const whole = parse(text);
  if ('value' in whole) {
    yield { line: 1, value: whole.value };
    return;
  }
  let start = 0;
  while (start < text.length) {
    const end = endOfValue(text, start);
    const part = text.slice(start, end ?? text.length);
    const line = lineAt(text, start + (part.length - part.trimStart().length));
    start = end ?? text.length;
    if (part.trim() === '') return;
    const parsed = parse(part);
    if ('error' in parsed) {
      yield { line, error: parsed.error };
      return;
    }
    yield { line, value: parsed.value };
  }
}

function parse(text: string): { readonly value: unknown } | { readonly error: string } {
  try {
    return { value: JSON.parse(text) as unknown };
  } catch (error) {
    return { error: error instanceof Error ? error.message.replaceAll(/\s+/g, ' ').slice(0, 160) : String(error) };
  }
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
