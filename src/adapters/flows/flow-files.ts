import { openSync, closeSync, readSync, readdirSync, realpathSync, statSync, type Stats } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { AppError, usageError } from '../../lib/errors.ts';
import { compareText } from '../../lib/order.ts';

/** A file of a reading. */
export interface FlowFile {
  readonly path: string;
  /** How places in it begin: the path that was given, then the file's own below a directory. */
  readonly label: string;
  readonly compressed: boolean;
}

const LOGS = /\.(?:json|jsonl|ndjson|log|txt|gz)(?:\.|$)/i;

/**
 * The files behind a path: itself, or those of a directory that look like logs, in path order; neither what begins with
 * a dot nor links that lead out of it. A path that is missing, a device, or holds none is a usage error.
 */
export function flowFiles(path: string): readonly FlowFile[] {
  const stats = statOf(path);
  if (stats.isCharacterDevice() || stats.isBlockDevice() || stats.isSocket())
    throw usageError('not-a-file', `${path} is a device, not a file`, 'give files or folders');
  if (!stats.isDirectory()) return [{ path, label: path, compressed: isCompressed(path, stats) }];
  const found = below(path, { root: realpathSync(path), seen: new Set() }).sort(compareText);
  if (found.length === 0)
    throw usageError(
      'no-logs-found',
      `${path}: no file in it is named like a log`,
      'their names end in .json, .jsonl, .ndjson, .log or .txt, and in .gz where they are compressed',
    );
  return found.map((file) => ({
    path: file,
    label: `${path}:${relative(path, file)}`,
    compressed: isCompressed(file, statOf(file)),
  }));
}

/** Whether the path can be read again from its beginning, as a pipe cannot. */
export function canReadTwice(path: string): boolean {
  const stats = statOf(path);
  return stats.isFile() || stats.isDirectory();
}

function statOf(path: string): Stats {
  return orUsageError(path, () => statSync(path));
}

/** Does what reads the file, and says what the system refused as an error that the user can act on. */
function orUsageError<T>(path: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw notReadable(path, error);
  }
}

/** The error to give where the system, or its decompression, refused to read a file. */
export function notReadable(path: string, error: unknown): unknown {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (error instanceof AppError || typeof code !== 'string') return error;
  if (code === 'ENOENT') return usageError('path-not-found', `${path}: no such file or directory`, 'check the path');
  if (code.startsWith('Z_'))
    return usageError('bad-compression', `${path}: not whole gzip (${code})`, 'decompress it, or fetch it again');
  const reason = code === 'EACCES' || code === 'EPERM' ? 'no permission to read it' : code;
  return usageError('path-not-readable', `${path}: ${reason}`, 'check the path');
}

interface Root {
  /** Nothing outside of it is read. */
  readonly root: string;
  readonly seen: Set<string>;
}

function below(directory: string, within: Root): string[] {
  const names = orUsageError(directory, () => readdirSync(directory)).filter((name) => !name.startsWith('.'));
  return names.flatMap((name) => {
    const path = join(directory, name);
    const real = realPath(path);
    if (real === undefined || !real.startsWith(within.root + sep) || within.seen.has(real)) return [];
    within.seen.add(real);
    const stats = statOf(real);
    if (stats.isDirectory()) return below(path, within);
    return stats.isFile() && LOGS.test(name) ? [path] : [];
  });
}

function realPath(path: string): string | undefined {
  try {
    return realpathSync(path);
  } catch {
    return undefined;
  }
}

/** Gzip shows by its first two bytes; a pipe can be read once only and is taken by its name. */
function isCompressed(path: string, stats: Stats): boolean {
  if (!stats.isFile()) return path.endsWith('.gz');
  return orUsageError(path, () => {
    const head = new Uint8Array(2);
    const file = openSync(path, 'r');
    try {
      readSync(file, head, 0, 2, 0);
    } finally {
      closeSync(file);
    }
    return head[0] === 0x1f && head[1] === 0x8b;
  });
}
