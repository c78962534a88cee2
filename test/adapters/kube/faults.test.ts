import { describe, expect, it } from 'vitest';
import { fc } from '@fast-check/vitest';
import { known } from '../../../src/domain/world/fact.ts';
import type { Fault, StubOptions, StubRequest } from '../../support/kube-api-stub.ts';
import { startKubeApiStub, stubKubeconfig } from '../../support/kube-api-stub.ts';
import { readCluster } from '../../../src/adapters/kube/read-cluster.ts';
import { impatientClock, namesIn, readStub, resourceOf, temporaryFile } from './read-stub.ts';

const PODS = resourceOf('v1', 'Pod', 1203);
const SERVICES = resourceOf('v1', 'Service', 7);

/** A stub of pods and services with a fault in the nth request for pods. */
function faultyPods(fault: Fault, when: (request: StubRequest) => boolean): StubOptions {
  return {
    resources: [PODS, SERVICES],
    faults: (request) => (request.path === '/api/v1/pods' && when(request) ? fault : undefined),
  };
}

describe('a fault that passes', () => {
  it.each<Fault>([
    { fault: 'cut' },
    { fault: 'close' },
    { fault: 'reset' },
    { fault: 'slow', milliseconds: 50 },
    { fault: 'status', status: 429, retryAfterSeconds: 3 },
    { fault: 'status', status: 500 },
    { fault: 'status', status: 503 },
    { fault: 'body', body: '<html>please log in</html>' },
    { fault: 'body', body: '{"kind":"PodList","items":[1]}' },
    { fault: 'body', body: '{"kind":"Status"}' },
  ])('%j in the second page still gives the whole list, each pod once', async (fault) => {
    const { coverage, objects } = await readStub(faultyPods(fault, ({ count }) => count === 1));
    expect(coverage[0]).toEqual({ kind: 'Pod', state: 'read', objects: 1203 });
    expect(new Set(namesIn(objects.get('Pod'))).size).toBe(1203);
    expect(objects.get('Pod')).toHaveLength(1203);
  });

  it('waits as long as Retry-After says', async () => {
    const clock = impatientClock();
    const fault: Fault = { fault: 'status', status: 429, retryAfterSeconds: 7 };
    await readStub(
      faultyPods(fault, ({ count }) => count < 2),
      { clock },
    );
    expect(clock.slept).toEqual([7000, 7000]);
  });

  it('waits until the time that Retry-After names, by the clock of the server', async () => {
    const clock = impatientClock();
    const fault: Fault = { fault: 'status', status: 503, retryAfterSeconds: 'Sat, 21 Nov 2026 10:00:09 GMT' };
    await readStub(
      faultyPods(fault, ({ count }) => count < 1),
      { clock },
    );
    expect(clock.slept).toEqual([9000]);
  });

  it('waits longer each time where the server says nothing, with jitter from the clock', async () => {
    const clock = { ...impatientClock(), random: () => 0.5 };
    await readStub(
      faultyPods({ fault: 'status', status: 500 }, ({ count }) => count < 3),
      { clock },
    );
    expect(clock.slept).toEqual([625, 1250, 2500]);
  });
});

describe('a fault that stays', () => {
  it.each<[Fault, string]>([
    [{ fault: 'cut' }, 'connection failed'],
    [{ fault: 'close' }, 'cut off'],
    [{ fault: 'reset' }, 'ECONNRESET'],
    [{ fault: 'status', status: 429 }, '429'],
    [{ fault: 'status', status: 500 }, '500'],
    [{ fault: 'status', status: 405 }, '405'],
    [{ fault: 'status', status: 418 }, '418'],
    [{ fault: 'status', status: 403 }, '403'],
    [{ fault: 'body', body: '{"kind":"PodList"}' }, 'could not be understood'],
  ])('%j from the second page on leaves a named gap and reads the other kinds', async (fault, reason) => {
    const { coverage } = await readStub(faultyPods(fault, ({ count }) => count >= 1));
    expect(coverage).toEqual([
      { kind: 'Pod', state: 'partial', objects: 500, reason: expect.stringContaining(reason) as string },
      { kind: 'Service', state: 'read', objects: 7 },
    ]);
  });

  it('takes 403 on a kind as forbidden, and does not try again', async () => {
    const { coverage, stub } = await readStub(faultyPods({ fault: 'status', status: 403 }, () => true));
    expect(coverage[0]).toEqual({
      kind: 'Pod',
      state: 'forbidden',
      objects: 0,
      reason: 'no permission to list pods (403)',
    });
    expect(stub.requests.filter(({ path }) => path === '/api/v1/pods')).toHaveLength(1);
  });

  it('does not follow a list that leads back to the same page', async () => {
    const body = JSON.stringify({ kind: 'PodList', metadata: { continue: 'again' }, items: [{}] });
    const { coverage } = await readStub(faultyPods({ fault: 'body', body }, () => true));
    expect(coverage[0]).toMatchObject({ kind: 'Pod', state: 'partial' });
  });

  it('does not wait for all attempts again with each kind once the server is gone', async () => {
    const kinds = Array.from({ length: 8 }, (_, index) => resourceOf('v1', `Kind${String(index)}`, 1));
    const { coverage, stub } = await readStub({
      resources: kinds,
      faults: ({ path }) => (path.startsWith('/api/v1/') ? { fault: 'reset' } : undefined),
    });
    expect(coverage.every(({ state }) => state === 'unread')).toBe(true);
    expect(stub.requests.filter(({ path }) => path.startsWith('/api/v1/')).length).toBeLessThan(8 * 7);
  });
});

describe('a list that expires', () => {
  async function readExpiring(times: number) {
    let left = times;
    const stub = await startKubeApiStub({ resources: [PODS, SERVICES] });
    const seen = new Map<string, unknown[]>();
    const reading = await readCluster({
      kubeconfig: temporaryFile(stubKubeconfig(stub.url)),
      requestTimeoutSeconds: 5,
      qps: 0,
      signal: new AbortController().signal,
      kinds: ['Pod', 'Service'],
      environment: {},
      clock: impatientClock(),
      onPage: (kind, page) => {
        seen.set(kind, [...(seen.get(kind) ?? []), ...namesIn(page)]);
        if (kind === 'Pod' && left > 0) {
          left -= 1;
          stub.expireTokens();
        }
      },
      onRestart: (kind) => seen.delete(kind),
    });
    await stub.close();
    return { ...reading, seen };
  }

  it('is begun anew, alone, and ends whole with a warning', async () => {
    const { coverage, warnings, seen } = await readExpiring(2);
    expect(coverage).toEqual([
      { kind: 'Pod', state: 'read', objects: 1203 },
      { kind: 'Service', state: 'read', objects: 7 },
    ]);
    expect(seen.get('Pod')).toHaveLength(1203);
    expect(warnings).toHaveLength(2);
  });

  it('is given up after some time, as a gap', async () => {
    const { coverage } = await readExpiring(100);
    expect(coverage[0]).toMatchObject({ kind: 'Pod', state: 'partial', objects: 500 });
  });
});

describe('faults at random', () => {
  it('end in a complete list or a named gap, never in a wrong count', async () => {
    const fault = fc.constantFrom<Fault | undefined>(
      undefined,
      undefined,
      undefined,
      { fault: 'cut' },
      { fault: 'close' },
      { fault: 'reset' },
      { fault: 'status', status: 500 },
      { fault: 'status', status: 403 },
      { fault: 'status', status: 410 },
      { fault: 'body', body: '{}' },
    );
    const property = fc.asyncProperty(fc.array(fault, { maxLength: 25 }), async (faults) => {
      const script = [...faults];
      const { coverage, objects, kubernetesVersion } = await readStub({
        resources: [PODS, SERVICES],
        faults: ({ path }) => (/^\/api\/v1\/./.test(path) ? script.shift() : undefined),
      });
      expect(kubernetesVersion).toEqual(known('v1.34.2'));
      for (const { kind, state, reason } of coverage) {
        const names = namesIn(objects.get(kind));
        expect(new Set(names).size).toBe(names.length);
        if (state === 'read') expect(names).toHaveLength(kind === 'Pod' ? 1203 : 7);
        else expect(reason).toBeTruthy();
      }
      expect(coverage).toHaveLength(2);
    });
    await fc.assert(property, { numRuns: 25 });
  }, 60_000);
});
