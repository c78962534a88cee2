import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { OpenedBranch, PullRequestHost } from '../../app/ports/pull-request-host.ts';
import { unreachableError } from '../../lib/errors.ts';
import { asObjects, asText } from '../../lib/json.ts';
import { gitIn } from './run-git.ts';

/** GitHub by its own command line tool, in the repository's folder; undefined where `gh` cannot be run. */
export function githubHost(folder: string, remote: string): PullRequestHost | undefined {
  if (spawnSync('gh', ['--version'], { encoding: 'utf8' }).status !== 0) return undefined;
  const gh = (args: readonly string[]): string => {
    const ended = spawnSync('gh', args, { cwd: folder, encoding: 'utf8' });
    if (ended.status === 0) return ended.stdout.trim();
    throw failed(`gh ${args.slice(0, 2).join(' ')}`, ended.stderr);
  };
  return {
    push: (branches) => {
      push(folder, remote, branches);
    },
    open: (request) => withBody(request.body, (file) => open(gh, request, file)),
  };
}

function open(gh: (args: readonly string[]) => string, request: OpenedBranch, body: string): string {
  const { branch, base, title } = request;
  const listed = gh(['pr', 'list', '--head', branch, '--state', 'open', '--json', 'url']);
  const url = asText(asObjects(JSON.parse(listed === '' ? '[]' : listed))[0]?.['url']);
  if (url === undefined)
    return gh(['pr', 'create', '--head', branch, '--base', base, '--title', title, '--body-file', body]);
  gh(['pr', 'edit', branch, '--base', base, '--title', title, '--body-file', body]);
  return url;
}

function push(folder: string, remote: string, branches: readonly string[]): void {
  if (branches.length === 0) return;
  const refs = branches.map((branch) => `refs/heads/${branch}:refs/heads/${branch}`);
  const ended = gitIn(folder)(['push', '--force-with-lease', '--', remote, ...refs]);
  if (ended.status !== 0) throw failed(`git push ${remote}`, ended.stderr);
}

function withBody<T>(body: string, use: (file: string) => T): T {
  const folder = mkdtempSync(join(tmpdir(), 'meshwise-body-'));
  try {
    const file = join(folder, 'body.md');
    writeFileSync(file, body);
    return use(file);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function failed(command: string, said: string): Error {
  const lines = said.trim().split('\n').slice(0, 3).join('; ');
  return unreachableError('host-failed', `${command} failed: ${lines}`, [
    'the branches are in your repository: push them and open the pull requests by hand, or run this again',
  ]);
}
