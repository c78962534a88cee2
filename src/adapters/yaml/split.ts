/** The text of one document of a YAML file. */
export interface DocumentText {
  readonly text: string;
  /** Line of the file, from 1, on which the text begins. */
  readonly line: number;
  /** The document follows a separator that kubectl refuses, such as `--- {a: 1}`; this is what stood behind it. */
  readonly afterSeparator?: string;
}

/**
 * Splits a YAML file into documents as kubectl does: a line that begins with `---` always ends one, even inside a
 * block scalar. Documents of blanks and comments only are left out.
 * @see https://github.com/kubernetes/apimachinery/blob/master/pkg/util/yaml/decoder.go
 */
export function* splitDocuments(file: string): Generator<DocumentText> {
  let start = 0;
  let line = 1;
  let rest: string | undefined;
  for (;;) {
    const separator = nextSeparator(file, start);
    const text = file.slice(start, separator ?? file.length);
    if (rest !== undefined || hasContent(text)) {
      yield { text, line, ...(rest === undefined ? {} : { afterSeparator: rest }) };
    }
    if (separator === undefined) return;
    const end = endOfLine(file, separator);
    line += countLines(text) + 1;
    const behind = file.slice(separator + 3, end).trim();
    rest = behind === '' || behind.startsWith('#') ? undefined : behind;
    start = Math.min(end + 1, file.length);
  }
}

function nextSeparator(file: string, from: number): number | undefined {
  if (file.startsWith('---', from)) return from;
  const found = file.indexOf('\n---', from);
  return found < 0 ? undefined : found + 1;
}

function endOfLine(file: string, from: number): number {
  const end = file.indexOf('\n', from);
  return end < 0 ? file.length : end;
}

function countLines(text: string): number {
  let count = 0;
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) count += 1;
  return count;
}

function hasContent(text: string): boolean {
  return /^[^\S\n]*[^\s#]/m.test(text);
}
