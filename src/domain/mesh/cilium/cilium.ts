import { known, unknown } from '../../world/fact.ts';
import type { PodShape } from '../../world/pod-shape.ts';
import type { Cohort, Workload } from '../../world/workload.ts';
import type { World } from '../../world/world.ts';
import type { DataPlane, Enrolment, Mesh, PortMode, ServerEnd } from '../mesh.ts';
import type { PolicySummary } from '../policy-summary.ts';
import { leave, undecided } from '../recognised/enrolment.ts';
import { unresolvedCalls } from '../recognised/unresolved.ts';
import { ciliumClaim } from './claim.ts';
import { detectCilium } from './detect.ts';
import { proxiedRulesFor } from './policies.ts';
import { ciliumFeatures, protectionOf } from './protection.ts';

/**
 * Cilium, where it is more than the cluster's network: ztunnel, required authentication, and HTTP rules. Encryption
 * between nodes is none of these: it proves no identity, and calls fare as without it.
 * Source: cilium Documentation mutual-authentication.rst, encryption-ztunnel.rst.
 */
export const cilium: Mesh = {
  id: 'cilium',
  displayName: 'Cilium',
  detect: detectCilium,
  enrolment,
  admit: () => undefined,
  dataPlane,
  ...unresolvedCalls("what Cilium's policies and ztunnel make of calls is not resolved"),
  portMode,
  policies,
};

/** Nothing is put into pods; being behind ztunnel is a matter of the namespace. */
function enrolment(namespace: string, pod: PodShape, world: World): Enrolment {
  const claim = ciliumClaim(namespace, pod, world);
  if (!claim.known) return undecided(claim.reason);
  if (claim.value?.by === 'ztunnel') return { decision: 'ambient', ...claim.value };
  return leave("Cilium's ztunnel does not take this pod");
}

/** Whether a pod that ztunnel takes is already behind it shows nowhere on the pod. */
function dataPlane(workload: Workload, { pod }: Cohort, world: World): DataPlane | undefined {
  const claim = ciliumClaim(workload.namespace, pod, world);
  const base = { mesh: 'cilium', native: false } as const;
  if (!claim.known) return { ...base, mode: 'unknown', captured: unknown(claim.reason), reason: claim.reason };
  if (claim.value === undefined) return nodeEncryption(world);
  const { by, reason } = claim.value;
  if (by === 'ztunnel') return { ...base, mode: 'ambient', captured: unknown('no mark on the pod says so'), reason };
  return { ...base, mode: 'proxyless', captured: known(true), reason };
}

/** Worth saying of pods in no mesh: what passes between nodes is encrypted, and nobody's identity is proven by it. */
function nodeEncryption(world: World): DataPlane | undefined {
  const { encryption } = ciliumFeatures(world);
  if (!encryption.known || encryption.value === 'none') return undefined;
  const words = encryption.value === 'wireguard' ? 'WireGuard' : 'IPsec';
  const reason = `no mesh takes these pods; Cilium encrypts what passes between nodes (${words}), which is no mutual TLS`;
  return { mesh: 'none', mode: 'none', captured: known(false), native: false, reason };
}

const CONFIDENTIALITY = {
  none: 'no encryption',
  'node-to-node': 'encryption between nodes',
  'per-connection': 'ztunnel (beta)',
} as const;

/**
 * No mode of Cilium is mutual TLS but ztunnel's, and that takes plaintext from whoever is not enrolled. Authentication
 * is a handshake beside the traffic, which it does not encrypt.
 */
function portMode({ workload, cohort }: ServerEnd, world: World): PortMode {
  const claim = ciliumClaim(workload.namespace, cohort.pod, world);
  if (!claim.known) return { mode: 'unknown', declared: 'unknown', evidence: [{ rule: claim.reason }] };
  const { by, evidence = [] } = claim.value ?? {};
  if (by === 'ztunnel') {
    return { mode: 'permissive', declared: 'ztunnel (beta): mTLS between enrolled namespaces', evidence };
  }
  const edge = { authenticationRequired: by === 'authentication', ztunnelEnds: 0 } as const;
  const protection = protectionOf(ciliumFeatures(world), edge);
  if (!protection.known)
    return { mode: 'unknown', declared: 'unknown', evidence: [...evidence, { rule: protection.reason }] };
  const { confidentiality, identity } = protection.value;
  const handshake = identity === 'none' ? [] : ['mutual authentication (deprecated)'];
  return { mode: 'none', declared: [...handshake, CONFIDENTIALITY[confidentiality]].join(', '), evidence };
}

/** Policies that a proxy or a handshake enforces; what the others, by address and port, leave over is not resolved. */
function policies({ workload, cohort }: Omit<ServerEnd, 'port'>, world: World): PolicySummary {
  const rules = proxiedRulesFor(workload.namespace, cohort.pod, world);
  if (!rules.known) return { default: 'unknown', policies: [], gap: rules.reason };
  return { default: 'unknown', policies: [...new Set(rules.value.map(({ policy }) => policy))] };
}
