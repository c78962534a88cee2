import { compareBy, compareText, sortedUnique } from '../../lib/order.ts';
import { keyOf, kindOf, refOf, type Kind, type KubeObject, type ObjectRef } from '../kubernetes/object.ts';
import { KIND } from '../kubernetes/kinds.ts';
import { gapIn, type CoverageEntry } from './coverage.ts';
import type { Listing, World, WorldFacts } from './world.ts';

type Buckets = ReadonlyMap<string, readonly KubeObject[]>;
type Index = ReadonlyMap<Kind, Buckets>;

const NONE: readonly KubeObject[] = [];
const byName = compareBy<KubeObject>(
  (object) => object.metadata.namespace ?? '',
  (object) => object.metadata.name,
);

/** What a change leaves of the buckets it touches: whole new lists, by kind and namespace. */
export type Replaced = ReadonlyMap<Kind, ReadonlyMap<string, readonly KubeObject[]>>;

/** A world over the given objects; of objects with one key the last stands. */
export function makeWorld(facts: WorldFacts, objects: Iterable<KubeObject>): World {
  const unique = new Map<string, KubeObject>();
  for (const object of objects) unique.set(keyOf(refOf(object)), object);
  const index = new Map<Kind, Map<string, KubeObject[]>>();
  for (const object of unique.values()) {
    const kind = kindOf(object);
    const buckets = index.get(kind) ?? new Map<string, KubeObject[]>();
    index.set(kind, buckets);
    const namespace = object.metadata.namespace ?? '';
    const bucket = buckets.get(namespace);
    if (bucket === undefined) buckets.set(namespace, [object]);
    else bucket.push(object);
  }
  for (const buckets of index.values()) for (const bucket of buckets.values()) bucket.sort(byName);
  return worldOver(facts, index);
}

/**
 * The world with some buckets replaced and its facts changed; buckets that are not named are shared with the world it
 * came from, so that what was derived from them is kept.
 */
export function withBuckets(world: World, replaced: Replaced, facts?: Partial<WorldFacts>): World {
  const index = new Map(indexOf(world));
  for (const [kind, buckets] of replaced) {
    const merged = new Map(index.get(kind) ?? []);
    for (const [namespace, objects] of buckets) {
      if (objects.length === 0) merged.delete(namespace);
      else merged.set(namespace, [...objects].sort(byName));
    }
    index.set(kind, merged);
  }
  return worldOver({ ...factsOf(world), ...facts }, index);
}

/** What the reader found, without the objects. */
export function factsOf(world: World): WorldFacts {
  const { coverage, cluster, asOf, kubernetesVersion } = world;
  return { coverage, cluster, asOf, kubernetesVersion };
}

const indexes = new WeakMap<World, Index>();

function indexOf(world: World): Index {
  const index = indexes.get(world);
  if (index === undefined) throw new Error('this world was not made by makeWorld');
  return index;
}

function worldOver(facts: WorldFacts, index: Index): World {
  const entries = new Map(facts.coverage.entries.map((entry) => [entry.kind, entry]));
  const all = new Map<Kind, readonly KubeObject[]>();
  let namespaces: readonly string[] | undefined;
  const world: World = {
    ...facts,
    list: (kind) =>
      listing(facts, entries, { kind, objects: all.get(kind) ?? keep(all, kind, concat(index.get(kind))) }),
    listIn: (kind, namespace) =>
      listing(facts, entries, { kind, namespace, objects: index.get(kind)?.get(namespace) ?? NONE }),
    get: (ref) => find(index, ref),
    kinds: () =>
      [...index]
        .filter(([, buckets]) => buckets.size > 0)
        .map(([kind]) => kind)
        .sort(compareText),
    namespaces: () => (namespaces ??= namespacesOf(index)),
  };
  indexes.set(world, index);
  return world;
}

function keep(
  cache: Map<Kind, readonly KubeObject[]>,
  kind: Kind,
  objects: readonly KubeObject[],
): readonly KubeObject[] {
  cache.set(kind, objects);
  return objects;
}

function concat(buckets: Buckets | undefined): readonly KubeObject[] {
  if (buckets === undefined) return NONE;
  return [...buckets.keys()].sort(compareText).flatMap((namespace) => buckets.get(namespace) ?? NONE);
}

function listing(
  facts: WorldFacts,
  entries: ReadonlyMap<Kind, CoverageEntry>,
  asked: { readonly kind: Kind; readonly namespace?: string; readonly objects: readonly KubeObject[] },
): Listing {
  const gap = gapIn(entries.get(asked.kind), facts.coverage.basis, asked);
  return { objects: asked.objects, gap };
}

function find(index: Index, ref: ObjectRef): KubeObject | undefined {
  const bucket = index.get(ref.kind)?.get(ref.namespace ?? '') ?? NONE;
  let low = 0;
  let high = bucket.length - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    const candidate = bucket[middle];
    if (candidate === undefined) return undefined;
    const order = compareText(candidate.metadata.name, ref.name);
    if (order === 0) return candidate;
    if (order < 0) low = middle + 1;
    else high = middle - 1;
  }
  return undefined;
}

function namespacesOf(index: Index): readonly string[] {
  const declared = (index.get(KIND.namespace)?.get('') ?? NONE).map((object) => object.metadata.name);
  const used = [...index.values()].flatMap((buckets) => [...buckets.keys()]).filter((name) => name !== '');
  return sortedUnique([...declared, ...used]);
}
