import { withoutCredentials } from '../../lib/repository-url.ts';
import type { PullRequestRepository } from '../../app/ports/pull-request-repository.ts';
import { usageError } from '../../lib/errors.ts';
import { branchHead, moveBranches } from './branches.ts';
import { gitIn, gitOutput, type Git } from './run-git.ts';
import { commitTree, treeWith } from './write-objects.ts';

export interface RepositoryWishes {
  readonly folder: string;
  /** Branch to merge into; the one that is checked out where it is not given. */
  readonly base: string | undefined;
}

/**
 * Opens a Git repository for pull requests. Only plumbing is used: the index and the work tree of the user are neither
 * read nor written. Throws a usage error for a folder that is no repository, and for a base that is no branch.
 */
export function openRepository({ folder, base }: RepositoryWishes): PullRequestRepository {
  const git = gitIn(folder);
  refuseNoRepository(git, folder);
  const branch = base ?? checkedOutBranch(git);
  const commit = commitOfBranch(git, branch);
  return {
    base: { branch, commit },
    checkedOut: checkedOutBranches(git),
    filesBelow: (at, below) =>
      gitOutput(git, ['ls-tree', '-r', '-z', '--name-only', '--full-tree', at, ...(below === '' ? [] : [`${below}/`])])
        .split('\0')
        .filter((path) => path !== ''),
    textAt: (at, path) => {
      const { status, stdout } = git(['cat-file', 'blob', `${at}:${path}`]);
      return status === 0 ? stdout : undefined;
    },
    headOf: (name) => branchHead(git, name),
    isAncestor: (ancestor, of) => git(['merge-base', '--is-ancestor', ancestor, of]).status === 0,
    treeWith: (at, changes) => treeWith(git, at, changes),
    commit: (content) => commitTree(git, content),
    move: (moves) => {
      moveBranches(git, moves);
    },
  };
}

/** The address of a remote, without user name and password; undefined where there is no such remote. */
export function remoteUrl(folder: string, remote: string): string | undefined {
  const { status, stdout } = gitIn(folder)(['config', '--get', `remote.${remote}.url`]);
  const url = stdout.trim();
  if (status !== 0 || url === '') return undefined;
  return withoutCredentials(url);
}

function refuseNoRepository(git: Git, folder: string): void {
  const { status, stderr } = git(['rev-parse', '--git-dir']);
  if (status === 0) return;
  const dubious = /dubious ownership/.test(stderr);
  throw usageError(
    'not-a-repository',
    dubious ? `git does not trust ${folder}: it belongs to somebody else` : `${folder} is no Git repository`,
    dubious ? 'see git help config, safe.directory' : 'give the folder of your repository with --repo, or run git init',
  );
}

function checkedOutBranch(git: Git): string {
  const { status, stdout } = git(['symbolic-ref', '--quiet', '--short', 'HEAD']);
  if (status === 0) return stdout.trim();
  throw usageError(
    'detached-head',
    'the repository has no branch checked out, so that the base of the pull requests is not known',
    'name it with --base main',
  );
}

function commitOfBranch(git: Git, branch: string): string {
  const { status, stdout } = git([
    'rev-parse',
    '--verify',
    '--quiet',
    '--end-of-options',
    `refs/heads/${branch}^{commit}`,
  ]);
  if (status === 0) return stdout.trim();
  throw usageError(
    'unknown-base',
    `the repository has no branch ${branch} with a commit`,
    'name a local branch that has one with --base; git branch lists them',
  );
}

function checkedOutBranches(git: Git): ReadonlySet<string> {
  const lines = gitOutput(git, ['worktree', 'list', '--porcelain']).split('\n');
  const prefix = 'branch refs/heads/';
  return new Set(lines.filter((line) => line.startsWith(prefix)).map((line) => line.slice(prefix.length)));
}
