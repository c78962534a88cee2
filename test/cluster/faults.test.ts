import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { at, type JsonObject } from '../../src/lib/json.ts';
import { podLists, requestsOfProgram, trespasses } from './support/audit.ts';
import { openCluster, type Cluster } from './support/cluster.ts';
import { loadCrowd } from './support/crowd.ts';
import { disturbedRun, faultsOf, serverOf } from './support/disturbed.ts';
import type { Passing } from './support/fault-proxy.ts';
import { inventory, live } from './support/meshwise.ts';

const FIRST_PAGE_OF_PODS = /^\/api\/v1\/pods\?limit=500$/;
const elsewhere = process.env['MESHWISE_TEST_KUBECONFIG'] !== undefined;
const none = (): 'none' => 'none';

describe.skipIf(inject('skipped') !== '' || elsewhere)('a reading that is disturbed', () => {
  let cluster: Cluster;
  let clean: JsonObject;
  beforeAll(async () => {
    cluster = await openCluster(inject('server'));
    await cluster.load('istio');
    await loadCrowd(cluster.kube);
    clean = await inventory(live(cluster.reader));
  });
  afterAll(() => cluster.stop());

  /** Makes what the server has of lists begun so far too old. */
  async function expire(): Promise<void> {
    const map = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'tick', namespace: 'default' } };
    await cluster.kube.apply('/api/v1/namespaces/default/configmaps/tick', {
      ...map,
      data: { at: String(Date.now()) },
    });
    await serverOf(cluster).compact();
  }

  it('has a list of two pages', () => {
    expect(at(clean, 'summary', 'pods')).toBeGreaterThan(500);
  });

  it('is complete, though the list of pods expired half-way', async () => {
    let expired = 0;
    const outcome = await disturbedRun(cluster, clean, {
      fault: none,
      before: async ({ path }: Passing) => {
        if (!FIRST_PAGE_OF_PODS.test(path) || expired > 0) return;
        expired += 1;
        await expire();
      },
    });
    expect(outcome).toMatchObject({ ended: 'complete', wrong: [] });
    expect(expiredLists(cluster)).toBe(1);
  });

  it('names the gap where the list of pods expires each time', async () => {
    const outcome = await disturbedRun(cluster, clean, {
      fault: none,
      before: async ({ path }: Passing) => {
        if (FIRST_PAGE_OF_PODS.test(path)) await expire();
      },
    });
    expect(outcome.wrong).toEqual([]);
    expect(outcome.gaps.join()).toMatch(/^Pod: (partial|unread)$/);
  });

  it('is complete, though the API server was killed and started again in the middle', async () => {
    let restarted: Promise<void> | undefined;
    const outcome = await disturbedRun(cluster, clean, {
      fault: none,
      before: ({ path }: Passing) => {
        if (FIRST_PAGE_OF_PODS.test(path)) restarted ??= serverOf(cluster).restart();
        return undefined;
      },
    });
    await restarted;
    expect(outcome.wrong).toEqual([]);
    expect(['complete', 'with gaps']).toContain(outcome.ended);
    expect(restarted).toBeDefined();
  });

  // Most of the time they wait, each for an answer of its own.
  it.concurrent.each([1, 2, 3, 4, 5, 6])('says nothing wrong under the faults of seed %i', async (seed) => {
    const outcome = await disturbedRun(cluster, clean, { fault: faultsOf(seed) });
    expect(outcome.wrong).toEqual([]);
  });

  it('never does more than read, and asks for no Secret, whatever goes wrong', () => {
    const requests = requestsOfProgram(serverOf(cluster));
    expect(podLists(requests)).toBeGreaterThan(5);
    expect(trespasses(requests)).toEqual([]);
  });
});

/** How often the server answered that a list of pods has expired. */
function expiredLists(cluster: Cluster): number {
  return serverOf(cluster)
    .auditEvents()
    .filter((event) => at(event, 'objectRef', 'resource') === 'pods' && at(event, 'responseStatus', 'code') === 410)
    .length;
}
