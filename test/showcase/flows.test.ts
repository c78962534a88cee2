import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { readHubbleFlows } from '../../src/adapters/flows/hubble.ts';
import { buildCallGraph } from '../../src/domain/calls/call-graph.ts';
import type { Call } from '../../src/domain/calls/call.ts';
import { serversOf } from '../../src/domain/calls/resolve-target.ts';
import type { World } from '../../src/domain/world/world.ts';
import { openShowcase, type Showcase } from './showcase-world.ts';

const folder = mkdtempSync(join(tmpdir(), 'meshwise-showcase-'));
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

const SHOWN: readonly Showcase[] = [
  { app: 'boutique', mesh: 'ambient' },
  { app: 'bookinfo', mesh: 'ambient' },
  { app: 'emojivoto', mesh: 'linkerd' },
];

/** What Hubble would see of a call between pods: the first packet to the port of a pod, as the server's node tells it. */
function flowsOf(call: Call, world: World, index: number): readonly object[] {
  const { from } = call;
  if (from.kind !== 'workload') return [];
  return serversOf(call, world).servers.map(({ workload, port }) => ({
    flow: {
      time: '2026-11-20T00:00:00Z',
      verdict: 'FORWARDED',
      IP: { source: '10.0.0.1', destination: '10.0.0.2' },
      l4: { TCP: { source_port: 20_000 + index, destination_port: port } },
      source: { namespace: from.workload.namespace, pod_name: `${from.workload.name}-6d4cf56db6-x1` },
      destination: {
        namespace: workload.namespace,
        pod_name: `${workload.name}-6d4cf56db6-x1`,
        workloads: [{ name: workload.name, kind: workload.kind }],
      },
      is_reply: false,
      traffic_direction: 'INGRESS',
    },
  }));
}

/** What the client's node tells of itself, which names its workload. */
function named(call: Call): object {
  const { from } = call;
  const workload = from.kind === 'workload' ? from.workload : { namespace: '', kind: '', name: '' };
  return {
    flow: {
      l4: { UDP: { source_port: 5000, destination_port: 53 } },
      IP: { source: '10.0.0.1', destination: '10.0.0.10' },
      source: {
        namespace: workload.namespace,
        pod_name: `${workload.name}-6d4cf56db6-x1`,
        workloads: [{ name: workload.name, kind: workload.kind }],
      },
      destination: { namespace: 'kube-system', pod_name: 'coredns-x1' },
      is_reply: true,
    },
  };
}

describe.each(SHOWN)('flows of $app', (shown) => {
  test('tell of the same calls between workloads as its documentation', async () => {
    const { world, graph } = await openShowcase(shown);
    const drawn = graph.calls.filter(
      ({ from, evidence }) => from.kind === 'workload' && evidence.some(({ kind }) => kind === 'observed'),
    );
    const file = join(folder, `${shown.app}.jsonl`);
    const flows = drawn.flatMap((call, index) => [...flowsOf(call, world, index), named(call)]);
    writeFileSync(file, flows.map((flow) => `${JSON.stringify(flow)}\n`).join(''));
    const read = await readHubbleFlows(file);
    const { calls, unresolved } = buildCallGraph(world, [read]);
    const seen = new Set(
      calls.flatMap(({ id, evidence }) => (evidence.some(({ kind }) => kind === 'observed') ? [id] : [])),
    );
    const asked = new Set(drawn.map(({ id }) => id.replace(/#.*$/, '')));
    expect([...asked].filter((id) => !seen.has(id))).toEqual([]);
    // Flows show pods, so every Service before the pods may have been called.
    const others = [...seen].filter((id) => !asked.has(id));
    expect(others.filter((id) => !id.includes('/Service/frontend-external:'))).toEqual([]);
    expect(unresolved.filter(({ source }) => source.startsWith(file))).toEqual([]);
  });
});
