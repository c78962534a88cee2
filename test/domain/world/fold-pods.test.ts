import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { admit } from '../../../src/domain/world/admit.ts';
import { foldOf, foldPods } from '../../../src/domain/world/fold-pods.ts';
import type { KubeObject } from '../../../src/domain/kubernetes/object.ts';

interface Placed {
  readonly workload: string;
  readonly node: string | undefined;
}

function podOf({ workload, node }: Placed, index: number): KubeObject {
  const ownerReferences = [{ apiVersion: 'apps/v1', kind: 'ReplicaSet', name: workload, controller: true }];
  const raw = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: `${workload}-${String(index)}`, namespace: 'shop', ownerReferences },
    spec: { containers: [{ name: 'c', image: 'i' }], ...(node === undefined ? {} : { nodeName: node }) },
  };
  const admitted = admit(raw, { from: 'read' }, () => undefined);
  if (!('object' in admitted)) throw new Error('not admitted');
  return admitted.object;
}

const placed = fc.record({
  workload: fc.constantFrom('cart', 'web'),
  node: fc.constantFrom('a', 'b', 'c', undefined),
});

describe('foldPods', () => {
  it('keeps of each class how many pods run on which node, whatever the order in which they come', () => {
    const property = fc.property(fc.array(placed, { maxLength: 20 }), (places) => {
      const pods = places.map(podOf);
      const folded = foldPods(pods);
      expect(foldPods([...pods].reverse())).toEqual(folded);
      for (const fold of folded.map(foldOf)) {
        const own = places.filter(({ workload }) => workload === fold.owner?.name);
        expect(fold.pods).toBe(own.length);
        const counts = ['a', 'b', 'c'].map((node) => ({ node, pods: own.filter((one) => one.node === node).length }));
        expect(fold.nodes).toEqual(counts.filter(({ pods: count }) => count > 0));
      }
    });
    fc.assert(property, { numRuns: 50 });
  });

  it('leaves what was folded before as it is', () => {
    const folded = foldPods([podOf({ workload: 'cart', node: 'a' }, 1), podOf({ workload: 'cart', node: 'b' }, 2)]);
    expect(foldPods(folded)).toEqual(folded);
  });
});
