import { asObject, type JsonObject } from '../../../src/lib/json.ts';
import { gapsBeside, wrongFacts } from './claims.ts';
import type { Cluster } from './cluster.ts';
import { FAULTS, seeded, startFaultProxy, type Fault, type FaultProxyOptions } from './fault-proxy.ts';
import { live, meshwise } from './meshwise.ts';
import { tokenIn, writeKubeconfig } from './readers.ts';
import type { TestServer } from './test-server.ts';

/** How a disturbed run ended, against the undisturbed one. */
export interface Outcome {
  /** `refused`: the program said that it cannot read the cluster, and printed no inventory. */
  readonly ended: 'complete' | 'with gaps' | 'refused' | 'wrong';
  readonly gaps: readonly string[];
  /** What contradicts the undisturbed run; ends of the program that are no answer. */
  readonly wrong: readonly string[];
  readonly made: ReadonlyMap<Fault, number>;
}

/** Seconds for one request; every silent answer costs them. */
const REQUEST_TIMEOUT = '3';
/** Cannot reach, or cannot read. */
const UNREACHABLE = 3;

/** Runs `inventory` through a proxy that disturbs it, and judges the answer by the undisturbed run's. */
export async function disturbedRun(cluster: Cluster, clean: JsonObject, options: FaultProxyOptions): Promise<Outcome> {
  const proxy = await startFaultProxy(serverOf(cluster), options);
  try {
    const token = tokenIn(cluster.reader);
    const name = `through-${new URL(proxy.url).port}`;
    const kubeconfig = writeKubeconfig(cluster, name, { token, server: proxy.url });
    const at = ['--at', '2026-11-21T12:00:00Z', '--request-timeout', REQUEST_TIMEOUT, '-o', 'json'];
    const run = await meshwise(['inventory', ...live(kubeconfig), ...at], 600);
    const made = proxy.made;
    if (run.status === UNREACHABLE) return { ended: 'refused', gaps: [], wrong: [], made };
    if (run.status !== 0) {
      const wrong = [
        `inventory ended with ${String(run.status)}: ${run.stderr.slice(0, 500)}${run.stdout.slice(0, 500)}`,
      ];
      return { ended: 'wrong', gaps: [], wrong, made };
    }
    const disturbed = asObject(JSON.parse(run.stdout)) ?? {};
    const gaps = gapsBeside(clean, disturbed);
    const wrong = wrongFacts(clean, disturbed);
    const ended = wrong.length > 0 ? 'wrong' : gaps.length > 0 ? 'with gaps' : 'complete';
    return { ended, gaps, wrong, made };
  } finally {
    proxy.close();
  }
}

/**
 * The faults of one seed: a few of all answers go wrong, a fifth or half of them, and under every second seed some paths
 * always do. What befalls the nth request of a path hangs on nothing else.
 */
export function faultsOf(seed: number): (path: string) => Fault {
  const random = seeded(seed);
  const rate = [0.05, 0.2, 0.5][Math.floor(random() * 3)] ?? 0.2;
  const brokenRate = random() < 0.5 ? 0.06 : 0;
  const asked = new Map<string, number>();
  return (path) => {
    const count = (asked.get(path) ?? 0) + 1;
    asked.set(path, count);
    const lasting = seeded(hash(`${String(seed)} ${path}`));
    if (lasting() < brokenRate) return pick(lasting());
    const passing = seeded(hash(`${String(seed)} ${path} ${String(count)}`));
    return passing() < rate ? pick(passing()) : 'none';
  };
}

/** The server of a cluster of our own; faults are not tried on anybody's. */
export function serverOf(cluster: Cluster): TestServer {
  if (cluster.server === undefined) throw new Error('this test needs an API server of its own');
  return cluster.server;
}

function pick(value: number): Fault {
  return FAULTS[Math.floor(value * FAULTS.length)] ?? '500';
}

/** FNV-1a, 32 bits. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (const character of text) value = Math.imul(value ^ (character.codePointAt(0) ?? 0), 0x01000193) >>> 0;
  return value;
}
