import type { BranchHead, BranchMove } from '../../app/ports/pull-request-repository.ts';
import { usageError } from '../../lib/errors.ts';
import { gitFailed, gitOutput, type Git } from './run-git.ts';

/** The commit at the end of a local branch; undefined where there is no such branch. */
export function branchHead(git: Git, branch: string): BranchHead | undefined {
  const { status, stdout } = git(['rev-parse', '--verify', '--quiet', `refs/heads/${branch}^{commit}`]);
  if (status !== 0) return undefined;
  const commit = stdout.trim();
  const text = gitOutput(git, ['cat-file', 'commit', commit]);
  const end = text.indexOf('\n\n');
  const headers = text.slice(0, end).split('\n');
  const values = (key: string): readonly string[] =>
    headers.filter((line) => line.startsWith(`${key} `)).map((line) => line.slice(key.length + 1));
  return { commit, parents: values('parent'), tree: values('tree')[0] ?? '', message: text.slice(end + 2) };
}

/** Moves all branches in one transaction: each only from where it was seen to stand. */
export function moveBranches(git: Git, moves: readonly BranchMove[]): void {
  if (moves.length === 0) return;
  const lines = moves.map(({ branch, from, to }) =>
    from === undefined ? `create refs/heads/${branch} ${to}` : `update refs/heads/${branch} ${to} ${from}`,
  );
  const input = ['start', ...lines, 'prepare', 'commit', ''].join('\n');
  const ended = git(['update-ref', '--no-deref', '-m', 'meshwise pr', '--stdin'], { input });
  if (ended.status === 0) return;
  if (!/cannot lock ref/.test(ended.stderr)) throw gitFailed('update-ref', ended);
  throw usageError(
    'branch-moved',
    `no branch was written, because one cannot be: ${ended.stderr.trim().split('\n')[0] ?? ''}`,
    'see whether a branch is called meshwise, and whether somebody else works on these; then run this again',
  );
}
