import type { TestProject } from 'vitest/node';
import { whyNoGo } from '../../cluster/support/tools.ts';
import { buildJudge } from './build-judge.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Path of the program that asks istiod's own code; empty where it cannot be built. */
    judge: string;
  }
}

/** Builds the judge. Without Go, or without its modules, the tests are skipped, which CI counts as a failure. */
export async function setup({ provide }: TestProject): Promise<void> {
  const { program, why } = await builtJudge();
  if (why !== undefined && process.env['CI'] === 'true') throw new Error(`istiod cannot be asked: ${why}`);
  if (why !== undefined) process.stderr.write(`istiod is not asked, its tests are skipped: ${why}\n`);
  provide('judge', program);
}

async function builtJudge(): Promise<{ readonly program: string; readonly why?: string }> {
  const why = await whyNoGo();
  if (why !== undefined) return { program: '', why };
  try {
    return { program: await buildJudge() };
  } catch (error) {
    return { program: '', why: error instanceof Error ? error.message : String(error) };
  }
}
