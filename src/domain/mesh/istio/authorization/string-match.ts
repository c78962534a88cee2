/** A pattern in the common string form, taken apart. */
export interface TextPattern {
  readonly kind: 'present' | 'suffix' | 'prefix' | 'exact';
  readonly text: string;
}

/**
 * Reads the string form that most fields share: `*` is any non-empty text, `*x` a suffix, `x*` a prefix, and anything
 * else exact; a star elsewhere is a star. Source: istio pilot/pkg/security/authz/matcher/string.go.
 */
export function parsePattern(pattern: string): TextPattern {
  if (pattern === '*') return { kind: 'present', text: '' };
  if (pattern.startsWith('*')) return { kind: 'suffix', text: pattern.slice(1) };
  if (pattern.endsWith('*')) return { kind: 'prefix', text: pattern.slice(0, -1) };
  return { kind: 'exact', text: pattern };
}

/** Whether text matches a pattern in the common string form, case-sensitively. */
export function matchesPattern(pattern: string, text: string): boolean {
  return matchesParsed(parsePattern(pattern), text);
}

/** Whether text matches a pattern that was taken apart. */
export function matchesParsed(parsed: TextPattern, text: string): boolean {
  switch (parsed.kind) {
    case 'present':
      return text !== '';
    case 'suffix':
      return text.endsWith(parsed.text);
    case 'prefix':
      return text.startsWith(parsed.text);
    case 'exact':
      return text === parsed.text;
  }
}

/**
 * Whether an authority, port included, matches a `hosts` value; case does not count.
 * Source: istio pilot/pkg/security/authz/matcher/header.go, HostMatcher.
 */
export function matchesHost(pattern: string, authority: string): boolean {
  return matchesPattern(pattern.toLowerCase(), authority.toLowerCase());
}

/** Whether the whole text matches a pattern in which each star stands for any text, empty text included. */
export function matchesGlob(pattern: string, text: string): boolean {
  const pieces = pattern.split('*');
  const first = pieces[0] ?? '';
  const last = pieces.at(-1) ?? '';
  if (pieces.length === 1) return text === pattern;
  if (!text.startsWith(first) || !text.endsWith(last) || text.length < first.length + last.length) return false;
  const end = text.length - last.length;
  let from = first.length;
  for (const piece of pieces.slice(1, -1)) {
    const found = text.indexOf(piece, from);
    if (found < 0 || found + piece.length > end) return false;
    from = found + piece.length;
  }
  return true;
}
