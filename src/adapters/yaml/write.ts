import { Document, isScalar, visit } from 'yaml';
import type { Manifest } from '../../domain/world/step.ts';
import { asObject } from '../../lib/json.ts';
import { compareText } from '../../lib/order.ts';
import { staysText } from './plain.ts';

/** @see https://yaml.org/spec/1.1/#c-printable with the line breaks that only YAML 1.1 knows, and the byte order mark */
const UNPRINTABLE = /[\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]/;
/** The same, and all below the space. */
const NOT_IN_COMMENTS = /[^ -\u{10ffff}]|[\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]/u;
const FIRST_KEYS = ['apiVersion', 'kind', 'metadata'];
const FIRST_METADATA = ['name', 'namespace', 'labels', 'annotations'];

/**
 * The manifest as YAML that every YAML 1.1 and 1.2 reader, kubectl among them, reads back as the same value. Keys come
 * as apiVersion, kind, metadata, then by alphabet; labels and annotations by alphabet; the rest as given. Each line of
 * the comment stands above it behind `# `.
 */
export function writeYaml(manifest: Manifest, comment?: string): string {
  return writeYamlValue(inOrder(manifest), comment);
}

/** Any JSON value as YAML, keys as given: kustomizations, gates and patches, which are no manifests. */
export function writeYamlValue(value: unknown, comment?: string): string {
  const document = new Document(value, { compat: 'yaml-1.1', aliasDuplicateObjects: false });
  visit(document, {
    Scalar(_key, node) {
      if (!isScalar(node) || typeof node.value !== 'string') return;
      // A block scalar of blanks and line breaks reads back shorter than it was.
      const needsQuotes = UNPRINTABLE.test(node.value) || node.value.includes('\n') || !staysText(node.value);
      if (needsQuotes) node.type = 'QUOTE_DOUBLE';
    },
  });
  return commentLines(comment) + escaped(document.toString({ lineWidth: 0 }));
}

/** What YAML 1.1 takes for no character or for a line break stands within double quotes alone, where it has an escape. */
function escaped(yaml: string): string {
  return yaml.replaceAll(
    new RegExp(UNPRINTABLE, 'g'),
    (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

function inOrder(manifest: Manifest): Record<string, unknown> {
  const rest = Object.keys(manifest).filter((key) => !FIRST_KEYS.includes(key));
  const keys = [...FIRST_KEYS, ...rest.sort(compareText)];
  return pick(keys, (key) => (key === 'metadata' ? metadataInOrder(manifest.metadata) : manifest[key]));
}

function metadataInOrder(metadata: Manifest['metadata']): Record<string, unknown> {
  const fields: Readonly<Record<string, unknown>> = metadata;
  const rest = Object.keys(fields).filter((key) => !FIRST_METADATA.includes(key));
  return pick([...FIRST_METADATA, ...rest.sort(compareText)], (key) => sortedMap(fields[key]));
}

function sortedMap(value: unknown): unknown {
  const map = asObject(value);
  return map === undefined ? value : pick(Object.keys(map).sort(compareText), (key) => map[key]);
}

function pick(keys: readonly string[], valueOf: (key: string) => unknown): Record<string, unknown> {
  const entries = keys.map((key) => [key, valueOf(key)] as const);
  return Object.fromEntries(entries.filter(([, value]) => value !== undefined));
}

/** Comment text is never more than a comment: every line break of YAML starts a new comment line. */
function commentLines(comment: string | undefined): string {
  if (comment === undefined || comment === '') return '';
  const lines = comment.split(/\r\n|[\n\r\u0085\u2028\u2029]/);
  const printable = (line: string): string =>
    [...line].map((letter) => (NOT_IN_COMMENTS.test(letter) ? ' ' : letter)).join('');
  return lines.map((line) => `${`# ${printable(line)}`.trimEnd()}\n`).join('');
}
