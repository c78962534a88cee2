import { escapeMarkdown, escapeTerminal, markdownCode } from '../escape.ts';

/** Markdown whose every foreign text is escaped already: a template puts it in as it is. */
export interface Markdown {
  readonly markdown: string;
}

/** Marks text as finished Markdown; the caller has escaped what came from outside. */
export function markdown(text: string): Markdown {
  return { markdown: text };
}

/** Text as a code span. */
export function code(text: string): Markdown {
  return markdown(markdownCode(text));
}

/** Lines in a code block with a fence that none of them can close; control characters are spelled out. */
export function codeBlock(language: 'sh' | 'promql' | 'yaml' | 'mermaid', lines: readonly string[]): Markdown {
  const visible = lines.map(escapeTerminal);
  const longest = Math.max(2, ...visible.flatMap((line) => line.match(/`+/g) ?? []).map((run) => run.length));
  const fence = '`'.repeat(longest + 1);
  return markdown([`${fence}${language}`, ...visible, fence].join('\n'));
}

/** The Markdown moved to the right, to stand inside a list item. */
export function indented({ markdown: text }: Markdown, spaces: number): Markdown {
  return markdown(text.replace(/^(?=.)/gm, ' '.repeat(spaces)));
}

/** Text for a place where Markdown is put together by hand: shown as it is, on one line. */
export function plain(text: string): Markdown {
  return markdown(escapeMarkdown(text));
}

/** A link to a file of the bundle; the path is made of safe segments. */
export function link(text: string, path: string): Markdown {
  return markdown(`[${escapeMarkdown(text)}](${path.replaceAll('%', '%25')})`);
}

/** The pieces with a separator between them. */
export function joined(pieces: readonly Markdown[], separator: string): Markdown {
  return markdown(pieces.map((piece) => piece.markdown).join(separator));
}

/** A rendered page without the holes that left-out sections leave, and with one newline at its end. */
export function page(text: string): string {
  return `${text
    .replace(/[ \t]+$/gm, '')
    .replace(/\n{3,}/g, '\n\n')
    .trim()}\n`;
}
