import type { Kind, KubeObject } from '../../kubernetes/object.ts';
import { sortedUnique } from '../../../lib/order.ts';
import { refOf } from '../../kubernetes/object.ts';
import type { Evidence } from '../evidence.ts';
import { known, unknown, type Fact } from '../fact.ts';
import type { Listing, World } from '../world.ts';

/** Something that the cluster runs or stands on, with the objects that show it. */
export interface Found {
  readonly name: string;
  readonly evidence: readonly Evidence[];
}

/** What a field of an object shows. */
export function shownBy(object: KubeObject, field: string, shows: { value?: string; rule: string }): Evidence {
  const { value, rule } = shows;
  return { object: refOf(object), field, ...(value === undefined ? {} : { value }), rule };
}

/**
 * Why something that was not found may be there all the same; undefined where all of the kinds were read. Manifests
 * speak of what will be applied, and never of what else the cluster runs.
 */
export function whyNotAll(world: World, kinds: readonly Kind[]): string | undefined {
  if (world.coverage.basis === 'declared') return 'manifests do not say what else the cluster runs';
  return kinds.map((kind) => world.list(kind).gap).find((gap) => gap !== undefined);
}

/** What a list says of all objects of its kind; unknown where it may not be whole. */
export function ofAll<T>(world: World, kind: Kind, read: (objects: Listing['objects']) => T): Fact<T> {
  const gap = whyNotAll(world, [kind]);
  return gap === undefined ? known(read(world.list(kind).objects)) : unknown(gap);
}

/** What each object of the kind says; of manifests what stands in them. Unknown where there may be more of them. */
export function rowsOf<T>(world: World, kind: Kind, row: (object: KubeObject) => T): Fact<readonly T[]> {
  const { objects, gap } = world.list(kind);
  if (gap !== undefined) return unknown(objects.length === 0 ? gap : `at least ${seen(objects)}; ${gap}`);
  if (objects.length > 0) return known(objects.map(row));
  return ofAll(world, kind, () => []);
}

function seen(objects: readonly KubeObject[]): string {
  const namespaces = sortedUnique(objects.flatMap(({ metadata }) => metadata.namespace ?? []));
  const where = namespaces.length === 0 ? '' : ` (${namespaces.join(', ')})`;
  return `${String(objects.length)}${where}`;
}
