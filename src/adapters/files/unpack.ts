import { kindOf } from '../../domain/kubernetes/object.ts';
import type { Kind } from '../../domain/kubernetes/object.ts';
import type { JsonObject } from '../../lib/json.ts';
import { asObject, asObjects, asText, at } from '../../lib/json.ts';
import { placeInDump } from './folder-kinds.ts';
import type { FolderKind } from './folder-kinds.ts';
import { patchReason, templateReason } from './recognise.ts';
import type { SetAsideCode } from './reading.ts';

/** A list as a cluster gave it: its kinds are complete in what it covers. */
export interface ListRecord {
  readonly kinds: readonly Kind[];
  /** Namespaces of its items, and of the folder or file it is in. */
  readonly namespaces: readonly string[];
  /** It is one page of a list, and others come after it. */
  readonly goesOn?: boolean;
}

/** What one document holds. */
export interface Unpacked {
  readonly objects: readonly JsonObject[];
  readonly lists: readonly ListRecord[];
  readonly setAside: readonly { readonly code: SetAsideCode; readonly reason: string }[];
  /** The API server's version, where the document is about that. */
  readonly kubernetesVersion?: string;
}

const NOTHING: Unpacked = { objects: [], lists: [], setAside: [] };

/** Takes lists apart, gives their items the kind they lack, and tells what is no object. */
export function unpack(value: unknown, file: string): Unpacked {
  if (value === null || value === undefined) return NOTHING;
  const place = placeInDump(file);
  if (Array.isArray(value)) {
    return place.kind === undefined
      ? aside('not-kubernetes', notAnObject(value))
      : unpackItems({ items: value }, file, place.kind);
  }
  const document = asObject(value);
  if (document === undefined) return aside('not-kubernetes', 'a single value, not a Kubernetes object');
  const version = asText(at(document, 'info', 'gitVersion'));
  if (version !== undefined && file.endsWith('cluster_version.json')) return { ...NOTHING, kubernetesVersion: version };
  return unpackDocument(document, file);
}

function unpackDocument(document: JsonObject, file: string): Unpacked {
  const place = placeInDump(file);
  const kind = asText(document['kind']);
  if (kind === undefined && place.kind !== undefined && Array.isArray(document['items'])) {
    return unpackItems(document, file, place.kind);
  }
  if (kind?.endsWith('List') === true && Array.isArray(document['items'])) {
    const apiVersion = asText(document['apiVersion']) ?? 'v1';
    return unpackItems(document, file, kind === 'List' ? undefined : { apiVersion, kind: kind.slice(0, -4) });
  }
  return unpackObject(kind === undefined && place.bundle ? { ...place.kind, ...document } : document);
}

function notAnObject(list: readonly unknown[]): string {
  return `a bare list of ${String(list.length)} values, not a Kubernetes object`;
}

function unpackItems(list: JsonObject, file: string, itemKind: FolderKind | undefined): Unpacked {
  const parts = asObjects(list['items']).map((item) =>
    unpackObject(itemKind === undefined ? item : { ...itemKind, ...item }),
  );
  const objects = parts.flatMap((part) => part.objects);
  const setAside = parts.flatMap((part) => part.setAside);
  if (itemKind === undefined && !isFromCluster(list, objects)) return { objects, lists: [], setAside };
  const kinds = new Set(
    objects.map((object) => kindOf({ apiVersion: textAt(object, 'apiVersion'), kind: textAt(object, 'kind') })),
  );
  if (itemKind !== undefined) kinds.add(kindOf(itemKind));
  const { namespace } = placeInDump(file);
  const namespaces = new Set(
    objects.map((object) => textAt(object, 'metadata', 'namespace')).filter((name) => name !== ''),
  );
  if (namespaces.size === 0 && namespace !== undefined) namespaces.add(namespace);
  const goesOn = textAt(list, 'metadata', 'continue') === '' ? {} : { goesOn: true };
  return { objects, lists: [{ kinds: [...kinds], namespaces: [...namespaces], ...goesOn }], setAside };
}

/** A List that somebody wrote by hand says nothing about what else there is; one that kubectl got does. */
function isFromCluster(list: JsonObject, items: readonly JsonObject[]): boolean {
  return (
    at(list, 'metadata', 'resourceVersion') !== undefined ||
    items.some((item) => textAt(item, 'metadata', 'uid') !== '' || textAt(item, 'metadata', 'creationTimestamp') !== '')
  );
}

function textAt(value: unknown, ...path: readonly string[]): string {
  return asText(at(value, ...path)) ?? '';
}

function unpackObject(object: JsonObject): Unpacked {
  const kind = asText(object['kind']);
  const apiVersion = asText(object['apiVersion']) ?? '';
  if (kind === undefined) {
    if (asObject(object['metadata']) !== undefined) return aside('no-kind', 'an object without kind');
    return Array.isArray(object['items'])
      ? aside('no-kind', 'a list without kind')
      : aside('not-kubernetes', 'not a Kubernetes object');
  }
  if (apiVersion.startsWith('kustomize.config.k8s.io/'))
    return aside('kustomization', `a ${kind}: run kubectl kustomize and give its output`);
  if (apiVersion.startsWith('meshwise.dev/'))
    return aside('bundle', `meshwise's own ${kind}, not an object of a cluster`);
  const template = templateReason(object);
  if (template !== undefined) return aside('template', template);
  const patch = patchReason(kind, apiVersion, object);
  return patch === undefined ? { ...NOTHING, objects: [object] } : aside('patch', patch);
}

function aside(code: SetAsideCode, reason: string): Unpacked {
  return { ...NOTHING, setAside: [{ code, reason }] };
}
