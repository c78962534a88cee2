import type { Call } from '../../src/domain/calls/call.ts';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { fateOf as resolveFate } from '../../src/domain/simulate/fate-of.ts';
import { cutsCalls, type Verdict } from '../../src/domain/simulate/verdict.ts';
import { distinctCalls } from './distinct-calls.ts';
import type { ClusterSize } from './synthetic-cluster.ts';
import { verdictWorld } from './verdict-world.ts';

/** What one run of verdicts took, the making of world and calls left out of its time. */
export interface VerdictUsage {
  readonly calls: number;
  readonly policies: number;
  readonly seconds: number;
  /** Of all threads: what the compiler and the collection of garbage took beside the program is in it. */
  readonly cpuSeconds: number;
  readonly worldMegabytes: number;
  readonly peakMegabytes: number;
  readonly counts: Readonly<Record<Verdict, number>>;
}

/** As many calls are made between two looks at the clock. */
const BATCH = 10_000;

// A program of its own, so that its memory is that of one run: `verdict-run.ts SIZE CALLS`, both as JSON. The world is
// made here, and judged by the built program.
const BUILT = resolve(import.meta.dirname, '..', '..', 'dist', 'domain', 'simulate', 'fate-of.js');
const { fateOf } = (await import(pathToFileURL(BUILT).href)) as { readonly fateOf: typeof resolveFate };
const [, , rawSize = '{}', rawCalls = '0'] = process.argv;
const size = JSON.parse(rawSize) as ClusterSize;
const world = verdictWorld(size);
const worldMegabytes = process.resourceUsage().maxRSS / 1024;
const counts: Record<Verdict, number> = { breaks: 0, unknown: 0, partial: 0, degraded: 0, ok: 0 };
const kept: unknown[] = [];
let milliseconds = 0;
let processor = 0;
for (const batch of batches(distinctCalls(Number(rawCalls), size))) {
  const start = performance.now();
  const before = process.cpuUsage();
  for (const call of batch) {
    const fate = fateOf(call, world);
    counts[fate.verdict] += 1;
    if (cutsCalls(fate.verdict)) kept.push(fate);
  }
  milliseconds += performance.now() - start;
  const { user, system } = process.cpuUsage(before);
  processor += user + system;
}
const usage: VerdictUsage = {
  calls: Number(rawCalls),
  policies: size.policies,
  seconds: milliseconds / 1000,
  cpuSeconds: processor / 1e6,
  worldMegabytes,
  peakMegabytes: process.resourceUsage().maxRSS / 1024,
  counts,
};
process.stdout.write(`${JSON.stringify(usage)}\n`);

function* batches(calls: Iterable<Call>): Generator<readonly Call[]> {
  let batch: Call[] = [];
  for (const call of calls) {
    batch.push(call);
    if (batch.length < BATCH) continue;
    yield batch;
    batch = [];
  }
  yield batch;
}
