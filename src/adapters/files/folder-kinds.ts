/** What the name of a folder or file in a dump says about the objects in it. */
export interface FolderKind {
  readonly apiVersion: string;
  readonly kind: string;
}

const KINDS: Readonly<Record<string, string>> = {
  clusterroles: 'rbac.authorization.k8s.io/v1 ClusterRole',
  clusterrolebindings: 'rbac.authorization.k8s.io/v1 ClusterRoleBinding',
  configmaps: 'v1 ConfigMap',
  cronjobs: 'batch/v1 CronJob',
  'custom-resource-definitions': 'apiextensions.k8s.io/v1 CustomResourceDefinition',
  daemonsets: 'apps/v1 DaemonSet',
  deployments: 'apps/v1 Deployment',
  endpoints: 'v1 Endpoints',
  endpointslices: 'discovery.k8s.io/v1 EndpointSlice',
  events: 'v1 Event',
  ingress: 'networking.k8s.io/v1 Ingress',
  ingressclasses: 'networking.k8s.io/v1 IngressClass',
  jobs: 'batch/v1 Job',
  limitranges: 'v1 LimitRange',
  namespaces: 'v1 Namespace',
  'network-policy': 'networking.k8s.io/v1 NetworkPolicy',
  nodes: 'v1 Node',
  'pod-disruption-budgets': 'policy/v1 PodDisruptionBudget',
  pods: 'v1 Pod',
  pvcs: 'v1 PersistentVolumeClaim',
  pvs: 'v1 PersistentVolume',
  replicasets: 'apps/v1 ReplicaSet',
  'replication-controllers': 'v1 ReplicationController',
  'resource-quota': 'v1 ResourceQuota',
  rolebindings: 'rbac.authorization.k8s.io/v1 RoleBinding',
  roles: 'rbac.authorization.k8s.io/v1 Role',
  serviceaccounts: 'v1 ServiceAccount',
  services: 'v1 Service',
  statefulsets: 'apps/v1 StatefulSet',
  'storage-classes': 'storage.k8s.io/v1 StorageClass',
};

/** Where a file of a dump stands: its kind, by folder, and its namespace, if it is of one. */
export interface DumpPlace {
  readonly kind?: FolderKind;
  readonly namespace?: string;
  /** The file belongs to a support bundle, where objects may lack their kind. */
  readonly bundle: boolean;
}

/**
 * Reads the layout of a support bundle (`cluster-resources/<kind>/<namespace>.json`, `cluster-resources/<kind>.json`)
 * and of `kubectl cluster-info dump` (`<namespace>/<kind>.json`) from a file's path.
 * @see https://troubleshoot.sh/docs/collect/cluster-resources/
 */
export function placeInDump(file: string): DumpPlace {
  const parts = file.replace(/\.(json|ya?ml)$/i, '').split(/[\\/]/);
  const root = parts.lastIndexOf('cluster-resources');
  const name = parts.at(-1) ?? '';
  if (root < 0) {
    const kind = folderKind(name);
    const namespace = parts.at(-2);
    return { bundle: false, ...(kind === undefined || namespace === undefined ? {} : { namespace }) };
  }
  const kind = folderKind(parts[root + 1] ?? '');
  const inNamespace = parts.length === root + 3;
  return { bundle: true, ...(kind === undefined ? {} : { kind }), ...(inNamespace ? { namespace: name } : {}) };
}

function folderKind(name: string): FolderKind | undefined {
  const [apiVersion, kind] = Object.hasOwn(KINDS, name) ? (KINDS[name] ?? '').split(' ') : [];
  return apiVersion === undefined || kind === undefined ? undefined : { apiVersion, kind };
}
