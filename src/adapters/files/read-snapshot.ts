import { closeSync, openSync, readSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { constants, createGunzip, gunzipSync } from 'node:zlib';
import type { CallsFile, SeenCall } from '../../domain/calls/call.ts';
import type { KubeObject } from '../../domain/kubernetes/object.ts';
import { readmit } from '../../domain/world/admit.ts';
import type { Basis, CoverageEntry, CoverageState } from '../../domain/world/coverage.ts';
import type { Fact } from '../../domain/world/fact.ts';
import { known, unknown } from '../../domain/world/fact.ts';
import { AppError, usageError } from '../../lib/errors.ts';
import type { JsonObject } from '../../lib/json.ts';
import { asBoolean, asNumber, asObject, asObjects, asText, asTexts, at } from '../../lib/json.ts';
import { checkWindow } from './read-calls.ts';
import { toSeenCall } from './seen-call.ts';
import { SET_ASIDE_CODES } from './reading.ts';
import type { SetAside } from './reading.ts';
import { SNAPSHOT_FORM } from './write-snapshot.ts';

/** A snapshot as it was read back. */
export interface Snapshot {
  readonly objects: readonly KubeObject[];
  readonly calls: readonly CallsFile[];
  readonly basis: Basis;
  readonly coverage: readonly CoverageEntry[];
  readonly cluster: string;
  readonly asOf: Fact<string>;
  readonly kubernetesVersion: Fact<string>;
  readonly setAside: readonly SetAside[];
  readonly gaps: readonly string[];
  readonly warnings: readonly string[];
  readonly secretsSeen: number;
  readonly conflicts: number;
}

/** How the bytes of a snapshot are compressed. */
export type SnapshotCompression = 'none' | 'gzip';

const START = /^\{"apiVersion":"meshwise\.dev\/v1alpha1","kind":"Snapshot"/;
const BASES: readonly Basis[] = ['live', 'snapshot', 'dump', 'declared'];
const STATES: readonly CoverageState[] = ['read', 'partial', 'forbidden', 'absent', 'unread'];

/** How a file is compressed that begins as a snapshot does, whatever its name; undefined for any other file. */
export function snapshotCompression(head: Uint8Array): SnapshotCompression | undefined {
  const compressed = head[0] === 0x1f && head[1] === 0x8b;
  const text = Buffer.from(compressed ? gunzipStart(head) : head.subarray(0, 200)).toString('utf8');
  if (!START.test(text)) return undefined;
  return compressed ? 'gzip' : 'none';
}

/** The first bytes of a file, enough to tell a snapshot. */
export function headOf(file: string): Uint8Array {
  const start = Buffer.alloc(4096);
  const descriptor = openSync(file, 'r');
  try {
    return start.subarray(0, readSync(descriptor, start, 0, start.length, 0));
  } finally {
    closeSync(descriptor);
  }
}

function gunzipStart(head: Uint8Array): Uint8Array {
  try {
    return gunzipSync(head, { finishFlush: constants.Z_SYNC_FLUSH, maxOutputLength: 16 * 1024 * 1024 });
  } catch {
    return new Uint8Array();
  }
}

/** Reads a snapshot line by line; a damaged or newer one is a usage error that names the file. */
export async function readSnapshot(
  content: Readable,
  file: string,
  compression: SnapshotCompression,
): Promise<Snapshot> {
  const lines: LineState = { header: undefined, objects: [], calls: [], line: 0 };
  const consume = async (source: AsyncIterable<unknown>): Promise<void> => {
    for await (const text of createInterface({ input: Readable.from(source), crlfDelay: Infinity }))
      takeLine(text, file, lines);
  };
  try {
    await (compression === 'gzip' ? pipeline(content, createGunzip(), consume) : pipeline(content, consume));
  } catch (error) {
    if (error instanceof AppError) throw error;
    damaged(file, lines.line);
  }
  const { header, objects, calls } = lines;
  const complete = objects.length === header?.['objectCount'] && calls.length === header['callCount'];
  const whole = complete ? header : damaged(file, lines.line);
  return { ...fromHeader(whole), objects, calls: callsFiles(whole, calls, file) };
}

interface LineState {
  header: JsonObject | undefined;
  readonly objects: KubeObject[];
  readonly calls: JsonObject[];
  line: number;
}

function takeLine(text: string, file: string, lines: LineState): void {
  lines.line += 1;
  const value = parseLine(text, file, lines.line);
  if (lines.header === undefined) lines.header = checkHeader(value, file);
  else if ('call' in value) lines.calls.push(asObject(value['call']) ?? damaged(file, lines.line));
  else lines.objects.push(readmit(asObject(value['object']) ?? {}) ?? damaged(file, lines.line));
}

function parseLine(text: string, file: string, line: number): JsonObject {
  try {
    return asObject(JSON.parse(text)) ?? damaged(file, line);
  } catch {
    return damaged(file, line);
  }
}

function damaged(file: string, line: number): never {
  const where = line === 0 ? file : `${file}:${String(line)}`;
  throw usageError('damaged-snapshot', `${where}: the snapshot is damaged or cut short`, 'take it again with --save');
}

function checkHeader(header: JsonObject, file: string): JsonObject {
  const form = asNumber(header['form']) ?? 0;
  if (form <= SNAPSHOT_FORM) return header;
  throw usageError(
    'newer-snapshot',
    `${file}: the snapshot was written by a newer meshwise`,
    'update meshwise, or take it again',
  );
}

function fromHeader(header: JsonObject): Omit<Snapshot, 'objects' | 'calls'> {
  return {
    basis: BASES.find((basis) => basis === header['basis']) ?? 'dump',
    coverage: asObjects(header['coverage']).flatMap(coverageEntry),
    cluster: asText(header['cluster']) ?? 'snapshot',
    asOf: factOf(header['takenAt']),
    kubernetesVersion: factOf(header['kubernetesVersion']),
    setAside: asObjects(header['setAside']).flatMap(setAsideOf),
    gaps: asTexts(header['gaps']),
    warnings: asTexts(header['warnings']),
    secretsSeen: asNumber(header['secretsSeen']) ?? 0,
    conflicts: asNumber(header['conflicts']) ?? 0,
  };
}

/** The calls with those who saw them; a call without a watcher or that is none makes the snapshot a damaged one. */
function callsFiles(header: JsonObject, calls: readonly JsonObject[], file: string): readonly CallsFile[] {
  const watched = asObjects(header['watched']).map((raw) => watcherOf(raw, file));
  const rows = watched.map((): SeenCall[] => []);
  const firstLine = (asNumber(header['objectCount']) ?? 0) + 2;
  try {
    for (const [index, call] of calls.entries()) {
      const [watch, source] = [asNumber(call['watch']) ?? -1, asText(call['source']) ?? file];
      const seen = rows[watch] ?? damaged(file, firstLine + index);
      seen.push(toSeenCall(call, 'call', source));
    }
    return watched.map((watcher, index) => ({ ...watcher, rows: rows[index] ?? [] }));
  } catch (error) {
    if (error instanceof AppError) throw error;
    return damaged(file, 0);
  }
}

function watcherOf(raw: JsonObject, file: string): Omit<CallsFile, 'rows'> {
  const source = asText(raw['source']) ?? file;
  const seesUnmeshed = asBoolean(raw['seesUnmeshed']) ?? false;
  const gaps = asTexts(raw['gaps']);
  const watcher = { source, seesUnmeshed, ...(gaps.length === 0 ? {} : { gaps }) };
  const [from, to] = [asText(at(raw, 'window', 'from')), asText(at(raw, 'window', 'to'))];
  return from === undefined || to === undefined ? watcher : { ...watcher, window: checkWindow(from, to) };
}

function setAsideOf(raw: JsonObject): SetAside[] {
  const [file, reason, line] = [asText(raw['file']), asText(raw['reason']), asNumber(raw['line'])];
  const code = SET_ASIDE_CODES.find((one) => one === raw['code']);
  if (file === undefined || reason === undefined || code === undefined) return [];
  return [{ file, ...(line === undefined ? {} : { line }), code, reason }];
}

function factOf(value: unknown): Fact<string> {
  const text = asText(at(value, 'value'));
  return text === undefined ? unknown(asText(at(value, 'reason')) ?? 'the snapshot does not say') : known(text);
}

function coverageEntry(raw: JsonObject): CoverageEntry[] {
  const [kind, reason] = [asText(raw['kind']), asText(raw['reason'])];
  const state = STATES.find((one) => one === raw['state']);
  if (kind === undefined || state === undefined) return [];
  const optional = {
    ...(reason === undefined ? {} : { reason }),
    ...(Array.isArray(raw['namespaces']) ? { namespaces: asTexts(raw['namespaces']) } : {}),
    ...(Array.isArray(raw['names']) ? { names: asTexts(raw['names']) } : {}),
  };
  return [{ kind, state, objects: asNumber(raw['objects']) ?? 0, ...optional }];
}
