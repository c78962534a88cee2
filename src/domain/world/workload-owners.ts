import { KIND } from '../kubernetes/kinds.ts';
import { kindOf, type Kind, type KubeObject, type OwnerReference } from '../kubernetes/object.ts';
import { foldOf } from './fold-pods.ts';
import type { World } from './world.ts';

const OWNED_BY_CONTROLLERS: ReadonlySet<Kind> = new Set<Kind>([KIND.job, KIND.replicaSet, KIND.replicationController]);

/** The controller of each ReplicaSet and Job that was read, by `Kind/name`. */
export type OwnerIndex = ReadonlyMap<string, OwnerReference | undefined>;

/** Who controls the ReplicaSets and Jobs of a namespace. */
export function ownerIndex(world: World, namespace: string): OwnerIndex {
  const objects = [KIND.replicaSet, KIND.job].flatMap((kind) => world.listIn(kind, namespace).objects);
  return new Map(objects.map((object) => [`${object.kind}/${object.metadata.name}`, controllerOf(object)]));
}

/** The owner that controls the object, if any. */
export function controllerOf(object: KubeObject): OwnerReference | undefined {
  return object.metadata.ownerReferences.find((owner) => owner.controller);
}

/** Whether the object only serves a controller: ReplicaSets and Jobs of a controller are that controller's pods, not workloads of their own. */
export function isOwned(object: KubeObject, owners: OwnerIndex): boolean {
  return OWNED_BY_CONTROLLERS.has(kindOf(object)) && owners.get(`${object.kind}/${object.metadata.name}`) !== undefined;
}

/** The workload that a pod belongs to, as `Kind/name`, following owners up as far as they were read. */
export function rootOwner(pod: KubeObject, owners: OwnerIndex): string {
  const owner = foldOf(pod).owner;
  if (owner === undefined) return `Pod/${foldOf(pod).example}`;
  const key = `${owner.kind}/${owner.name}`;
  const above = owners.get(key);
  if (above !== undefined) return `${above.kind}/${above.name}`;
  if (owners.has(key)) return key;
  return deploymentByName(owner, pod) ?? cronJobByName(owner) ?? key;
}

/** Where ReplicaSets were not read, the pod-template-hash that a Deployment adds to their names tells it. */
function deploymentByName(owner: OwnerReference, pod: KubeObject): string | undefined {
  const hash = pod.metadata.labels['pod-template-hash'];
  if (owner.kind !== 'ReplicaSet' || hash === undefined || !owner.name.endsWith(`-${hash}`)) return undefined;
  const rollout = pod.metadata.labels['rollouts-pod-template-hash'] !== undefined;
  return `${rollout ? 'Rollout' : 'Deployment'}/${owner.name.slice(0, -hash.length - 1)}`;
}

/** Where Jobs were not read, the scheduled minute that a CronJob adds to their names tells it. */
function cronJobByName(owner: OwnerReference): string | undefined {
  const match = owner.kind === 'Job' ? /^(.+)-\d{8,10}$/.exec(owner.name) : null;
  return match?.[1] === undefined ? undefined : `CronJob/${match[1]}`;
}
