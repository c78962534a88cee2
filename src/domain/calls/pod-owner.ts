import type { Workload } from '../world/workload.ts';
import { workloadsIn } from '../world/workloads-of.ts';
import type { World } from '../world/world.ts';

/** The letters of generated names. Source: k8s.io/apimachinery pkg/util/rand. */
const ALPHABET = '[bcdfghjklmnpqrstvwxz2456789]';
const SUFFIX = `${ALPHABET}{5}`;
/** Of 32 bits in decimal; one of fewer digits is too rare to be told from a part of a name. */
const HASH = `${ALPHABET}{6,10}`;

/** What Kubernetes appends to the name of each kind when it names a pod. */
const APPENDED: Readonly<Record<string, RegExp>> = {
  Deployment: new RegExp(`^-${HASH}-${SUFFIX}$`),
  Rollout: new RegExp(`^-${HASH}-${SUFFIX}$`),
  ReplicaSet: new RegExp(`^-${SUFFIX}$`),
  ReplicationController: new RegExp(`^-${SUFFIX}$`),
  DaemonSet: new RegExp(`^-${SUFFIX}$`),
  Job: new RegExp(`^(?:-\\d+)?-${SUFFIX}$`),
  CronJob: new RegExp(`^-\\d+-${SUFFIX}$`),
  StatefulSet: /^-\d+$/,
};

/**
 * The one workload of the namespace whose pods have names like this; undefined where none has, or several may. Pods come
 * and go, so the name alone tells, not whether such a pod is there now.
 */
export function ownerByPodName(world: World, namespace: string, pod: string): Workload | undefined {
  const owners = workloadsIn(world, namespace).filter(({ kind, name }) => {
    return pod.startsWith(`${name}-`) && APPENDED[kind]?.test(pod.slice(name.length)) === true;
  });
  return owners.length === 1 ? owners[0] : undefined;
}
