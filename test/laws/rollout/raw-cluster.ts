import { asList, asObject, asText, asTextMap, at, type JsonObject } from '../../../src/lib/json.ts';
import { groupBy } from '../../../src/lib/order.ts';

/** A manifest as a file holds it; of what Helm installs also `decoded`, in place of text in ConfigMaps. */
export type Raw = JsonObject;

/** A cluster as plain manifests by key; nothing of it knows a mesh. */
export interface RawCluster {
  readonly objects: ReadonlyMap<string, Raw>;
  /** Minutes since the cluster began: what is created next is younger than all that is there. */
  readonly clock: number;
  /** Groups of kinds that the API server learnt of: `security.istio.io`. */
  readonly served: ReadonlySet<string>;
}

/** Names one object: `apps/Deployment|shop|cart`, `Namespace||shop`. */
export function keyOf(kind: string, namespace: string | undefined, name: string): string {
  return `${kind}|${namespace ?? ''}|${name}`;
}

/** Group and kind as references write them: `apps/Deployment`, `Service`. */
export function kindOfRaw(raw: Raw): string {
  const [group, version] = (asText(raw['apiVersion']) ?? '').split('/');
  const kind = asText(raw['kind']) ?? '';
  return version === undefined ? kind : `${group ?? ''}/${kind}`;
}

export function nameOf(raw: Raw): string {
  return asText(at(raw, 'metadata', 'name')) ?? '';
}

export function namespaceOf(raw: Raw): string | undefined {
  return asText(at(raw, 'metadata', 'namespace'));
}

export function labelsOf(raw: unknown): Readonly<Record<string, string>> {
  return asTextMap(at(raw, 'metadata', 'labels'));
}

export function annotationsOf(raw: unknown): Readonly<Record<string, string>> {
  return asTextMap(at(raw, 'metadata', 'annotations'));
}

export function keyOfRaw(raw: Raw): string {
  return keyOf(kindOfRaw(raw), namespaceOf(raw), nameOf(raw));
}

const remembered = new WeakMap<RawCluster, ReadonlyMap<string, readonly Raw[]>>();

/** The objects of a kind, of one namespace or of all. */
export function listed(cluster: RawCluster, kind: string, namespace?: string): readonly Raw[] {
  const byKind = remembered.get(cluster) ?? groupBy([...cluster.objects.values()], kindOfRaw);
  remembered.set(cluster, byKind);
  const all = byKind.get(kind) ?? [];
  return namespace === undefined ? all : all.filter((raw) => namespaceOf(raw) === namespace);
}

/** The objects of a kind, oldest first; of equal age the first by name. */
export function byAge(cluster: RawCluster, kind: string, namespace: string): readonly Raw[] {
  const ageOf = (raw: Raw): string => `${asText(at(raw, 'metadata', 'creationTimestamp')) ?? ''} ${nameOf(raw)}`;
  return [...listed(cluster, kind, namespace)].sort((left, right) => (ageOf(left) < ageOf(right) ? -1 : 1));
}

/** The cluster of these manifests, each created a minute after the one before. */
export function clusterOf(manifests: readonly Raw[]): RawCluster {
  return manifests.reduce<RawCluster>((cluster, raw) => withObject(cluster, raw), {
    objects: new Map(),
    clock: 0,
    served: new Set(),
  });
}

/** Puts an object in; one that is new gets its time of creation. */
export function withObject(cluster: RawCluster, raw: Raw): RawCluster {
  const key = keyOfRaw(raw);
  const created = asText(at(cluster.objects.get(key), 'metadata', 'creationTimestamp')) ?? timeAt(cluster.clock);
  const dated = { ...raw, metadata: { ...asObject(raw['metadata']), creationTimestamp: created } };
  return { ...cluster, objects: new Map(cluster.objects).set(key, dated), clock: cluster.clock + 1 };
}

export function withoutObject(cluster: RawCluster, key: string): RawCluster {
  const objects = new Map(cluster.objects);
  objects.delete(key);
  return { ...cluster, objects };
}

function timeAt(minutes: number): string {
  return new Date(Date.UTC(2026, 0, 1, 0, minutes)).toISOString().replace('.000Z', 'Z');
}

/** Whether a label selector of any of Kubernetes' forms holds; an empty one holds for all. */
export function selects(selector: unknown, labels: Readonly<Record<string, string>>): boolean {
  const exact = Object.entries(asTextMap(at(selector, 'matchLabels')));
  return (
    exact.every(([key, value]) => labels[key] === value) &&
    asList(at(selector, 'matchExpressions')).every((one) => {
      const found = labels[asText(at(one, 'key')) ?? ''];
      const isListed = found !== undefined && asList(at(one, 'values')).includes(found);
      switch (at(one, 'operator')) {
        case 'In':
          return isListed;
        case 'NotIn':
          return !isListed;
        case 'Exists':
          return found !== undefined;
        default:
          return found === undefined;
      }
    })
  );
}
