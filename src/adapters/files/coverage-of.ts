import { KIND } from '../../domain/kubernetes/kinds.ts';
import { kindOf } from '../../domain/kubernetes/object.ts';
import type { Kind, KubeObject } from '../../domain/kubernetes/object.ts';
import type { Basis, CoverageEntry } from '../../domain/world/coverage.ts';
import { groupBy, sortedUnique } from '../../lib/order.ts';
import type { Scopes } from './place-objects.ts';
import type { ListRecord } from './unpack.ts';

interface ListedKind {
  readonly whole: boolean;
  /** Its last page is not among the lists. */
  readonly cut: boolean;
  readonly namespaces: readonly string[];
}

/**
 * What the lists among the files say about completeness. Without lists the world is as declared and every kind in it
 * complete. With lists, a kind is complete where one of its lists spans several namespaces, where its lists cover
 * every namespace that was listed, or where it has no namespaces; a list of a single namespace may have been asked
 * for with `-n`, so it is complete for that namespace only: kubectl prints the same either way. Objects outside lists
 * complete nothing, and a page that others follow does not either. `wholeLists` says that somebody vouches for the
 * lists: each was made over all namespaces.
 */
export function coverageOf(
  objects: readonly KubeObject[],
  lists: readonly ListRecord[],
  { scopes, wholeLists = false }: { readonly scopes: Scopes; readonly wholeLists?: boolean },
): { readonly basis: Basis; readonly coverage: readonly CoverageEntry[] } {
  const counts = new Map([...groupBy(objects, kindOf)].map(([kind, members]) => [kind, members.length]));
  if (lists.length === 0) {
    const kinds = sortedUnique(counts.keys());
    return {
      basis: 'declared',
      coverage: kinds.map((kind) => ({ kind, state: 'read', objects: counts.get(kind) ?? 0 })),
    };
  }
  const listed = new Map(listedKinds(lists).map((kind) => [kind, listedKind(kind, lists, { scopes, wholeLists })]));
  const narrow = [...listed.values()].some(({ whole, namespaces }) => !whole && namespaces.length > 0);
  const all = namespacesListed(objects, lists);
  const kinds = sortedUnique([...counts.keys(), ...listed.keys()]);
  return {
    basis: 'dump',
    coverage: kinds.map((kind) => entryOf(kind, counts.get(kind) ?? 0, { listed: listed.get(kind), narrow, all })),
  };
}

function listedKinds(lists: readonly ListRecord[]): readonly Kind[] {
  return sortedUnique(lists.flatMap(({ kinds }) => kinds));
}

function listedKind(
  kind: Kind,
  lists: readonly ListRecord[],
  { scopes, wholeLists }: { readonly scopes: Scopes; readonly wholeLists: boolean },
): ListedKind {
  const own = lists.filter(({ kinds }) => kinds.includes(kind));
  const pages = own.filter(({ goesOn }) => goesOn === true).length;
  const cut = wholeLists ? pages === own.length : pages > 0;
  const whole = wholeLists || scopes(kind) || own.some(({ namespaces }) => namespaces.length > 1);
  return { whole, cut, namespaces: sortedUnique(own.flatMap(({ namespaces }) => namespaces)) };
}

/** All namespaces of the cluster, where they were listed. */
function namespacesListed(objects: readonly KubeObject[], lists: readonly ListRecord[]): readonly string[] | undefined {
  if (!lists.some(({ kinds }) => kinds.includes(KIND.namespace))) return undefined;
  return objects.filter((object) => kindOf(object) === KIND.namespace).map(({ metadata }) => metadata.name);
}

interface Listed {
  readonly listed: ListedKind | undefined;
  /** Some list is of single namespaces, so an empty one may be too. */
  readonly narrow: boolean;
  readonly all: readonly string[] | undefined;
}

function entryOf(kind: Kind, objects: number, { listed, narrow, all }: Listed): CoverageEntry {
  if (listed === undefined) return { kind, state: 'partial', objects, reason: 'single objects, no list of them' };
  const { whole, cut, namespaces } = listed;
  if (cut) return { kind, state: 'partial', objects, reason: 'a page of a list that goes on' };
  const covers = all !== undefined && all.length > 0 && all.every((name) => namespaces.includes(name));
  const empty = namespaces.length === 0 && !narrow;
  if (whole || covers || empty) return { kind, state: 'read', objects };
  const reason =
    namespaces.length === 0 ? 'an empty list of an unknown namespace' : `only of namespace ${namespaces.join(', ')}`;
  return { kind, state: 'partial', objects, reason, namespaces };
}
