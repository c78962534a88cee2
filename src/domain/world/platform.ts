import { asObject, asText, at } from '../../lib/json.ts';
import { sortedUnique } from '../../lib/order.ts';
import { KIND } from '../kubernetes/kinds.ts';
import type { KubeObject } from '../kubernetes/object.ts';
import { cpuMillicores, memoryBytes } from '../kubernetes/quantity.ts';
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
  /** What all nodes together offer to pods. */
  readonly allocatable: Fact<Capacity>;
}

/** An amount of compute. */
export interface Capacity {
  readonly cpuMillicores: number;
  readonly memoryBytes: number;
}

/** Node agents of network plugins, by the names that their own manifests use. */
const CNI_AGENTS: Readonly<Record<string, string>> = {
  cilium: 'cilium',
  'calico-node': 'calico',
  canal: 'canal',
  'aws-node': 'aws-vpc-cni',
  'azure-cns': 'azure-cni',
  kindnet: 'kindnet',
  'kube-flannel-ds': 'flannel',
  'weave-net': 'weave',
  'antrea-agent': 'antrea',
  'kube-router': 'kube-router',
  netd: 'gke-dataplane',
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
    const nothingKnown = unknown(reason);
    return {
      nodes: nothingKnown,
      kubeletVersions: nothingKnown,
      provider: nothingKnown,
      cni: cniOf(world),
      allocatable: nothingKnown,
    };
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
    allocatable: gap === undefined ? allocatableOf(objects) : unknown(gap),
  };
}

/** A sum is known only where every part of it is. */
function allocatableOf(nodes: readonly KubeObject[]): Fact<Capacity> {
  let [cpu, memory] = [0, 0];
  for (const node of nodes) {
    const ofCpu = cpuMillicores(at(node.status, 'allocatable', 'cpu'));
    const ofMemory = memoryBytes(at(node.status, 'allocatable', 'memory'));
    if (ofCpu === undefined || ofMemory === undefined)
      return unknown(`Node ${node.metadata.name} does not say what it offers`);
    cpu += ofCpu;
    memory += ofMemory;
  }
  return known({ cpuMillicores: cpu, memoryBytes: memory });
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
  const daemonSets = world
    .namespaces()
    .flatMap((namespace) => workloadsIn(world, namespace))
    .filter(({ kind }) => kind === 'DaemonSet');
  const names = sortedUnique(daemonSets.map(({ name }) => CNI_AGENTS[name]).filter((name) => name !== undefined));
  const [first, second] = names;
  if (first === undefined) return unknown('no node agent of a known network plugin was read');
  return second === undefined ? known(first) : known(names.join(' and '));
}
