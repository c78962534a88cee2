import { KIND, isClusterScoped } from '../../domain/kubernetes/kinds.ts';
import { kindOf } from '../../domain/kubernetes/object.ts';
import type { Kind, KubeObject } from '../../domain/kubernetes/object.ts';
import { asText, at } from '../../lib/json.ts';

/** Whether objects of a kind have no namespace. */
export type Scopes = (kind: Kind) => boolean;

/**
 * Gives objects of namespaced kinds that name no namespace the one for that, and takes it from those that have none.
 * The scope of a custom kind is its definition's, where that is among the objects; an object that a cluster gave
 * (it has a uid) says itself.
 */
export function placeObjects(
  found: readonly KubeObject[],
  namespaceForUnset: string,
): { readonly placed: readonly KubeObject[]; readonly scopes: Scopes } {
  const custom = customScopes(found);
  const scopes: Scopes = (kind) => custom.get(kind) ?? isClusterScoped(kind);
  return { placed: found.map((object) => place(object, scopes, namespaceForUnset)), scopes };
}

function customScopes(found: readonly KubeObject[]): ReadonlyMap<Kind, boolean> {
  const definitions = found.filter((object) => kindOf(object) === KIND.customResourceDefinition);
  return new Map(
    definitions.map((definition) => {
      const group = asText(at(definition.spec, 'group')) ?? '';
      const kind = asText(at(definition.spec, 'names', 'kind')) ?? '';
      return [`${group}/${kind}`, at(definition.spec, 'scope') === 'Cluster'] as const;
    }),
  );
}

function place(object: KubeObject, scopes: Scopes, namespaceForUnset: string): KubeObject {
  const { namespace, name, ...rest } = object.metadata;
  const clusterScoped = scopes(kindOf(object)) || (namespace === undefined && rest.uid !== undefined);
  if (clusterScoped === (namespace === undefined)) return object;
  const metadata = clusterScoped ? { name, ...rest } : { name, namespace: namespaceForUnset, ...rest };
  return { ...object, metadata };
}
