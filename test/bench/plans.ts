import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { measure } from './measure.ts';
import { writePlanFiles } from './plan-files.ts';
import type { ClusterSize } from './synthetic-cluster.ts';

const PROGRAM = resolve(import.meta.dirname, '..', '..', 'bin', 'run.js');

/** As many calls does each application make. */
const CALLS_EACH = 4;

/** Plans the rollout to the target over a cluster of each size, bundle included, one run each; as a Markdown table. */
export async function benchPlans(sizes: readonly ClusterSize[], target: string): Promise<string> {
  const lines = ['| services | pods | calls | stages | seconds (CPU) | peak MB |', '|---:|---:|---:|---:|---:|---:|'];
  for (const size of sizes) lines.push(await lineOf(size, target));
  return lines.join('\n');
}

async function lineOf(size: ClusterSize, target: string): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'meshwise-plans-'));
  try {
    const { snapshot, calls, callCount } = await writePlanFiles(folder, size, CALLS_EACH);
    const out = join(folder, 'rollout');
    const args = ['plan', '-f', snapshot, '--calls', calls, '--target', target, '--out', out];
    const usage = await measure(folder, [PROGRAM, ...args]);
    const plan = JSON.parse(readFileSync(join(out, 'plan.json'), 'utf8')) as { readonly stages: readonly unknown[] };
    const cells = [size.services, size.pods, callCount, plan.stages.length].map(String);
    const taken = `${usage.seconds.toFixed(1)} (${usage.cpuSeconds.toFixed(1)})`;
    return `| ${[...cells, taken, usage.peakMegabytes.toFixed(0)].join(' | ')} |`;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
