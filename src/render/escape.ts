/** Control characters, invisible format characters (bidirectional overrides, zero widths), line separators and lone surrogates. */
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;

/** Text whose every control, bidirectional, invisible and newline character is spelled out as `\u{hex}`, so that no name can move a cursor, recolour or reorder what a terminal shows. */
export function escapeTerminal(text: string): string {
  return text.replace(UNPRINTABLE, (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`);
}

/** JSON text that parses to the same value, with what JSON leaves bare and a terminal or editor acts on written as `\uXXXX`. */
export function escapeJson(json: string): string {
  return json.replace(/[\p{Cf}\p{Zl}\p{Zp}\u007f-\u009f]/gu, (character) =>
    Array.from({ length: character.length }, (_, unit) => unicodeEscape(character.charCodeAt(unit))).join(''),
  );
}

function unicodeEscape(codeUnit: number): string {
  return `\\u${codeUnit.toString(16).padStart(4, '0')}`;
}

/** Text for running Markdown and for a table cell: shown as it is, never markup, always on one line. */
export function escapeMarkdown(text: string): string {
  return escapeTerminal(text)
    .replace(/[\\`*_[\]<>|~&]/g, String.raw`\$&`)
    .replace(/^(\s*)([#+=-])/, String.raw`$1\$2`)
    .replace(/^(\s*\d+)([.)])/, String.raw`$1\$2`);
}

/** Text as a Markdown code span for running text and table cells, with a fence longer than any run of backticks in it. */
export function markdownCode(text: string): string {
  const visible = escapeTerminal(text);
  if (visible.trim() === '') return '` `';
  const longest = Math.max(0, ...(visible.match(/`+/g) ?? []).map((run) => run.length));
  const fence = '`'.repeat(longest + 1);
  const padding = /^[` ]|[` ]$/.test(visible) ? ' ' : '';
  // A table is split into cells before code spans are read, so that a bar needs its backslash even here.
  return `${fence}${padding}${visible.replaceAll('|', String.raw`\|`)}${padding}${fence}`;
}

const HTML_ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Text for HTML content and for a quoted attribute value; unprintable characters are spelled out as on a terminal. */
export function escapeHtml(text: string): string {
  return escapeTerminal(text).replace(/[&<>"']/g, (character) => HTML_ENTITIES[character] ?? character);
}

/** One word for a POSIX shell: bare where nothing in it is special, else in single quotes. NUL, which no argument can hold, becomes U+FFFD. */
export function shellQuote(word: string): string {
  // A word that begins with a dash can be no assignment, so that = is safe in it.
  if (/^(?:[A-Za-z0-9_./:@%+,-]+|-[A-Za-z0-9_./:@%+,=-]+)$/.test(word)) return word;
  return `'${word.replaceAll('\0', '\uFFFD').replaceAll("'", String.raw`'\''`)}'`;
}

/** Longest segment returned, in bytes; leaves room for a prefix and an extension below the 255 of common file systems. */
const LONGEST_SEGMENT = 200;

/** One file or folder name for any text: never empty, hidden, `..`, a separator or a name that Windows reserves; different texts give different names. What is not plain is percent-encoded. */
export function safePathSegment(text: string): string {
  const encoded = Array.from(text, (character) => (/[A-Za-z0-9._-]/.test(character) ? character : percent(character)));
  const first = encoded[0] ?? '%';
  const reserved = /^(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)/i.test(text);
  if (first === '.' || reserved) encoded[0] = percent(first);
  if (encoded.length > 1 && encoded.at(-1) === '.') encoded[encoded.length - 1] = percent('.');
  const segment = encoded.join('');
  if (segment === '') return '%';
  if (segment.length <= LONGEST_SEGMENT) return segment;
  return `${segment.slice(0, LONGEST_SEGMENT - 24)}%~${digest(segment)}`;
}

function percent(character: string): string {
  return [...new TextEncoder().encode(character)]
    .map((byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`)
    .join('');
}

/** Sixteen hex digits from two FNV-1a lanes: tells long names apart, is no protection against a chosen collision. */
function digest(text: string): string {
  return [0x811c9dc5, 0x050c5d1f]
    .map((seed) => {
      let hash = seed;
      for (let index = 0; index < text.length; index += 1) {
        hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
      }
      return (hash >>> 0).toString(16).padStart(8, '0');
    })
    .join('');
}
