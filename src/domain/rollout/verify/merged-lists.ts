import { asObject } from '../../../lib/json.ts';

/**
 * Lists that the API server merges by the key of their members, in kinds whose owners share them (Kubernetes API,
 * `x-kubernetes-list-map-keys`); conditions of a status are told apart by their type.
 */
const MERGE_KEYS: Readonly<Record<string, readonly string[]>> = {
  containers: ['name'],
  initContainers: ['name'],
  env: ['name'],
  volumes: ['name'],
  volumeMounts: ['name'],
  imagePullSecrets: ['name'],
  ports: ['containerPort', 'port', 'protocol'],
  webhooks: ['name'],
  conditions: ['type'],
  listeners: ['name'],
};

/** The keys by which members of a list of that name are told apart; undefined for a list that is one value. */
export function mergeKeysOf(field: string): readonly string[] | undefined {
  return Object.hasOwn(MERGE_KEYS, field) ? MERGE_KEYS[field] : undefined;
}

/** Whether the candidate is the member that was written, by those keys that the member has. */
export function sameMember(candidate: unknown, member: unknown, keys: readonly string[]): boolean {
  const [one, other] = [asObject(candidate), asObject(member)];
  if (one === undefined || other === undefined) return candidate === member;
  const relevant = keys.filter((key) => key === 'protocol' || other[key] !== undefined);
  return relevant.every((key) => withDefault(one, key) === withDefault(other, key));
}

function withDefault(map: Readonly<Record<string, unknown>>, key: string): unknown {
  return map[key] ?? (key === 'protocol' ? 'TCP' : undefined);
}
