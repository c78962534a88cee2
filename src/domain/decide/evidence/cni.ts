import { at } from '../../../lib/json.ts';
import { KIND } from '../../kubernetes/kinds.ts';
import { refOf } from '../../kubernetes/object.ts';
import type { Evidence } from '../../world/evidence.ts';
import { known, unknown, type Fact } from '../../world/fact.ts';
import type { World } from '../../world/world.ts';

/** The CNI by its name, and whether it removes the CNI configuration of others. */
export interface Cni {
  readonly cni: Fact<string>;
  /** Cilium’s `cni-exclusive`; unknown where it is not Cilium or its configuration was not read. */
  readonly exclusive: Fact<boolean>;
  readonly evidence: readonly Evidence[];
}

/** DaemonSets by which a CNI is told, in the order in which they are looked for. */
const AGENTS: readonly (readonly [daemonSet: string, cni: string])[] = [
  ['cilium', 'cilium'],
  ['anetd', 'gke-dataplane-v2'],
  ['calico-node', 'calico'],
  ['canal', 'canal'],
  ['antrea-agent', 'antrea'],
  ['ovnkube-node', 'ovn-kubernetes'],
  ['kube-flannel-ds', 'flannel'],
  ['kube-flannel', 'flannel'],
  ['weave-net', 'weave'],
  ['kube-router', 'kube-router'],
  ['aws-node', 'amazon-vpc-cni'],
  ['azure-cns', 'azure-cni'],
  ['kindnet', 'kindnet'],
];

/** Which CNI the cluster runs, told by its DaemonSet. A cluster always has one, so finding none is unknown. */
export function cniOf(world: World): Cni {
  const daemonSets = world.list(KIND.daemonSet);
  for (const [name, cni] of AGENTS) {
    const object = daemonSets.objects.find((candidate) => candidate.metadata.name === name);
    if (object === undefined) continue;
    const evidence = [{ object: refOf(object), field: 'metadata.name', value: name, rule: `the CNI is ${cni}` }];
    return {
      cni: known(cni),
      exclusive: cni === 'cilium' ? exclusiveOf(world) : unknown('the CNI is not Cilium'),
      evidence,
    };
  }
  const reason = daemonSets.gap ?? 'no DaemonSet of a known CNI is here';
  return { cni: unknown(reason), exclusive: unknown(reason), evidence: [] };
}

function exclusiveOf(world: World): Fact<boolean> {
  const config = world.list(KIND.configMap).objects.find((object) => object.metadata.name === 'cilium-config');
  if (config === undefined) return unknown('the ConfigMap cilium-config was not read');
  // The chart writes the key always; Cilium takes its absence as true.
  return known(at(config.data, 'cni-exclusive') !== 'false');
}
