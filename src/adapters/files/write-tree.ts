import { createHash } from 'node:crypto';
import {
  closeSync,
  existsSync,
  lstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, resolve, sep } from 'node:path';
import { AppError, usageError } from '../../lib/errors.ts';
import { asTextMap, at } from '../../lib/json.ts';
import { compareText } from '../../lib/order.ts';
import { codeOf, inWords } from './system-error.ts';

/** The file in which a tree lists what meshwise wrote there, with the SHA-256 of each file. */
export const TREE_MARKER = '.meshwise';

const SHOWN = 5;

/** Path of a file and its content, whole or in pieces. */
type TreeFile = readonly [path: string, content: string | Iterable<string>];

/**
 * Writes a directory whole or not at all. The keys of `files` are paths below it with forward slashes. A directory
 * that is there already is replaced only if meshwise wrote every file in it and nobody changed one since; otherwise a
 * usage error names them and nothing is touched. The same files give the same bytes. They are taken one by one, and a
 * long one may come in pieces, so that not all of them lie in memory.
 */
export function writeTree(directory: string, files: Iterable<TreeFile>): void {
  const target = resolve(directory);
  refuseForeignFiles(target, directory);
  const fresh = `${target}.${String(process.pid)}.new`;
  try {
    writeAll({ target, fresh }, files);
    replace(target, fresh);
  } catch (error) {
    rmSync(fresh, { recursive: true, force: true });
    // What goes wrong where a file is made is not for whoever chose the folder to mend.
    if (error instanceof AppError || codeOf(error) === undefined) throw error;
    throw usageError(
      'cannot-write',
      `cannot write ${directory}: ${inWords(error)}`,
      'give a folder that you may write to',
    );
  }
}

function refuseOutside(target: string, path: string): void {
  const inside = resolve(target, path).startsWith(target + sep);
  if (inside && path !== TREE_MARKER && !path.split('/').includes('..')) return;
  throw new Error(`a generated path leaves its folder: ${path}`);
}

function refuseForeignFiles(target: string, directory: string): void {
  if (!existsSync(target)) return;
  const hint = 'give a folder that does not exist, or move those files away';
  if (!lstatSync(target).isDirectory()) throw usageError('not-our-folder', `${directory} is no folder`, hint);
  const ours = marked(target);
  const foreign = listFiles(target, '')
    .filter((path) => path !== TREE_MARKER)
    .flatMap((path) => {
      if (!Object.hasOwn(ours, path)) return [`${path} (not written by meshwise)`];
      return ours[path] === hashOfFile(join(target, path)) ? [] : [`${path} (edited since)`];
    });
  if (foreign.length === 0) return;
  const more = foreign.length > SHOWN ? ` and ${String(foreign.length - SHOWN)} more` : '';
  const shown = foreign.slice(0, SHOWN).join(', ');
  throw usageError('not-our-folder', `${directory} holds files that would be lost: ${shown}${more}`, hint);
}

function marked(target: string): Readonly<Record<string, string>> {
  try {
    return asTextMap(at(JSON.parse(readFileSync(join(target, TREE_MARKER), 'utf8')) as unknown, 'files'));
  } catch {
    return {};
  }
}

function listFiles(target: string, below: string): readonly string[] {
  return readdirSync(join(target, below), { withFileTypes: true }).flatMap((entry) => {
    const path = below === '' ? entry.name : `${below}/${entry.name}`;
    return entry.isDirectory() ? listFiles(target, path) : [path];
  });
}

/** A link or device is never ours, whatever it points at. */
function hashOfFile(path: string): string | undefined {
  return lstatSync(path).isFile() ? hashOf(readFileSync(path)) : undefined;
}

function hashOf(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}

interface Folders {
  /** Where the tree is to lie. */
  readonly target: string;
  /** Where it is made. */
  readonly fresh: string;
}

function writeAll({ target, fresh }: Folders, files: Iterable<TreeFile>): void {
  rmSync(fresh, { recursive: true, force: true });
  makeFolder(fresh);
  const folders = new Set<string>();
  const hashes: (readonly [path: string, hash: string])[] = [];
  for (const [path, content] of files) {
    refuseOutside(target, path);
    const folder = dirname(join(fresh, path));
    if (!folders.has(folder)) mkdirSync(folder, { recursive: true });
    folders.add(folder);
    hashes.push([path, writeFile(join(fresh, path), typeof content === 'string' ? [content] : content)]);
  }
  const sorted = Object.fromEntries(hashes.sort(([left], [right]) => compareText(left, right)));
  writeFileSync(join(fresh, TREE_MARKER), `${JSON.stringify({ files: sorted }, null, 2)}\n`);
}

/** Level by level: with `recursive` Node never returns where a folder cannot be made in one that is there, as in /proc. */
function makeFolder(path: string): void {
  if (existsSync(path)) return;
  if (dirname(path) !== path) makeFolder(dirname(path));
  mkdirSync(path);
}

/** Gives the SHA-256 of what was written. */
function writeFile(path: string, pieces: Iterable<string>): string {
  const hash = createHash('sha256');
  const file = openSync(path, 'w');
  try {
    for (const piece of pieces) {
      writeFileSync(file, piece);
      hash.update(piece);
    }
  } finally {
    closeSync(file);
  }
  return hash.digest('hex');
}

function replace(target: string, fresh: string): void {
  const old = `${target}.${String(process.pid)}.old`;
  const replaces = existsSync(target);
  if (replaces) renameSync(target, old);
  try {
    renameSync(fresh, target);
  } catch (error) {
    if (replaces) renameSync(old, target);
    throw error;
  }
  rmSync(old, { recursive: true, force: true });
}
