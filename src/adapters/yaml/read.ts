import { YAMLException, constructFromEvents, parseEvents } from 'js-yaml';
import { refuseAliases } from './aliases.ts';
import { kubectlSchema } from './schema.ts';
import type { Notes } from './schema.ts';
import { splitDocuments } from './split.ts';
import type { DocumentText } from './split.ts';

/** One document of a YAML file, or why kubectl would refuse it. Lines and columns count from 1 in the whole file. */
export type YamlDocument =
  | { readonly line: number; readonly value: unknown; readonly warnings: readonly string[] }
  | { readonly line: number; readonly error: YamlError };

/** Why a document cannot be read, and where. */
export interface YamlError {
  readonly message: string;
  readonly line: number;
  readonly column: number;
  /** The text looks like a Go or Helm template that nobody rendered. */
  readonly template: boolean;
}

const DEEPEST = 400;
const MOST_REPAIRS = 1000;
/** A field's or a label's name, which tells where to look; any other key may be somebody's data. */
const FIELD_NAME = /^(?=.{1,63}$)([a-z]+([A-Z][a-z]+)*|[a-z-]+(\.[a-z-]+)+\/[a-z-]+)$/;
const HAS_ALIAS = /(^|[\s[{,:-])\*[^\s]/m;

/** Reads the documents of a YAML file one after the other, each as kubectl reads it; a bad one does not end the file. */
export function* readYaml(file: string): Generator<YamlDocument> {
  const text = file.charCodeAt(0) === 0xfeff ? file.slice(1) : file;
  for (const document of splitDocuments(text)) yield readDocument(document);
}

/** The value of a YAML text of one document, as in a ConfigMap or an annotation; throws an Error if there is none. */
export function parseYaml(text: string): unknown {
  for (const document of readYaml(text)) {
    if ('error' in document) throw new Error(document.error.message);
    return document.value;
  }
  return null;
}

function readDocument(document: DocumentText): YamlDocument {
  const { text, line, afterSeparator } = document;
  const template = text.includes('{{') || afterSeparator?.includes('{{') === true;
  if (afterSeparator !== undefined) {
    const message = 'invalid document separator: more than --- on its line';
    return { line, error: { message, line: line - 1, column: 1, template } };
  }
  const notes: Notes = { duplicateKeys: [], mergedKeys: 0 };
  try {
    const value = parse(text, notes);
    const refusal = HAS_ALIAS.test(text) ? refuseAliases(value) : undefined;
    if (refusal !== undefined) return { line, error: { message: refusal, line, column: 1, template: false } };
    return { line: line + firstContentLine(text), value, warnings: warningsOf(notes) };
  } catch (error) {
    return { line, error: errorOf(error, document, template) };
  }
}

function errorOf(error: unknown, { text, line }: DocumentText, template: boolean): YamlError {
  const message = withoutContent(error instanceof YAMLException ? error.reason : messageOf(error));
  const mark = error instanceof YAMLException ? error.mark : undefined;
  if (mark !== undefined && mark.position > 0)
    return { message, line: line + mark.line, column: mark.column + 1, template };
  const before = text.slice(0, Math.max(0, text.indexOf('{{')));
  return {
    message,
    line: line + before.split('\n').length - 1,
    column: before.length - before.lastIndexOf('\n'),
    template,
  };
}

/** The parser quotes tags, aliases and values of the file, and keeps its own words before them. */
function withoutContent(message: string): string {
  return /^.*?(?=\s*(?:["<]|!<|: |$))/.exec(message)?.[0] ?? 'not readable';
}

function messageOf(error: unknown): string {
  return error instanceof RangeError ? 'nested too deeply' : error instanceof Error ? error.message : String(error);
}

/**
 * Parses one document. js-yaml refuses continuation lines of quoted scalars and flow collections that are indented
 * less than their parent, which kubectl reads; leading blanks mean nothing there, so each such line gets more of them.
 */
function parse(text: string, notes: Notes): unknown {
  let source = text;
  for (let repairs = 0; ; repairs += 1) {
    try {
      const events = parseEvents(source, { maxDepth: DEEPEST });
      return constructFromEvents(events, { source, schema: kubectlSchema(notes), json: true })[0] ?? null;
    } catch (error) {
      const line = deficientLine(error);
      if (line === undefined || repairs === MOST_REPAIRS) throw error;
      source = indentLine(source, line);
    }
  }
}

function deficientLine(error: unknown): number | undefined {
  if (!(error instanceof YAMLException) || error.reason !== 'deficient indentation') return undefined;
  return error.mark?.line;
}

function indentLine(text: string, line: number): string {
  let start = 0;
  for (let passed = 0; passed < line; passed += 1) start = text.indexOf('\n', start) + 1;
  return `${text.slice(0, start)}${' '.repeat(DEEPEST)}${text.slice(start)}`;
}

function firstContentLine(text: string): number {
  const match = /^[^\S\n]*[^\s#]/m.exec(text);
  if (match === null) return 0;
  return text.slice(0, match.index).split('\n').length - 1;
}

function warningsOf(notes: Notes): readonly string[] {
  const names = notes.duplicateKeys.map((key) => (FIELD_NAME.test(key) ? `key "${key}"` : 'a key'));
  return [...new Set(names)].slice(0, 3).map((name) => `${name} occurs twice; the last one is used`);
}
