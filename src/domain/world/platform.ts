import { asObject, asText, at } from '../../lib/json.ts';
import { sortedUnique } from '../../lib/order.ts';
import { KIND } from '../kubernetes/kinds.ts';
import { known, unknown, type Fact } from './fact.ts';
import { workloadsIn } from './workloads-of.ts';
import type { World } from './world.ts';

/** Facts about the ground that the cluster stands on. */
export interface Platform {
  readonly nodes: Fact<number>;
  /** Kubelet versions, sorted, each once. */
  readonly kubeletVersions: Fact<readonly string[]>;
  /** Cloud or distribution by the nodes' providerID and labels: `aws`, `gce`, `azure`, `kind`, `k3s`, `openshift`. */
  readonly provider: Fact<string>;
  /** Network plugin by its DaemonSet. */
  readonly cni: Fact<string>;
}

/** Node agents of network plugins, by the names that their own manifests use. */
const CNI_AGENTS: Readonly<Record<string, string>> = {
  cilium: 'cilium',
  'calico-node': 'calico',
  'canal': 'canal',
  'aws-node': 'aws-vpc-cni',
  'azure-cns': 'azure-cni',
  kindnet: 'kindnet',
  'kube-flannel-ds': 'flannel',
  'weave-net': 'weave',
  'antrea-agent': 'antrea',
  'kube-router': 'kube-router',
  'netd': 'gke-dataplane',
  anetd: 'gke-dataplane-v2',
  'ovnkube-node': 'ovn-kubernetes',
  sdn: 'openshift-sdn',
};

const PROVIDERS: readonly (readonly [string, string])[] = [
  ['aws://', 'aws'],
  ['gce://', 'gce'],
  ['azure://', 'azure'],
  ['kind://', 'kind'],
  ['k3s://', 'k3s'],
  ['openstack://', 'openstack'],
  ['vsphere://', 'vsphere'],
  ['digitalocean://', 'digitalocean'],
  ['hcloud://', 'hetzner'],
];

/** What the world's nodes and node agents tell of the platform. */
export function platformOf(world: World): Platform {
  const { objects, gap } = world.list(KIND.node);
  const nothing = 'the world holds no Node objects';
  const reason = gap ?? nothing;
  if (objects.length === 0) {
    return { nodes: unknown(reason), kubeletVersions: unknown(reason), provider: unknown(reason), cni: cniOf(world) };
  }
  const versions = objects.map((node) => asText(at(node.status, 'nodeInfo', 'kubeletVersion')));
  const readVersions = versions.filter((version) => version !== undefined);
  return {
    nodes: gap === undefined ? known(objects.length) : unknown(gap),
    kubeletVersions:
      gap === undefined && readVersions.length === objects.length
        ? known(sortedUnique(readVersions))
        : unknown(gap ?? 'some nodes do not say which kubelet they run'),
    provider: providerOf(world),
    cni: cniOf(world),
  };
}

function providerOf(world: World): Fact<string> {
  for (const node of world.list(KIND.node).objects) {
    if (Object.keys(node.metadata.labels).some((label) => label.startsWith('node.openshift.io/'))) {
      return known('openshift');
    }
    const id = asText(at(asObject(node.spec), 'providerID')) ?? '';
    const provider = PROVIDERS.find(([prefix]) => id.startsWith(prefix));
    if (provider !== undefined) return known(provider[1]);
  }
  return unknown('no node names its provider');
}

function cniOf(world: World): Fact<string> {
  const daemonSets = world.namespaces().flatMap((namespace) => workloadsIn(world, namespace)).filter(({ kind }) => kind === 'DaemonSet');
  const names = sortedUnique(daemonSets.map(({ name }) => CNI_AGENTS[name]).filter((name) => name !== undefined));
  const [first, second] = names;
  if (first === undefined) return unknown('no node agent of a known network plugin was read');
  return second === undefined ? known(first) : known(names.join(' and '));
}
