import { readFileSync } from 'node:fs';
import { usageError } from '../../lib/errors.ts';
import type { CallsFile } from '../../domain/calls/call.ts';
import { asBoolean, asObject, asText, at } from '../../lib/json.ts';
import { parseCsv } from './csv.ts';
import { faultOffset } from './json-fault.ts';
import { toRow, WRITTEN_TEXTS } from './seen-call.ts';
import { inWords } from './system-error.ts';

const REQUIRED = ['client', 'service', 'port'] as const;
const COLUMNS: readonly string[] = [...WRITTEN_TEXTS, ...REQUIRED, 'count'];

/**
 * Reads observed calls from CSV with a header, or JSON: `{window: {from, to}, seesUnmeshed, calls: [...]}` or a bare
 * list. In CSV, `# window: FROM/TO` and `# sees-unmeshed: true` may stand before the header. A row that cannot be
 * understood is a usage error naming its line.
 */
export function readCalls(file: string): CallsFile {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw usageError('calls-not-readable', `${file}: ${inWords(error)}`, 'check the path given with --calls');
  }
  return parseCalls(text.replace(/^\uFEFF/, ''), file);
}

/** The same for a text that was read already; `source` names it in errors. */
export function parseCalls(text: string, source: string): CallsFile {
  try {
    return /^\s*[[{]/.test(text) ? fromJson(text, source) : fromCsv(text, source);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw usageError(
      'bad-calls-file',
      `${source}: ${reason}`,
      `its columns are ${COLUMNS.join(', ')}; client, service and port are required`,
    );
  }
}

/** The engine's own messages quote the text around a fault. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    const line = text.slice(0, faultOffset(text)).split('\n').length;
    throw new Error(`line ${String(line)}: not JSON`);
  }
}

function fromJson(text: string, source: string): CallsFile {
  const document = parseJson(text);
  const calls: unknown = Array.isArray(document) ? document : at(document, 'calls');
  if (!Array.isArray(calls)) throw new Error('no list of calls');
  const rows = calls.map((call, index) =>
    toRow(asObject(call) ?? {}, `call ${String(index + 1)}`, `${source}:${String(index + 1)}`),
  );
  const [from, to] = [asText(at(document, 'window', 'from')), asText(at(document, 'window', 'to'))];
  const seesUnmeshed = asBoolean(at(document, 'seesUnmeshed')) ?? false;
  if (from === undefined || to === undefined) return { source, seesUnmeshed, rows };
  return { source, window: checkWindow(from, to), seesUnmeshed, rows };
}

function fromCsv(text: string, source: string): CallsFile {
  const comments = /^(?:[ \t]*#.*(?:\r?\n|$))*/.exec(text)?.[0] ?? '';
  const skipped = comments.split('\n').length - 1;
  const [header, ...records] = parseCsv('\n'.repeat(skipped) + text.slice(comments.length));
  if (header === undefined) throw new Error('no header line');
  const names = header.fields.map((name) => name.trim());
  const unknownName = names.find((name) => !COLUMNS.includes(name));
  if (unknownName !== undefined)
    throw new Error(`line ${String(header.line)}: unknown column "${unknownName.slice(0, 60)}"`);
  const missing = REQUIRED.find((name) => !names.includes(name));
  if (missing !== undefined) throw new Error(`line ${String(header.line)}: no column "${missing}"`);
  const rows = records.map(({ line, fields }) => {
    if (fields.length > names.length) throw new Error(`line ${String(line)}: more fields than columns`);
    return toRow(
      Object.fromEntries(names.map((name, index) => [name, fields[index] ?? ''])),
      `line ${String(line)}`,
      `${source}:${String(line)}`,
    );
  });
  const window = /^[ \t]*#\s*window:\s*([^\s/]+)\/(\S+)/m.exec(comments);
  const seesUnmeshed = /^[ \t]*#\s*sees-unmeshed:\s*true\b/m.test(comments);
  if (window === null) return { source, seesUnmeshed, rows };
  return { source, window: checkWindow(window[1] ?? '', window[2] ?? ''), seesUnmeshed, rows };
}

/** The span of time between two RFC 3339 times; throws an Error where they are none. */
export function checkWindow(from: string, to: string): { from: string; to: string } {
  const [start, end] = [Date.parse(from), Date.parse(to)];
  if (Number.isNaN(start) || Number.isNaN(end) || start >= end)
    throw new Error(`the window ${from}/${to} is no span of time`);
  return { from, to };
}
