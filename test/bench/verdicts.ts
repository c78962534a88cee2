import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { measure } from './measure.ts';
import type { ClusterSize } from './synthetic-cluster.ts';
import type { VerdictUsage } from './verdict-run.ts';

const RUN = resolve(import.meta.dirname, 'verdict-run.ts');

/** How many times as many calls, and as many policies, the growth is looked at over. */
const GROWTH = 10;

/** Times verdicts over distinct calls in a world of the size, with a tenth of the calls and with ten times the policies. */
export async function benchVerdicts(calls: number, size: ClusterSize): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'meshwise-verdicts-'));
  try {
    const few = await run(folder, Math.ceil(calls / GROWTH), size);
    const many = await run(folder, calls, size);
    const governed = await run(folder, calls, { ...size, policies: size.policies * GROWTH });
    return [...HEAD, ...[few, many, governed].map(lineOf), '', beyondFirst(few, many)].join('\n');
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function run(folder: string, calls: number, size: ClusterSize): Promise<VerdictUsage> {
  await measure(folder, ['--max-old-space-size=8192', '--import', 'tsx', RUN, JSON.stringify(size), String(calls)]);
  return JSON.parse(readFileSync(join(folder, 'output.txt'), 'utf8')) as VerdictUsage;
}

const HEAD = [
  '| calls | policies | seconds (CPU) | verdicts a second (by CPU) | MB with the world alone | peak MB | broken, partial, unknown |',
  '|---:|---:|---:|---:|---:|---:|---:|',
];

function lineOf(usage: VerdictUsage): string {
  const { calls, policies, seconds, cpuSeconds, worldMegabytes, peakMegabytes, counts } = usage;
  const cells = [
    String(calls),
    String(policies),
    `${seconds.toFixed(2)} (${cpuSeconds.toFixed(2)})`,
    `${(calls / seconds).toFixed(0)} (${(calls / cpuSeconds).toFixed(0)})`,
    worldMegabytes.toFixed(0),
    peakMegabytes.toFixed(0),
    `${String(counts.breaks)}, ${String(counts.partial)}, ${String(counts.unknown)}`,
  ];
  return `| ${cells.join(' | ')} |`;
}

/** What each workload is asked first is kept; how fast it goes once that is done. */
function beyondFirst(few: VerdictUsage, many: VerdictUsage): string {
  const calls = many.calls - few.calls;
  const rate = calls / (many.seconds - few.seconds);
  const byProcessor = calls / (many.cpuSeconds - few.cpuSeconds);
  return `After the first ${String(few.calls)}: ${rate.toFixed(0)} verdicts a second (${byProcessor.toFixed(0)} by CPU).`;
}
