import { unknown, known, type Fact } from '../../world/fact.ts';
import type { World } from '../../world/world.ts';
import { isOn } from './agents.ts';

/** What Cilium does with traffic as a whole, each axis for itself. */
export interface CiliumFeatures {
  readonly encryption: Fact<'wireguard' | 'ipsec' | 'none'>;
  /** Whether traffic that could not be encrypted is dropped instead. */
  readonly strictEncryption: Fact<boolean>;
  readonly mutualAuthentication: Fact<boolean>;
  readonly ztunnel: Fact<boolean>;
  readonly gatewayApi: Fact<boolean>;
  readonly ingressController: Fact<boolean>;
  /** `policy-audit-mode`: policies are reported and not enforced. */
  readonly audit: Fact<boolean>;
}

/**
 * What `cilium-config` switches on.
 * Source: cilium install/kubernetes/cilium/templates/cilium-configmap.yaml.
 */
export function ciliumFeatures(world: World): CiliumFeatures {
  const on = (key: string): Fact<boolean> => isOn(world, key);
  return {
    encryption: encryption(on('enable-wireguard'), on('enable-ipsec')),
    strictEncryption: either(on('enable-encryption-strict-mode'), on('enable-encryption-strict-mode-egress')),
    mutualAuthentication: on('mesh-auth-mutual-enabled'),
    ztunnel: on('enable-ztunnel'),
    gatewayApi: on('enable-gateway-api'),
    ingressController: on('enable-ingress-controller'),
    audit: on('policy-audit-mode'),
  };
}

function encryption(wireguard: Fact<boolean>, ipsec: Fact<boolean>): CiliumFeatures['encryption'] {
  if (!wireguard.known) return wireguard;
  if (wireguard.value) return known('wireguard');
  return ipsec.known ? known(ipsec.value ? 'ipsec' : 'none') : ipsec;
}

function either(left: Fact<boolean>, right: Fact<boolean>): Fact<boolean> {
  if (!left.known || left.value) return left;
  return right;
}

/** One pod, or one edge between two, as far as Cilium protects it. */
export interface Protection {
  /** Whether what passes between the ends can be read on its way. */
  readonly confidentiality: 'none' | 'node-to-node' | 'per-connection';
  /** Whether the peer is proven: `out-of-band` is a handshake beside the traffic, which it does not encrypt. */
  readonly identity: 'none' | 'out-of-band' | 'per-connection';
}

/** What holds for an edge: which ends are enrolled in ztunnel, and whether a policy requires authentication. */
export interface Edge {
  readonly authenticationRequired: boolean;
  readonly ztunnelEnds: 0 | 1 | 2;
}

/**
 * How an edge is protected. ztunnel protects only between two enrolled ends; authentication encrypts nothing, and
 * encryption between nodes proves nobody's identity and leaves out pods on one node.
 * Source: cilium Documentation mutual-authentication.rst, encryption-ztunnel.rst.
 */
export function protectionOf(features: CiliumFeatures, edge: Edge): Fact<Protection> {
  const { encryption: nodes, mutualAuthentication, ztunnel } = features;
  if (!nodes.known) return nodes;
  if (!ztunnel.known) return ztunnel;
  if (ztunnel.value && edge.ztunnelEnds === 2) {
    return known({ confidentiality: 'per-connection', identity: 'per-connection' });
  }
  if (edge.authenticationRequired && !mutualAuthentication.known) return unknown(mutualAuthentication.reason);
  const authenticated = edge.authenticationRequired && mutualAuthentication.known && mutualAuthentication.value;
  return known({
    confidentiality: nodes.value === 'none' ? 'none' : 'node-to-node',
    identity: authenticated ? 'out-of-band' : 'none',
  });
}
