import { spawn } from 'node:child_process';

/** How a program ended and what it wrote; without a status it could not be started or was killed. */
export interface Ending {
  readonly status: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly cwd?: string;
  readonly environment?: Readonly<Record<string, string>>;
  readonly stdin?: string;
  /** Kills the program after this long; it then has no status. */
  readonly timeoutSeconds?: number;
}

/** Runs a program to its end. */
export function run(program: string, args: readonly string[], options: RunOptions = {}): Promise<Ending> {
  return new Promise((resolve) => {
    const child = spawn(program, args, {
      cwd: options.cwd,
      env: { ...process.env, ...options.environment },
      ...(options.timeoutSeconds === undefined
        ? {}
        : { timeout: options.timeoutSeconds * 1000, killSignal: 'SIGKILL' }),
    });
    const stdout: Buffer[] = [];
    const stderr: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk));
    const text = (chunks: readonly Buffer[]): string => Buffer.concat(chunks).toString('utf8');
    child.on('error', (error) => {
      resolve({ status: undefined, stdout: text(stdout), stderr: `${text(stderr)}${error.message}` });
    });
    child.on('close', (status) => {
      resolve({ status: status ?? undefined, stdout: text(stdout), stderr: text(stderr) });
    });
    // A program that does not read its input may be gone before it is written.
    child.stdin.on('error', () => undefined);
    child.stdin.end(options.stdin ?? '');
  });
}
