import { createReadStream, readFileSync, statSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import { Readable } from 'node:stream';
import { known, unknown } from '../../domain/world/fact.ts';
import { AppError, usageError } from '../../lib/errors.ts';
import { headOf, readSnapshot, snapshotCompression } from './read-snapshot.ts';
import type { Snapshot } from './read-snapshot.ts';
import { collectObject, emptyCollection, settle } from './collect.ts';
import type { Collection } from './collect.ts';
import { coverageOf } from './coverage-of.ts';
import { nothingFound } from './nothing-found.ts';
import { readFileContent } from './read-file.ts';
import type { Reading } from './reading.ts';
import { formatSetAside, mayHoldObjects } from './reading.ts';
import { codeOf, inWords } from './system-error.ts';
import { mergeSnapshots } from './merge-snapshots.ts';
import { unpack } from './unpack.ts';
import { walkDirectory } from './walk-directory.ts';

/** How far reading has come; sent before each file. */
export interface ReadProgress {
  readonly file: string;
  readonly bytes: number;
  readonly filesRead: number;
  readonly objects: number;
}

export interface ReadOptions {
  /** Read for the path `-`. */
  readonly stdin?: NodeJS.ReadableStream;
  /** The namespace of objects of namespaced kinds that name none. */
  readonly namespaceForUnset: string;
  /** The lists among the files were made over all namespaces, so that what they hold is all there is. */
  readonly wholeLists?: boolean | undefined;
  readonly onProgress?: (progress: ReadProgress) => void;
}

/**
 * Reads the objects of files, directories, dumps, support bundles, snapshots and standard input (`-`). What cannot be
 * used is named and does not fail the rest; a missing path, or nothing usable at all, is a usage error.
 */
export async function readPaths(paths: readonly string[], options: ReadOptions): Promise<Reading> {
  const collection = emptyCollection();
  const snapshots: Snapshot[] = [];
  for (const path of paths) {
    if (path === '-') await readPipe('stdin', options.stdin, { collection, snapshots, options });
    else for (const file of filesOf(path, collection)) await readOne(file, { collection, snapshots, options });
  }
  const reading = toReading(paths, { collection, snapshots, options });
  if (reading.objects.length === 0 && collection.lists.length === 0 && snapshots.length === 0)
    throw nothingFound(paths, reading);
  return reading;
}

/** A device may have no end. */
function notAFile(path: string): AppError {
  return usageError('not-a-file', `${path} is a device, not a file`, 'give files or folders, or - for standard input');
}

function filesOf(path: string, collection: Collection): readonly string[] {
  try {
    const found = statSync(path);
    if (found.isCharacterDevice() || found.isBlockDevice() || found.isSocket()) throw notAFile(path);
    if (!found.isDirectory()) return [path];
  } catch (error) {
    if (error instanceof AppError) throw error;
    const missing = codeOf(error) === 'ENOENT';
    throw usageError(missing ? 'path-not-found' : 'path-not-readable', `${path}: ${inWords(error)}`, 'check the path');
  }
  const { files, setAside } = walkDirectory(path);
  collection.setAside.push(...setAside);
  return files;
}

interface ReadState {
  readonly collection: Collection;
  readonly snapshots: Snapshot[];
  readonly options: ReadOptions;
}

async function readOne(file: string, { collection, snapshots, options }: ReadState): Promise<void> {
  try {
    const { size: bytes, isPipe } = sizeOf(file);
    options.onProgress?.({ file, bytes, filesRead: collection.files, objects: collection.found.length });
    collection.files += 1;
    if (isPipe) {
      await readPipe(file, createReadStream(file), { collection, snapshots, options });
      return;
    }
    const compression = snapshotCompression(headOf(file));
    if (compression !== undefined) snapshots.push(await readSnapshot(createReadStream(file), file, compression));
    else if (/\.(gz|jsonl)$/i.test(file))
      collection.setAside.push({ file, code: 'not-kubernetes', reason: 'not a meshwise snapshot' });
    else collectContent(file, readFileSync(file), collection);
  } catch (error) {
    const code = codeOf(error);
    if (error instanceof AppError || code === undefined) throw error;
    collection.setAside.push({ file, code: 'unreadable', reason: inWords(error) });
  }
}

/** A pipe, as `<(command)` gives, can be read once and from its beginning only. */
function sizeOf(file: string): { readonly size: number; readonly isPipe: boolean } {
  const found = statSync(file);
  return { size: found.size, isPipe: found.isFIFO() };
}

async function readPipe(
  name: string,
  stream: NodeJS.ReadableStream | undefined,
  { collection, snapshots }: ReadState,
): Promise<void> {
  const content = await readStream(stream);
  const compression = snapshotCompression(content.subarray(0, 4096));
  if (compression === undefined) collectContent(name, content, collection);
  else snapshots.push(await readSnapshot(Readable.from([content]), name, compression));
}

function collectContent(file: string, content: Uint8Array, collection: Collection): void {
  for (const document of readFileContent(file, content)) {
    if ('setAside' in document) {
      collection.setAside.push(document.setAside);
      continue;
    }
    const place = { file, line: document.line };
    const { objects, lists, setAside, kubernetesVersion } = unpack(document.value, file);
    for (const object of objects) collectObject(object, place, collection);
    collection.lists.push(...lists);
    collection.setAside.push(...setAside.map((entry) => ({ ...place, ...entry })));
    collection.warnings.push(
      ...document.warnings.map((reason) => formatSetAside({ ...place, code: 'invalid', reason })),
    );
    collection.kubernetesVersion ??= kubernetesVersion;
  }
}

async function readStream(stream: NodeJS.ReadableStream | undefined): Promise<Uint8Array> {
  if (stream === undefined)
    throw usageError(
      'no-standard-input',
      'nothing to read from standard input',
      'pipe manifests into meshwise, or give a path with -f',
    );
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream) chunks.push(typeof chunk === 'string' ? Buffer.from(chunk) : chunk);
  return Buffer.concat(chunks);
}

function toReading(paths: readonly string[], { collection, snapshots, options }: ReadState): Reading {
  const settled = settle(collection.found, options.namespaceForUnset);
  const { basis, coverage } = coverageOf(settled.objects, collection.lists, {
    scopes: settled.scopes,
    wholeLists: options.wholeLists === true,
  });
  const { setAside, kubernetesVersion, secretsSeen, files } = collection;
  const [first = '-'] = paths;
  const gaps = setAside.filter(mayHoldObjects).map(formatSetAside);
  const fromFiles: Reading = {
    objects: settled.objects,
    basis,
    coverage,
    setAside,
    gaps,
    warnings: [...collection.warnings, ...settled.warnings, ...gaps.map((gap) => `not read: ${gap}`)],
    asOf: unknown('files carry no time; give --at'),
    kubernetesVersion:
      kubernetesVersion === undefined
        ? unknown('the files do not say the version of Kubernetes')
        : known(kubernetesVersion),
    cluster: first === '-' ? 'stdin' : basename(resolve(first)),
    secretsSeen,
    conflicts: settled.conflicts,
    files,
  };
  return mergeSnapshots(fromFiles, snapshots);
}
