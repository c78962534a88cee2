import { asList, asObject, type JsonObject } from '../../lib/json.ts';
import { groupOf } from '../kubernetes/object.ts';

/** Lists of built-in kinds that merge by key (Kubernetes API, `x-kubernetes-list-map-keys`); all others are replaced. */
const MERGE_KEYS: Readonly<Record<string, readonly string[]>> = {
  containers: ['name'],
  initContainers: ['name'],
  ephemeralContainers: ['name'],
  env: ['name'],
  volumes: ['name'],
  volumeMounts: ['name'],
  imagePullSecrets: ['name'],
  ports: ['containerPort', 'port', 'protocol'],
  webhooks: ['name'],
  ownerReferences: ['uid'],
};

const BUILT_IN_GROUPS: ReadonlySet<string> = new Set([
  '',
  'apps',
  'batch',
  'policy',
  'autoscaling',
  'networking.k8s.io',
  'admissionregistration.k8s.io',
]);

/**
 * The object after one manager applied the named fields: maps merge by key, lists that have a merge key by that key,
 * everything else is replaced, and null removes (https://kubernetes.io/docs/reference/using-api/server-side-apply/).
 */
export function mergeFields(current: JsonObject, applied: JsonObject, apiVersion: string): JsonObject {
  return mergeMaps(current, applied, BUILT_IN_GROUPS.has(groupOf(apiVersion)));
}

function mergeMaps(current: JsonObject, applied: JsonObject, builtIn: boolean): JsonObject {
  const merged: Record<string, unknown> = { ...current };
  for (const [field, value] of Object.entries(applied)) {
    if (value === undefined) continue;
    if (value === null) Reflect.deleteProperty(merged, field);
    else merged[field] = mergeValue(field, { current: merged[field], applied: value }, builtIn);
  }
  return merged;
}

function mergeValue(
  field: string,
  values: { readonly current: unknown; readonly applied: unknown },
  builtIn: boolean,
): unknown {
  const map = asObject(values.applied);
  if (map !== undefined) return mergeMaps(asObject(values.current) ?? {}, map, builtIn);
  const keys = builtIn ? MERGE_KEYS[field] : undefined;
  if (keys === undefined || !Array.isArray(values.applied)) return values.applied;
  return mergeLists(asList(values.current), asList(values.applied), keys);
}

function mergeLists(current: readonly unknown[], applied: readonly unknown[], keys: readonly string[]): unknown[] {
  const merged = [...current];
  for (const member of applied) {
    const change = asObject(member);
    const index = change === undefined ? -1 : merged.findIndex((candidate) => sameMember(candidate, change, keys));
    if (change === undefined || index < 0) merged.push(member);
    else merged[index] = mergeMaps(asObject(merged[index]) ?? {}, change, true);
  }
  return merged;
}

function sameMember(candidate: unknown, change: JsonObject, keys: readonly string[]): boolean {
  const existing = asObject(candidate);
  if (existing === undefined) return false;
  const withDefault = (object: JsonObject, key: string): unknown =>
    object[key] ?? (key === 'protocol' ? 'TCP' : undefined);
  const relevant = keys.filter((key) => key === 'protocol' || change[key] !== undefined);
  return relevant.every((key) => withDefault(existing, key) === withDefault(change, key));
}
