import { spawnSync } from 'node:child_process';
import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  interface ProvidedContext {
    /** Why the tests are skipped; empty where they are not. */
    withoutPrometheus: string;
  }
}

/** Looks for the programs. Without them the tests are skipped, which CI counts as a failure. */
export function setup({ provide }: TestProject): void {
  const missing = ['prometheus', 'promtool'].filter((program) => spawnSync(program, ['--version']).status !== 0);
  const why =
    missing.length === 0 ? '' : `${missing.join(' and ')} not found: install Prometheus (Debian's package prometheus)`;
  if (why !== '' && process.env['CI'] === 'true') throw new Error(`tests of Prometheus cannot run: ${why}`);
  if (why !== '') process.stderr.write(`tests of Prometheus are skipped: ${why}\n`);
  provide('withoutPrometheus', why);
}
