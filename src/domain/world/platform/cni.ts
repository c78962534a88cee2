import { compareBy, compareText } from '../../../lib/order.ts';
import { KIND } from '../../kubernetes/kinds.ts';
import { refOf } from '../../kubernetes/object.ts';
import { derivedFrom } from '../derived.ts';
import type { Evidence } from '../evidence.ts';
import { known, unknown, type Fact } from '../fact.ts';
import type { Workload } from '../workload.ts';
import { workloadsOf } from '../workloads-of.ts';
import type { World } from '../world.ts';
import { shownBy } from './found.ts';
import { imageVersion } from './image-reference.ts';

/** A network plugin and the object that shows it. */
export interface CniPlugin {
  readonly name: string;
  /** Of the node agent's image; absent where its tag is no version. */
  readonly version?: string;
  readonly evidence: Evidence;
}

/** The network plugins of the cluster: several where they are chained, or one routes and another enforces policies. */
export interface Cni {
  /** The names joined by `and`. */
  readonly name: string;
  readonly plugins: readonly CniPlugin[];
}

/** Node agents of network plugins, by the names that their own manifests and charts use. */
const AGENTS: readonly (readonly [daemonSet: RegExp, plugin: string])[] = [
  [/^cilium$/, 'cilium'],
  [/^calico-node$/, 'calico'],
  [/^(rke2-)?canal$/, 'canal'],
  [/^aws-node$/, 'aws-vpc-cni'],
  [/^(azure-cns|azure-cni-networkmonitor)$/, 'azure-cni'],
  [/^kindnet$/, 'kindnet'],
  [/^kube-flannel(-ds(-\w+)?)?$/, 'flannel'],
  [/^weave-net$/, 'weave'],
  [/^antrea-agent$/, 'antrea'],
  [/^kube-router$/, 'kube-router'],
  [/^netd$/, 'gke-dataplane'],
  [/^anetd$/, 'gke-dataplane-v2'],
  [/^ovnkube-node$/, 'ovn-kubernetes'],
  [/^kube-ovn-cni$/, 'kube-ovn'],
  [/^terway(-eni|-eniip)?$/, 'terway'],
  [/^(nsx-node-agent|nsx-ncp-bootstrap)$/, 'nsx'],
];
const OPENSHIFT_SDN = { name: 'sdn', namespace: 'openshift-sdn' };
/** Written by flannel on each node, also where it runs inside another process, as in k3s. */
const FLANNEL_NODE = ['flannel.alpha.coreos.com/kube-subnet-manager', 'flannel.alpha.coreos.com/backend-type'] as const;

/**
 * The network plugins by their node agents. Every cluster has one, so finding none is unknown: some run inside the
 * kubelet's process or as a service of the machine.
 */
export function cniOf(world: World): Fact<Cni> {
  return derivedFrom(world, findCni);
}

function findCni(world: World): Fact<Cni> {
  const agents = workloadsOf(world)
    .filter(({ kind }) => kind === 'DaemonSet')
    .flatMap(pluginOf);
  const plugins = withoutRepeats(agents.length > 0 ? agents : flannelOnNodes(world));
  if (plugins.length > 0) return known({ name: plugins.map(({ name }) => name).join(' and '), plugins });
  const gap = world.list(KIND.daemonSet).gap;
  return unknown(gap ?? 'no node agent of a known network plugin was read');
}

/** The network plugin whose node agent a DaemonSet of that name is; undefined for any other DaemonSet. */
export function pluginOfAgent({ name, namespace }: { name: string; namespace?: string }): string | undefined {
  if (name === OPENSHIFT_SDN.name && namespace === OPENSHIFT_SDN.namespace) return 'openshift-sdn';
  return AGENTS.find(([agent]) => agent.test(name))?.[1];
}

function pluginOf(workload: Workload): readonly CniPlugin[] {
  const name = pluginOfAgent(workload);
  if (name === undefined) return [];
  const version = workload.template.containers.map(({ image }) => imageVersion(image))[0];
  const evidence = {
    object: refOf(workload.object),
    field: workload.object.kind === 'DaemonSet' ? 'metadata.name' : 'metadata.ownerReferences',
    value: workload.name,
    rule: `it is the node agent of ${name}`,
  };
  return [{ name, ...(version === undefined ? {} : { version }), evidence }];
}

/** GKE runs `netd` beside its second data plane too, which alone routes then. */
function withoutRepeats(found: readonly CniPlugin[]): readonly CniPlugin[] {
  const second = found.some(({ name }) => name === 'gke-dataplane-v2');
  const first = new Map<string, CniPlugin>();
  for (const plugin of found) if (!first.has(plugin.name)) first.set(plugin.name, plugin);
  if (second) first.delete('gke-dataplane');
  return [...first.values()].sort(compareBy(({ name }) => name));
}

function flannelOnNodes(world: World): readonly CniPlugin[] {
  const [found] = world
    .list(KIND.node)
    .objects.flatMap((node) => {
      const written = FLANNEL_NODE.find((key) => node.metadata.annotations[key] !== undefined);
      return written === undefined ? [] : [{ node, written }];
    })
    .sort((left, right) => compareText(left.node.metadata.name, right.node.metadata.name));
  if (found === undefined) return [];
  const rule = 'flannel keeps the node’s subnet';
  return [{ name: 'flannel', evidence: shownBy(found.node, 'metadata.annotations', { value: found.written, rule }) }];
}
