const BLANKS = /[ \t\r\n]*/y;
const LITERAL = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?|true|false|null/y;
const ESCAPE = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y;
const COLON = /[ \t\r\n]*:/y;

/** What may stand next in a list or an object, and at the top. */
type Wanted = 'value' | 'value or end' | 'key' | 'key or end' | 'comma or end';

/**
 * The offset at which a JSON text stops being JSON; its length where it is cut short or holds no fault. The messages of
 * the engine quote the text around the fault, which may be anybody's secret, so only the place is told.
 */
export function faultOffset(text: string): number {
  const open: string[] = [];
  let wanted: Wanted = 'value';
  let at = 0;
  for (;;) {
    at = endOf(BLANKS, text, at) ?? at;
    const letter = text[at];
    const inside = open.at(-1);
    if (letter === undefined) return at;
    if (letter === inside && wanted.endsWith('end')) {
      open.pop();
      at += 1;
      wanted = 'comma or end';
    } else if (wanted === 'comma or end') {
      if (letter !== ',' || inside === undefined) return at;
      at += 1;
      wanted = inside === '}' ? 'key' : 'value';
    } else if (wanted.startsWith('key')) {
      const end = endOfKey(text, at);
      if (end === undefined) return at;
      at = end;
      wanted = 'value';
    } else if (letter === '{' || letter === '[') {
      open.push(letter === '{' ? '}' : ']');
      at += 1;
      wanted = letter === '{' ? 'key or end' : 'value or end';
    } else {
      const end = letter === '"' ? endOfString(text, at) : endOf(LITERAL, text, at);
      if (end === undefined) return at;
      at = end;
      wanted = 'comma or end';
    }
  }
}

function endOfKey(text: string, at: number): number | undefined {
  const end = endOfString(text, at);
  return end === undefined ? undefined : endOf(COLON, text, end);
}

function endOfString(text: string, at: number): number | undefined {
  if (text[at] !== '"') return undefined;
  let index = at + 1;
  while (index < text.length) {
    const letter = text.charAt(index);
    if (letter === '"') return index + 1;
    if (letter < ' ') return undefined;
    const next = letter === '\\' ? endOf(ESCAPE, text, index) : index + 1;
    if (next === undefined) return undefined;
    index = next;
  }
  return undefined;
}

/** Where a match that begins at the offset ends, or undefined. */
function endOf(pattern: RegExp, text: string, at: number): number | undefined {
  pattern.lastIndex = at;
  return pattern.test(text) ? pattern.lastIndex : undefined;
}
