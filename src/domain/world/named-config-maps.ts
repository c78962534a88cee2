import { compareBy, sortedUnique } from '../../lib/order.ts';

/** A ConfigMap by its full name. */
export interface ConfigMapName {
  readonly namespace: string;
  readonly name: string;
}

/** Whose ConfigMaps they are; each component may run in other namespaces than by default. */
export type ConfigMapOwner = 'istio' | 'istio-cni' | 'linkerd' | 'linkerd-cni' | 'consul' | 'cilium' | 'cluster';

interface NamedConfigMaps {
  /** Where the component is installed by default. */
  readonly namespaces: readonly string[];
  readonly names: readonly string[];
  /** The names to which revisions other than the default one append theirs. */
  readonly perRevision: readonly string[];
}

/** The ConfigMaps that rules read by name: of meshes, of the CNI and of DNS. No other is ever asked for unbidden. */
const NAMED: Readonly<Record<ConfigMapOwner, NamedConfigMaps>> = {
  istio: {
    namespaces: ['istio-system'],
    names: ['istio-ca-root-cert'],
    perRevision: ['istio', 'istio-sidecar-injector'],
  },
  'istio-cni': { namespaces: ['istio-system', 'kube-system'], names: ['istio-cni-config'], perRevision: [] },
  linkerd: { namespaces: ['linkerd'], names: ['linkerd-config', 'linkerd-identity-trust-roots'], perRevision: [] },
  'linkerd-cni': { namespaces: ['linkerd-cni'], names: ['linkerd-cni-config'], perRevision: [] },
  // Helm puts the release's name before it; these are those of the releases that Consul's own guides make.
  consul: {
    namespaces: ['consul'],
    names: ['consul-server-config', 'consul-consul-server-config'],
    perRevision: [],
  },
  cilium: { namespaces: ['kube-system'], names: ['cilium-config'], perRevision: [] },
  // EKS keeps what kube-proxy is told apart from its kubeconfig.
  cluster: { namespaces: ['kube-system'], names: ['coredns', 'kube-proxy', 'kube-proxy-config'], perRevision: [] },
};

/**
 * The name of the ConfigMap with the configuration of Consul's servers, by their StatefulSet; undefined where a
 * StatefulSet of that name and label is of others.
 * Source: consul-k8s charts/consul/templates/server-config-configmap.yaml, server-statefulset.yaml.
 */
export function consulServerConfig(name: string, label: (key: string) => string | undefined): string | undefined {
  return label('app') === 'consul' && label('component') === 'server' ? `${name}-config` : undefined;
}

/** The namespaces where the owner's ConfigMaps are by default. */
export function defaultNamespaces(owner: ConfigMapOwner): readonly string[] {
  return NAMED[owner].namespaces;
}

/** The owners of named ConfigMaps. */
export const CONFIG_MAP_OWNERS = Object.keys(NAMED) as readonly ConfigMapOwner[];

/** The names of all ConfigMaps that may be asked for, where Istio has these revisions beside the default; sorted. */
export function configMapNames(revisions: Iterable<string>): readonly string[] {
  return sortedUnique(CONFIG_MAP_OWNERS.flatMap((owner) => namesOf(owner, revisions)));
}

/** Where components were found, and what their ConfigMaps are called where that follows from them. */
export interface ConfigMapsFound {
  /** The namespaces of each owner. */
  readonly places: ReadonlyMap<ConfigMapOwner, ReadonlySet<string>>;
  /** Istio's revisions beside the default one. */
  readonly revisions: Iterable<string>;
  /** Those whose own names were found out. */
  readonly named: readonly ConfigMapName[];
}

/** The ConfigMaps to ask for, each once, sorted. */
export function configMapsIn({ places, revisions, named }: ConfigMapsFound): readonly ConfigMapName[] {
  const byPlace = [...places].flatMap(([owner, namespaces]) =>
    [...namespaces].flatMap((namespace) => namesOf(owner, revisions).map((name) => ({ namespace, name }))),
  );
  const unique = new Map([...byPlace, ...named].map((each) => [`${each.namespace}/${each.name}`, each]));
  return [...unique.values()].sort(
    compareBy(
      ({ namespace }) => namespace,
      ({ name }) => name,
    ),
  );
}

function namesOf(owner: ConfigMapOwner, revisions: Iterable<string>): readonly string[] {
  const { names, perRevision } = NAMED[owner];
  const suffixes = ['', ...sortedUnique(revisions).map((revision) => `-${revision}`)];
  return [...names, ...suffixes.flatMap((suffix) => perRevision.map((name) => `${name}${suffix}`))];
}
