import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../src/lib/json.ts';
import { admit } from '../../../src/domain/world/admit.ts';
import { foldPods } from '../../../src/domain/world/fold-pods.ts';
import type { KubeObject } from '../../../src/domain/kubernetes/object.ts';
import { listedPods } from '../../../src/domain/world/listed-pods.ts';

const few = (...texts: string[]) => fc.constantFrom(...texts);

const owner = fc.constantFrom(
  [],
  [{ apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'cart-1', controller: true }],
  [{ apiVersion: 'apps/v1', kind: 'StatefulSet', name: 'db', controller: true }],
  [{ apiVersion: 'v1', kind: 'Node', name: 'a', controller: true }],
);

const container = fc.record(
  {
    name: few('app', 'istio-proxy'),
    image: few('app:1', 'app:2'),
    env: fc.constantFrom([], [{ name: 'URL', value: 'http://cart:80' }], [{ name: 'URL', value: 'http://stock:80' }]),
    ports: fc.constantFrom([], [{ containerPort: 80 }]),
    volumeMounts: fc.constantFrom([], [{ name: 'token-x', mountPath: '/a' }], [{ name: 'token-y', mountPath: '/a' }]),
  },
  { requiredKeys: ['name', 'image'] },
);

const pod = fc.record({
  apiVersion: fc.constant('v1'),
  kind: fc.constant('Pod'),
  metadata: fc.record({
    name: fc.integer({ min: 0, max: 40 }).map((index) => `pod-${String(index)}`),
    namespace: few('shop', 'pay'),
    uid: few('1', '2'),
    ownerReferences: owner,
    labels: fc.dictionary(few('app', 'apps.kubernetes.io/pod-index', 'istio.io/rev'), few('0', '1'), { maxKeys: 3 }),
    annotations: fc.dictionary(few('cni/ip', 'sidecar.istio.io/inject', 'note'), few('a', 'b'), { maxKeys: 3 }),
  }),
  spec: fc.record({
    nodeName: few('a', 'b', ''),
    hostname: few('h', 'i'),
    hostNetwork: fc.boolean(),
    affinity: fc.constantFrom({}, { nodeAffinity: { names: ['a'] } }),
    volumes: fc.constantFrom([], [{ name: 'token-x' }]),
    containers: fc.array(container, { minLength: 1, maxLength: 2 }),
  }),
  status: fc.record({
    phase: few('Running', 'Succeeded'),
    conditions: fc.constantFrom([], [{ type: 'Ready', status: 'True' }]),
  }),
});

function admitted(raw: JsonObject): KubeObject | undefined {
  const result = admit(raw, { from: 'read' }, () => undefined);
  return 'object' in result ? result.object : undefined;
}

function byName(pods: readonly JsonObject[]): JsonObject[] {
  const named = new Map(pods.map((raw) => [JSON.stringify(Object.values(raw['metadata'] as object).slice(0, 2)), raw]));
  return [...named.values()];
}

describe('pods as a list brings them', () => {
  it('fold as if each of them had been admitted', () => {
    const property = fc.property(fc.array(pod, { maxLength: 25 }), (drawn) => {
      const raws = byName(drawn);
      const listed = listedPods();
      for (const raw of raws) listed.add(raw, admitted);
      const each = raws.map(admitted).filter((object) => object !== undefined);
      expect(listed.folded()).toEqual(foldPods(each));
    });
    fc.assert(property, { numRuns: 200 });
  });

  it('admits the first of many copies only', () => {
    const listed = listedPods();
    let admissions = 0;
    for (let index = 0; index < 50; index += 1) {
      const raw = {
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: {
          name: `cart-${String(index)}`,
          namespace: 'shop',
          ownerReferences: [{ apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'cart', controller: true }],
        },
        spec: { nodeName: `node-${String(index)}`, containers: [{ name: 'app', image: 'app:1' }] },
      };
      listed.add(raw, (copy) => {
        admissions += 1;
        return admitted(copy);
      });
    }
    expect(admissions).toBe(1);
    expect(listed.folded().map((object) => object['fold'])).toMatchObject([{ pods: 50, example: 'cart-0' }]);
  });

  it('says of a pod that lies too deep to be written that it is no object', () => {
    const levels = 100_000;
    const deep = JSON.parse(`${'['.repeat(levels)}${']'.repeat(levels)}`) as unknown;
    const pods = listedPods();
    const refused: unknown[] = [];
    for (const name of ['a', 'b']) {
      const raw = { apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace: 'shop' }, spec: { deep } };
      pods.add(raw, (pod) => {
        const result = admit(pod, { from: 'read' }, () => undefined);
        refused.push(result);
        return 'object' in result ? result.object : undefined;
      });
    }
    expect(pods.folded()).toEqual([]);
    expect(refused).toHaveLength(2);
  });

  it('says of every pod without a name that it is no object, even where its siblings are', () => {
    const listed = listedPods();
    const refused: JsonObject[] = [];
    const named = { name: 'cart-1', namespace: 'shop', ownerReferences: [{ kind: 'ReplicaSet', name: 'cart' }] };
    const { name: _name, ...nameless } = named;
    for (const metadata of [named, nameless]) {
      listed.add({ apiVersion: 'v1', kind: 'Pod', metadata, spec: {} }, (raw) => {
        const object = admitted(raw);
        if (object === undefined) refused.push(raw);
        return object;
      });
    }
    expect(refused).toHaveLength(1);
    expect(listed.folded()).toHaveLength(1);
  });
});
