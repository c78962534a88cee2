import { spawnSync } from 'node:child_process';
import { AppError, EXIT, usageError } from '../../lib/errors.ts';

export interface GitOptions {
  readonly input?: string | Uint8Array;
  readonly env?: Readonly<Record<string, string>>;
}

/** How a command of git ended. */
export interface GitEnd {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs git in a repository; never asks anything on the terminal. */
export type Git = (args: readonly string[], options?: GitOptions) => GitEnd;

const MOST_OUTPUT = 512 * 1024 * 1024;

/** Variables by which a caller (a hook, an alias) would lead git to another repository or index. */
const MISLEADING = [
  'GIT_DIR',
  'GIT_WORK_TREE',
  'GIT_INDEX_FILE',
  'GIT_OBJECT_DIRECTORY',
  'GIT_ALTERNATE_OBJECT_DIRECTORIES',
  'GIT_COMMON_DIR',
  'GIT_NAMESPACE',
  'GIT_PREFIX',
];

/** A function that runs git in the folder. */
export function gitIn(folder: string): Git {
  const inherited = Object.fromEntries(Object.entries(process.env).filter(([name]) => !MISLEADING.includes(name)));
  return (args, { input, env } = {}) => {
    const ended = spawnSync('git', ['-C', folder, ...args], {
      encoding: 'utf8',
      maxBuffer: MOST_OUTPUT,
      env: { ...inherited, LC_ALL: 'C', GIT_TERMINAL_PROMPT: '0', GIT_LITERAL_PATHSPECS: '1', ...env },
      ...(input === undefined ? {} : { input }),
    });
    if (ended.error !== undefined) {
      throw usageError('no-git', `git cannot be run: ${ended.error.message}`, 'install git, or put it on the PATH');
    }
    return { status: ended.status ?? 1, stdout: ended.stdout, stderr: ended.stderr };
  };
}

/** The output of a command of git that has to succeed. */
export function gitOutput(git: Git, args: readonly string[], options?: GitOptions): string {
  const ended = git(args, options);
  if (ended.status === 0) return ended.stdout;
  throw gitFailed(args[0] ?? '', ended);
}

/** What to tell of a command of git that failed. */
export function gitFailed(command: string, { stderr }: GitEnd): AppError {
  const said = stderr.trim().split('\n').slice(0, 3).join('; ');
  return new AppError(`git ${command} failed: ${said}`, {
    code: 'git-failed',
    exitStatus: EXIT.usage,
    hints: ['see whether the repository is whole and may be written to'],
  });
}
