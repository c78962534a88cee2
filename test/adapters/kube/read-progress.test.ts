import { describe, expect, it } from 'vitest';
import { progressLine, type ReadProgress } from '../../../src/adapters/kube/read-progress.ts';
import { readStub, resourceOf } from './read-stub.ts';

describe('progress', () => {
  it('estimates objects and requests from the first page on, and ends with what there was', async () => {
    const seen: ReadProgress[] = [];
    const resources = [resourceOf('v1', 'Service', 7), resourceOf('v1', 'Pod', 1203)];
    await readStub({ resources }, { onProgress: (progress) => seen.push(progress) });
    expect(seen[0]).toMatchObject({ kind: 'Pod', objects: 500, expected: 1203 });
    expect(seen[0]?.allExpected).toEqual({ objects: 1203, requests: 4 });
    expect(seen.at(-1)?.all).toEqual({ objects: 1210, requests: 4 });
    expect(seen.at(-1)?.allExpected).toEqual({ objects: 1210, requests: 4 });
  });

  it('is one line with about how long the rest takes', () => {
    const progress: ReadProgress = {
      kind: 'Pod',
      objects: 500,
      kindsDone: 0,
      kindsTotal: 2,
      all: { objects: 12500, requests: 25 },
      allExpected: { objects: 150000, requests: 350 },
    };
    expect(progressLine(progress, 5)).toBe(
      'reading the cluster: 12,500 of about 150,000 objects, 25 of about 350 requests, about 1 min 5 s at 5 requests a second',
    );
    expect(progressLine(progress, 0)).not.toContain('second');
  });
});
