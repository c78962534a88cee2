import { compareBy, compareText, sortedUnique } from '../../lib/order.ts';
import { keyOf, kindOf, refOf, type Kind, type KubeObject, type ObjectRef } from '../kubernetes/object.ts';
import { KIND } from '../kubernetes/kinds.ts';
import { gapIn, type CoverageEntry } from './coverage.ts';
import { derivedFrom, holding, notes } from './derived.ts';
import { inheritByNamespace, keptByNamespace } from './kept-by-namespace.ts';
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
    const merged = holding(new Map(index.get(kind) ?? []));
    for (const [namespace, objects] of buckets) {
      if (objects.length === 0) merged.delete(namespace);
      else merged.set(namespace, holding([...objects].sort(byName)));
    }
    index.set(kind, merged);
  }
  const made = worldOver({ ...factsOf(world), ...facts }, index, sameNamespaces(world, replaced));
  if (facts === undefined) {
    inheritByNamespace(world, made, replaced);
    if ([...replaced.keys()].every((kind) => POLICIES.has(kind))) besides.set(made, besidePolicies(world));
  }
  return made;
}

/** The same world with nothing kept of it: what is found of a large one and not asked again goes with the copy. */
export function apart(world: World): World {
  return withBuckets(world, new Map(), {});
}

/** What servers make of calls is all that they say; nobody's proxy, labels or addresses hang on them. */
const POLICIES: ReadonlySet<Kind> = new Set<Kind>([
  KIND.peerAuthentication,
  KIND.authorizationPolicy,
  KIND.linkerdServer,
  KIND.linkerdAuthorizationPolicy,
  KIND.meshTlsAuthentication,
  KIND.networkAuthentication,
]);

const besides = notes<object>();

/**
 * One object for a world and all that changes of such policies alone make of it. What never reads those is the same in
 * all of them, and is kept by it.
 */
export function besidePolicies(world: World): object {
  let beside = besides.get(world);
  if (beside === undefined) besides.set(world, (beside = holding({})));
  return beside;
}

/** The namespaces of the world before, where the change neither adds one nor may take one away. */
function sameNamespaces(world: World, replaced: Replaced): readonly string[] | undefined {
  if (replaced.has(KIND.namespace)) return undefined;
  const before = world.namespaces();
  for (const buckets of replaced.values()) {
    for (const [namespace, objects] of buckets) {
      if (objects.length === 0 || (namespace !== '' && !before.includes(namespace))) return undefined;
    }
  }
  return before;
}

/**
 * The function, asked once of each namespace of a world, and not again in worlds that a change makes of it elsewhere.
 * Only for functions whose answer depends on the objects in that namespace and on what was read, and on nothing else.
 */
export function oncePerNamespace<T>(
  compute: (world: World, namespace: string) => T,
): (world: World, namespace: string) => T {
  return (world, namespace) => {
    const functions = keptByNamespace(world);
    let answers = functions.get(compute);
    if (answers === undefined) functions.set(compute, (answers = new Map<string, unknown>()));
    const kept = answers.get(namespace);
    if (kept !== undefined || answers.has(namespace)) return kept as T;
    const answer = compute(world, namespace);
    answers.set(namespace, answer);
    return answer;
  };
}

/** What the reader found, without the objects. */
export function factsOf(world: World): WorldFacts {
  const { coverage, cluster, asOf, kubernetesVersion } = world;
  return { coverage, cluster, asOf, kubernetesVersion };
}

const indexes = notes<Index>();

function indexOf(world: World): Index {
  const index = indexes.get(world);
  if (index === undefined) throw new Error('this world was not made by makeWorld');
  return index;
}

const entriesByKind = new WeakMap<readonly CoverageEntry[], ReadonlyMap<Kind, CoverageEntry>>();

function entriesOf({ coverage }: WorldFacts): ReadonlyMap<Kind, CoverageEntry> {
  const kept = entriesByKind.get(coverage.entries);
  if (kept !== undefined) return kept;
  const entries = new Map(coverage.entries.map((entry) => [entry.kind, entry]));
  entriesByKind.set(coverage.entries, entries);
  return entries;
}

function worldOver(facts: WorldFacts, index: Index, inherited?: readonly string[]): World {
  const entries = entriesOf(facts);
  let namespaces = inherited;
  let kinds: readonly Kind[] | undefined;
  const listings = new Map<Kind, Listing>();
  const world: World = holding({
    ...facts,
    list: (kind) => {
      let kept = listings.get(kind);
      if (kept === undefined)
        listings.set(kind, (kept = listingOfAll(facts, entries, { kind, buckets: index.get(kind) })));
      return kept;
    },
    listIn: (kind, namespace) =>
      listing(facts, entries, { kind, namespace, objects: index.get(kind)?.get(namespace) ?? NONE }),
    get: (ref) => find(index, ref),
    kinds: () => (kinds ??= kindsOf(index)),
    namespaces: () => (namespaces ??= namespacesOf(index)),
  });
  indexes.set(world, index);
  return world;
}

function kindsOf(index: Index): readonly Kind[] {
  return [...index]
    .filter(([, buckets]) => buckets.size > 0)
    .map(([kind]) => kind)
    .sort(compareText);
}

/** Worlds share the buckets that no change touched, and so the list of all their objects. */
function concat(buckets: Buckets | undefined): readonly KubeObject[] {
  if (buckets === undefined) return NONE;
  return derivedFrom(buckets, joined);
}

function joined(buckets: Buckets): readonly KubeObject[] {
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

/** The objects are put together when somebody looks at them: many ask for the gap alone. */
function listingOfAll(
  facts: WorldFacts,
  entries: ReadonlyMap<Kind, CoverageEntry>,
  { kind, buckets }: { readonly kind: Kind; readonly buckets: Buckets | undefined },
): Listing {
  const gap = gapIn(entries.get(kind), facts.coverage.basis, { kind });
  return {
    get objects() {
      return concat(buckets);
    },
    gap,
  };
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
