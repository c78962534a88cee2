import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { podLists, requestsOfProgram, trespasses } from '../support/audit.ts';
import { openCluster } from '../support/cluster.ts';
import { loadCrowd } from '../support/crowd.ts';
import { disturbedRun, faultsOf, serverOf } from '../support/disturbed.ts';
import { inventory, live } from '../support/meshwise.ts';
import { linkerdCrds } from '../support/crds.ts';
import { buildServer, whyNoGo } from '../support/tools.ts';

const { values } = parseArgs({
  options: { seeds: { type: 'string', default: '40' }, from: { type: 'string', default: '1' } },
});
const why = await whyNoGo();
if (why === undefined) await runSeeds(Number(values.from), Number(values.seeds));
else {
  console.error(`faults are not tried: ${why}`);
  process.exitCode = process.env['CI'] === 'true' ? 1 : 0;
}

/** Reads one cluster under the faults of many seeds, and ends with 1 if any reading says something wrong. */
async function runSeeds(from: number, count: number): Promise<void> {
  const program = await buildServer();
  console.log(`CRDs of Linkerd: ${(await linkerdCrds(program)).from}`);
  const cluster = await openCluster(program);
  const counts = new Map<string, number>();
  try {
    await cluster.load('istio');
    await loadCrowd(cluster.kube);
    const clean = await inventory(live(cluster.reader));
    const seeds = Array.from({ length: count }, (_, index) => from + index);
    async function work(): Promise<void> {
      for (let seed = seeds.shift(); seed !== undefined; seed = seeds.shift()) {
        const { ended, gaps, wrong, made } = await disturbedRun(cluster, clean, { fault: faultsOf(seed) });
        counts.set(ended, (counts.get(ended) ?? 0) + 1);
        const faults = [...made]
          .filter(([fault]) => fault !== 'none')
          .map(([fault, times]) => `${String(times)}x ${fault}`);
        console.log(
          `seed ${String(seed)}: ${ended}; ${faults.join(', ')}${gaps.length === 0 ? '' : `; ${gaps.join(', ')}`}`,
        );
        for (const line of wrong) console.log(`  wrong: ${line}`);
      }
    }
    await Promise.all(Array.from({ length: Math.min(4, availableParallelism()) }, work));
    console.log([...counts].map(([ended, times]) => `${String(times)} ${ended}`).join(', '));
    const requests = requestsOfProgram(serverOf(cluster));
    const trespassed = trespasses(requests);
    console.log(
      `the audit log has ${String(requests.length)} requests, ${String(podLists(requests))} of them lists of pods`,
    );
    for (const request of trespassed) console.log(`  must not be: ${request}`);
    if (counts.has('wrong') || trespassed.length > 0 || podLists(requests) === 0) process.exitCode = 1;
  } finally {
    await cluster.stop();
  }
}
