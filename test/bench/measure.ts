import { spawn } from 'node:child_process';
import { openSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

/** What one run of a program took, start included. */
export interface Usage {
  readonly seconds: number;
  readonly cpuSeconds: number;
  readonly peakMegabytes: number;
}

const BASELINE = resolve(import.meta.dirname, 'baseline.ts');
const HOOK = pathToFileURL(resolve(import.meta.dirname, 'usage-hook.mjs')).href;

/** Runs Node.js with the arguments and gives what it took; throws where it fails. Its output goes to a file. */
export async function measure(folder: string, args: readonly string[]): Promise<Usage> {
  const usageFile = join(folder, 'usage.json');
  const output = openSync(join(folder, 'output.txt'), 'w');
  const errors = openSync(join(folder, 'errors.txt'), 'w');
  const child = spawn(process.execPath, ['--import', HOOK, ...args], {
    stdio: ['ignore', output, errors],
    env: { ...process.env, BENCH_USAGE: usageFile, NO_COLOR: '1' },
  });
  const status = await new Promise<number | null>((done, fail) => {
    child.on('error', fail);
    child.on('exit', done);
  });
  if (status !== 0) {
    const said = readFileSync(join(folder, 'errors.txt'), 'utf8').slice(-2000);
    throw new Error(`${args.join(' ')} ended with ${String(status)}: ${said}`);
  }
  return JSON.parse(readFileSync(usageFile, 'utf8')) as Usage;
}

/** Runs the baseline and gives what its reading took, without the start of the program. */
export async function measureBaseline(folder: string, args: readonly string[]): Promise<Usage> {
  const { peakMegabytes } = await measure(folder, ['--import', 'tsx', BASELINE, ...args]);
  const inner = JSON.parse(readFileSync(join(folder, 'output.txt'), 'utf8')) as Omit<Usage, 'peakMegabytes'>;
  return { seconds: inner.seconds, cpuSeconds: inner.cpuSeconds, peakMegabytes };
}

/** The middle one of several figures. */
export function median(figures: readonly number[]): number {
  const sorted = [...figures].sort((left, right) => left - right);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
