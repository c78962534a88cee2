import { spawn } from 'node:child_process';
import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { asObject } from '../../src/lib/json.ts';

const root = path.resolve(import.meta.dirname, '../..');

/** How a process ended and what it wrote. */
export interface Ending {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  /** Close the reading end of standard output before the program writes. */
  readonly stdoutClosed?: boolean;
  /** Interrupt the program once it has written this on standard error. */
  readonly interruptAfter?: string;
}

/** A folder with the real bin/run.js, the built code and package.json's oclif block, but the fixture's commands. */
export function installFixture(): string {
  if (!existsSync(path.join(root, 'dist/base-command.js'))) throw new Error('run `npm run build` first');
  const folder = mkdtempSync(path.join(tmpdir(), 'meshwise-contract-'));
  mkdirSync(path.join(folder, 'bin'));
  copyFileSync(path.join(root, 'bin/run.js'), path.join(folder, 'bin/run.js'));
  cpSync(path.join(import.meta.dirname, 'fixture/commands'), path.join(folder, 'commands'), { recursive: true });
  for (const shared of ['dist', 'node_modules']) symlinkSync(path.join(root, shared), path.join(folder, shared), 'dir');
  const manifest = asObject(JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'))) ?? {};
  const oclif = { ...asObject(manifest['oclif']), commands: './commands' };
  writeFileSync(path.join(folder, 'package.json'), JSON.stringify({ ...manifest, oclif }));
  return folder;
}

/** Runs the program in the folder (the repository without one) to its end. */
export function runProgram(args: readonly string[], folder: string = root, options: RunOptions = {}): Promise<Ending> {
  // NODE_ENV=test would make oclif look for TypeScript sources.
  const environment = { ...process.env, NODE_ENV: 'production', NO_COLOR: '1', FORCE_COLOR: undefined };
  const child = spawn(process.execPath, [path.join(folder, 'bin/run.js'), ...args], { env: environment, cwd: folder });
  child.stdin.end();
  if (options.stdoutClosed === true) child.stdout.destroy();
  let stdout = '';
  let stderr = '';
  let awaited = options.interruptAfter;
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk.toString();
    if (awaited === undefined || !stderr.includes(awaited)) return;
    awaited = undefined;
    child.kill('SIGINT');
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (status) => {
      resolve({ status, stdout, stderr });
    });
  });
}
