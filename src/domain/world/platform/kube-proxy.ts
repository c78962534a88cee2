import { asText, at } from '../../../lib/json.ts';
import { KIND } from '../../kubernetes/kinds.ts';
import { formatRef, refOf, type KubeObject } from '../../kubernetes/object.ts';
import { whyMissing } from '../coverage.ts';
import type { Evidence } from '../evidence.ts';
import { known, unknown, type Fact } from '../fact.ts';
import type { Workload } from '../workload.ts';
import { workloadsIn } from '../workloads-of.ts';
import type { World } from '../world.ts';
import type { Cni } from './cni.ts';
import { shownBy } from './found.ts';

/** Who turns a Service's address into a pod's. */
export interface KubeProxy {
  /** Whether something else than kube-proxy does it. */
  readonly replaced: Fact<boolean>;
  /** `iptables`, `ipvs` or `nftables`. */
  readonly mode: Fact<string>;
  readonly evidence: readonly Evidence[];
}

interface Answer {
  readonly replaced: Fact<boolean>;
  readonly evidence: readonly Evidence[];
}

const NAMESPACE = 'kube-system';
const CONFIG_MAPS = ['kube-proxy', 'kube-proxy-config'] as const;

/**
 * Whether kube-proxy is replaced, by the configuration of what replaces it. That no kube-proxy is seen proves nothing:
 * k3s and MicroK8s run it inside another process, EKS Auto Mode as a service of the machine.
 */
export function kubeProxyOf(world: World, cni: Fact<Cni>): KubeProxy {
  const { replaced, evidence } = replacement(world, cni);
  return { replaced, mode: modeOf(world), evidence };
}

function replacement(world: World, cni: Fact<Cni>): Answer {
  const seen = seenProxy(world);
  const plugins = cni.known ? cni.value.plugins : [];
  for (const { name, evidence } of plugins) {
    if (name === 'cilium') return withSeen(byCilium(world, evidence.object?.namespace), seen);
    if (name === 'gke-dataplane-v2') {
      return { replaced: known(true), evidence: [{ ...evidence, rule: 'GKE Dataplane V2 runs without kube-proxy' }] };
    }
  }
  // Whatever else was seen, an agent that was not read may be Cilium's.
  const gap = agentsGap(world);
  if (gap !== undefined) return { replaced: unknown(gap), evidence: seen };
  const calico = plugins.find(({ name }) => name === 'calico' || name === 'canal');
  if (calico !== undefined) return withSeen(byCalico(world, seen), seen);
  const ovn = plugins.find(({ name }) => name === 'ovn-kubernetes');
  // A kube-proxy may be a static pod, which has no DaemonSet.
  const unseen = world.list(KIND.pod).gap ?? world.list(KIND.daemonSet).gap;
  if (seen.length === 0 && unseen !== undefined) return { replaced: unknown(unseen), evidence: [] };
  if (ovn !== undefined && seen.length === 0) {
    return { replaced: known(true), evidence: [{ ...ovn.evidence, rule: 'OVN-Kubernetes serves Services itself' }] };
  }
  if (!cni.known) return { replaced: unknown(cni.reason), evidence: seen };
  if (seen.length > 0) return { replaced: known(false), evidence: seen };
  return { replaced: unknown('no kube-proxy was seen, and nothing that is known to replace it'), evidence: [] };
}

function seenProxy(world: World): readonly Evidence[] {
  const proxy = workloadsIn(world, NAMESPACE).find(isKubeProxy);
  if (proxy === undefined) return [];
  return [{ object: refOf(proxy.object), field: 'metadata.name', value: proxy.name, rule: 'kube-proxy runs' }];
}

/** Why there may be other node agents; each has an object and pods, of which one is enough. */
function agentsGap(world: World): string | undefined {
  const gap = world.list(KIND.daemonSet).gap;
  return world.list(KIND.pod).gap === undefined ? undefined : gap;
}

function withSeen({ replaced, evidence }: Answer, seen: readonly Evidence[]): Answer {
  return { replaced, evidence: [...evidence, ...seen] };
}

/** Its name, or the label that GKE and RKE2 put on its static pods. */
function isKubeProxy({ name, kind, template }: Workload): boolean {
  if (kind === 'DaemonSet') return /^kube-proxy(-\w+)?$/.test(name) && !name.includes('windows');
  return kind === 'Pod' && template.labels['component'] === 'kube-proxy';
}

/** Source: https://docs.cilium.io/en/stable/network/kubernetes/kubeproxy-free/. */
function byCilium(world: World, namespace: string | undefined): Answer {
  const ref = { kind: KIND.configMap, namespace: namespace ?? NAMESPACE, name: 'cilium-config' };
  const config = world.get(ref);
  if (config === undefined) return { replaced: unknown(whyMissing(world.coverage, ref)), evidence: [] };
  const value = asText(at(config.data, 'kube-proxy-replacement'));
  const shows = (rule: string): Evidence[] => [
    shownBy(config, 'data.kube-proxy-replacement', { ...(value === undefined ? {} : { value }), rule }),
  ];
  if (value === 'true' || value === 'strict')
    return { replaced: known(true), evidence: shows('Cilium serves Services') };
  if (value === 'false' || value === 'disabled')
    return { replaced: known(false), evidence: shows('Cilium leaves Services to kube-proxy') };
  const reason = `the ConfigMap cilium-config says kube-proxy-replacement ${value ?? 'nowhere'}`;
  return { replaced: unknown(reason), evidence: shows('it does not say whether kube-proxy is replaced') };
}

/** Source: https://docs.tigera.io/calico/latest/operations/ebpf/enabling-ebpf. */
function byCalico(world: World, seen: readonly Evidence[]): Answer {
  const { objects, gap } = world.list(KIND.felixConfiguration);
  const felix = objects.find(({ metadata }) => metadata.name === 'default');
  const enabled = felix === undefined ? undefined : at(felix.spec, 'bpfEnabled');
  if (felix !== undefined && enabled === true) {
    return {
      replaced: known(true),
      evidence: [
        shownBy(felix, 'spec.bpfEnabled', { value: 'true', rule: 'Calico’s eBPF data plane serves Services' }),
      ],
    };
  }
  if (felix !== undefined && seen.length > 0) {
    const rule = 'Calico’s eBPF data plane is off';
    return { replaced: known(false), evidence: [shownBy(felix, 'spec.bpfEnabled', { value: textOf(felix), rule })] };
  }
  const reason = gap ?? 'no FelixConfiguration says whether Calico’s eBPF data plane is on';
  return { replaced: unknown(reason), evidence: [] };
}

function textOf(felix: KubeObject): string {
  return at(felix.spec, 'bpfEnabled') === false ? 'false' : '(unset)';
}

function modeOf(world: World): Fact<string> {
  const refs = CONFIG_MAPS.map((name) => ({ kind: KIND.configMap, namespace: NAMESPACE, name }));
  for (const ref of refs) {
    const mode = asText(at(world.get(ref)?.decoded, 'kubeProxyMode'));
    if (mode !== undefined) return known(mode);
  }
  const silent = refs.find((ref) => world.get(ref) !== undefined);
  if (silent !== undefined) return unknown(`${formatRef(silent)} does not say the mode`);
  return unknown(refs.map((ref) => whyMissing(world.coverage, ref)).join('; '));
}
