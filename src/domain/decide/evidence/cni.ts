import { asText, at } from '../../../lib/json.ts';
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
      exclusive: cni === 'cilium' ? exclusiveOf(world, object.metadata.namespace) : unknown('the CNI is not Cilium'),
      evidence,
    };
  }
  const reason = daemonSets.gap ?? 'no DaemonSet of a known CNI is here';
  return { cni: unknown(reason), exclusive: unknown(reason), evidence: [] };
}

/** The chart always writes the key, so that one without it was made in another way, and its default is not ours to guess. */
function exclusiveOf(world: World, namespace: string | undefined): Fact<boolean> {
  const listing = world.list(KIND.configMap);
  const config = listing.objects.find(
    ({ metadata }) => metadata.name === 'cilium-config' && metadata.namespace === namespace,
  );
  if (config === undefined) return unknown(listing.gap ?? 'the ConfigMap cilium-config was not read');
  const value = asText(at(config.data, 'cni-exclusive'));
  if (value === 'true' || value === 'false') return known(value === 'true');
  return unknown('the ConfigMap cilium-config does not say cni-exclusive');
}
