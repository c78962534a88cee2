import { sortedUnique } from '../../lib/order.ts';
import { formatWorkload, type Workload } from '../world/workload.ts';
import type { World } from '../world/world.ts';
import { workloadsNamed } from './find-workloads.ts';

/** A workload as people name it: `[[NAMESPACE/]KIND/]NAME`, with what else says where to look. */
export interface WorkloadName {
  readonly text: string;
  readonly namespace?: string | undefined;
  readonly kind?: string | undefined;
}

/** The one workload that a name means, or why there is not one, with the choices if there are several. */
export type NamedWorkload =
  | { readonly workload: Workload }
  | { readonly workload: undefined; readonly reason: string; readonly choices: readonly string[] };

interface Reading {
  readonly namespace?: string | undefined;
  readonly kind?: string | undefined;
  readonly name: string;
}

/** The kinds by kubectl's names: singular, plural and short. */
const KINDS: ReadonlyMap<string, string> = new Map(
  Object.entries({
    Deployment: ['deployment', 'deployments', 'deploy'],
    StatefulSet: ['statefulset', 'statefulsets', 'sts'],
    DaemonSet: ['daemonset', 'daemonsets', 'ds'],
    ReplicaSet: ['replicaset', 'replicasets', 'rs'],
    ReplicationController: ['replicationcontroller', 'replicationcontrollers', 'rc'],
    CronJob: ['cronjob', 'cronjobs', 'cj'],
    Job: ['job', 'jobs'],
    Pod: ['pod', 'pods', 'po'],
    Rollout: ['rollout', 'rollouts', 'ro'],
  }).flatMap(([kind, names]) => names.map((name) => [name, kind] as const)),
);

/** The kind that kubectl means by a name such as `deploy`, `Deployments` or `deployment.apps`; undefined if none. */
export function workloadKind(text: string): string | undefined {
  return KINDS.get(text.toLowerCase().replace(/\..*$/, ''));
}

/**
 * The workload that a name means. `a/b` is kind and name where `a` is a kind, namespace and name where such a
 * namespace exists; what is not said may be anything, so long as one workload fits.
 */
export function findNamedWorkload(world: World, named: WorkloadName): NamedWorkload {
  const found = new Set(readings(world, named).flatMap((reading) => lookUp(world, reading)));
  const [workload, second] = found;
  if (workload !== undefined && second === undefined) return { workload };
  const choices = sortedUnique([...found].map(formatWorkload));
  const where = named.namespace === undefined ? '' : ` in namespace ${named.namespace}`;
  const what = `${named.kind === undefined ? '' : `${named.kind} `}${named.text}`;
  const reason =
    choices.length === 0
      ? `there is no workload ${what}${where}`
      : `${what}${where} may be any of ${choices.slice(0, 5).join(', ')}${choices.length > 5 ? ' and others' : ''}`;
  return { workload: undefined, reason, choices };
}

function readings(world: World, named: WorkloadName): readonly Reading[] {
  const [first = '', second, third, surplus] = named.text.split('/');
  const { namespace } = named;
  const kind = named.kind === undefined ? undefined : (workloadKind(named.kind) ?? named.kind);
  if (surplus !== undefined) return [];
  if (second === undefined) return [{ namespace, kind, name: first }];
  if (third !== undefined) return [{ namespace: first, kind: workloadKind(second) ?? second, name: third }];
  const asKind = workloadKind(first);
  const isNamespace = namespace === undefined ? world.namespaces().includes(first) : namespace === first;
  return [
    ...(asKind === undefined ? [] : [{ namespace, kind: asKind, name: second }]),
    ...(isNamespace ? [{ namespace: first, kind, name: second }] : []),
  ];
}

function lookUp(world: World, { namespace, kind, name }: Reading): readonly Workload[] {
  return workloadsNamed(world, name).filter(
    (workload) =>
      (namespace === undefined || workload.namespace === namespace) && (kind === undefined || workload.kind === kind),
  );
}
