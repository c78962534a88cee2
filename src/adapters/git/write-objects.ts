import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BranchHead, FileChanges } from '../../app/ports/pull-request-repository.ts';
import { usageError } from '../../lib/errors.ts';
import { gitOutput, type Git } from './run-git.ts';

const SCRIPT = '100755';
const FILE = '100644';
const NOTHING = '0';

/** The tree of a commit with the changes, made in an index of its own. */
export function treeWith(git: Git, commit: string, changes: FileChanges): string {
  const folder = mkdtempSync(join(tmpdir(), 'meshwise-git-'));
  try {
    const env = { GIT_INDEX_FILE: join(folder, 'index') };
    gitOutput(git, ['read-tree', commit], { env });
    const blobs = writeBlobs(git, folder, changes);
    const lines = [...changes].map(([path, text]) => {
      const mode = text === undefined ? NOTHING : path.endsWith('.sh') ? SCRIPT : FILE;
      return `${mode} ${blobs.get(path) ?? '0'.repeat(commit.length)}\t${path}\0`;
    });
    gitOutput(git, ['update-index', '-z', '--index-info'], { env, input: lines.join('') });
    return gitOutput(git, ['write-tree'], { env }).trim();
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The bytes as they are, whatever line ends the repository's configuration wants; one process for all of them. */
function writeBlobs(git: Git, folder: string, changes: FileChanges): ReadonlyMap<string, string> {
  const texts = [...changes].flatMap(([path, text]) => (text === undefined ? [] : [{ path, text }]));
  if (texts.length === 0) return new Map();
  const names = texts.map(({ text }, index) => {
    const name = join(folder, String(index));
    writeFileSync(name, text);
    return name;
  });
  const output = gitOutput(git, ['hash-object', '-w', '--no-filters', '--stdin-paths'], {
    input: `${names.join('\n')}\n`,
  });
  const ids = output.trim().split('\n');
  return new Map(texts.map(({ path }, index) => [path, ids[index] ?? '']));
}

/** A commit by the user of the repository, signed where the repository's configuration wants that. */
export function commitTree(git: Git, { tree, parents, message }: Omit<BranchHead, 'commit'>): string {
  refuseNobody(git);
  const signed = git(['config', '--type=bool', '--get', 'commit.gpgSign']).stdout.trim() === 'true';
  const args = [
    'commit-tree',
    ...(signed ? ['-S'] : []),
    ...parents.flatMap((parent) => ['-p', parent]),
    '-F',
    '-',
    tree,
  ];
  return gitOutput(git, args, { input: message }).trim();
}

/** Git would make a name up from the machine's where nobody set one. */
function refuseNobody(git: Git): void {
  const missing = ['name', 'email'].filter((part) => {
    const given = process.env[`GIT_AUTHOR_${part.toUpperCase()}`] ?? '';
    return given === '' && git(['config', '--get', `user.${part}`]).stdout.trim() === '';
  });
  if (missing.length === 0) return;
  throw usageError(
    'no-author',
    `git does not know whose commits these are: ${missing.map((part) => `user.${part}`).join(' and ')} is not set`,
    'set it in the repository: git config user.name "Your Name" && git config user.email you@example.com',
  );
}
