import { knownLabel, type CountedSeries } from './metric-family.ts';

/** A workload as Linkerd's labels name it. */
export interface LinkerdOwner {
  readonly kind: string;
  readonly name: string;
}

/** Labels by the kind of owner; `k8s_job` because Prometheus has a label `job` of its own. */
const OWNERS: ReadonlyMap<string, string> = new Map([
  ['deployment', 'Deployment'],
  ['statefulset', 'StatefulSet'],
  ['daemonset', 'DaemonSet'],
  ['cronjob', 'CronJob'],
  ['k8s_job', 'Job'],
  ['replicaset', 'ReplicaSet'],
  ['replicationcontroller', 'ReplicationController'],
]);

/** The labels that name the owner of the pod whose proxy counts. */
export const OWNER_LABELS: readonly string[] = [...OWNERS.keys()];

/** The labels that name the owner of the pod that a proxy calls. */
export const DST_OWNER_LABELS: readonly string[] = OWNER_LABELS.map((label) => `dst_${label}`);

/**
 * The workload that the labels with this prefix name. A Job that a CronJob made is told by the number that Kubernetes
 * puts after its name: https://github.com/kubernetes/kubernetes/blob/master/pkg/controller/cronjob/utils.go.
 */
export function ownerOf(series: CountedSeries, prefix: '' | 'dst_'): LinkerdOwner | undefined {
  for (const [label, kind] of OWNERS) {
    const name = knownLabel(series, `${prefix}${label}`);
    if (name === undefined) continue;
    const [, timed] = kind === 'Job' ? (/^(.+)-\d{8,10}$/.exec(name) ?? []) : [];
    return timed === undefined ? { kind, name } : { kind: 'CronJob', name: timed };
  }
  return undefined;
}
