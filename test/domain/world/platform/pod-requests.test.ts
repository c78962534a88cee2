import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { podRequests, type Compute } from '../../../../src/domain/world/platform/pod-requests.ts';
import type { JsonObject } from '../../../../src/lib/json.ts';
import { worldFrom } from '../../../support/build-world.ts';
import { asking, podWith } from './platform-world.ts';

const MEBIBYTE = 2 ** 20;

function requestsOf(spec: JsonObject): Compute | undefined {
  const [pod] = worldFrom([podWith('p', spec)]).list('Pod').objects;
  return pod && podRequests(pod);
}

function cpuOf(spec: JsonObject): number | undefined {
  return requestsOf(spec)?.cpuMillicores;
}

const sidecar = { restartPolicy: 'Always' };

describe('podRequests', () => {
  it('adds up containers, and takes what has no request for nothing', () => {
    expect(requestsOf({ containers: [asking('100m', '64Mi'), asking('1', '1Mi'), { name: 'x', image: 'i' }] })).toEqual(
      {
        cpuMillicores: 1100,
        memoryBytes: 65 * MEBIBYTE,
      },
    );
  });

  it('takes the largest init container where it needs more than the containers, each resource for itself', () => {
    const spec = { initContainers: [asking('2', '1Mi'), asking('1', '2Mi')], containers: [asking('1', '64Mi')] };
    expect(requestsOf(spec)).toEqual({ cpuMillicores: 2000, memoryBytes: 64 * MEBIBYTE });
  });

  it('counts a native sidecar for as long as the pod lives, and beside the init containers after it', () => {
    const containers = [asking('300m', '1Mi')];
    const proxy = asking('100m', '1Mi', sidecar);
    const init = asking('1', '1Mi');
    expect(cpuOf({ initContainers: [proxy], containers })).toBe(400);
    expect(cpuOf({ initContainers: [proxy, init], containers })).toBe(1100);
    expect(cpuOf({ initContainers: [init, proxy], containers })).toBe(1000);
  });

  it('adds the overhead of the runtime, and lets the requests of the pod stand for those of its containers', () => {
    const containers = [asking('300m', '1Mi')];
    expect(requestsOf({ containers, overhead: { cpu: '250m', memory: '1Mi' } })).toEqual({
      cpuMillicores: 550,
      memoryBytes: 2 * MEBIBYTE,
    });
    expect(requestsOf({ containers, resources: { requests: { cpu: '1' } } })).toEqual({
      cpuMillicores: 1000,
      memoryBytes: MEBIBYTE,
    });
  });

  it('takes the limit for a request that is missing', () => {
    const resources = { limits: { cpu: '2', memory: '1Mi' }, requests: { memory: '2Mi' } };
    expect(requestsOf({ containers: [{ name: 'c', image: 'i', resources }] })).toEqual({
      cpuMillicores: 2000,
      memoryBytes: 2 * MEBIBYTE,
    });
  });

  it('does not know what is no quantity', () => {
    expect(requestsOf({ containers: [asking('many', '1Mi')] })).toBeUndefined();
    expect(requestsOf({ containers: [], overhead: { cpu: {} } })).toBeUndefined();
  });

  it('is never less than any phase of the pod needs', () => {
    const some = fc.array(fc.record({ milli: fc.nat(4000), native: fc.boolean() }), { maxLength: 5 });
    const property = fc.property(some, fc.array(fc.nat(4000), { maxLength: 4 }), (inits, mains) => {
      const initContainers = inits.map(({ milli, native }) => asking(`${String(milli)}m`, '1', native ? sidecar : {}));
      const containers = mains.map((milli) => asking(`${String(milli)}m`, '1'));
      const cpu = cpuOf({ initContainers, containers }) ?? -1;
      const sidecars = inits.reduce((sum, { milli, native }) => sum + (native ? milli : 0), 0);
      const running = mains.reduce((sum, milli) => sum + milli, sidecars);
      const most = Math.max(0, ...inits.map(({ milli }) => milli));
      expect(cpu).toBeGreaterThanOrEqual(Math.max(running, most));
      expect(cpu).toBeLessThanOrEqual(Math.max(running, sidecars + most));
    });
    fc.assert(property, { numRuns: 60 });
  });
});
