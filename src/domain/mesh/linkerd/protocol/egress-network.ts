import { cidrContains, parseCidr, type Cidr } from '../../../kubernetes/cidr.ts';
import { compareText } from '../../../../lib/order.ts';

/** An EgressNetwork as far as it is chosen and decides. */
export interface EgressNetwork {
  readonly namespace: string;
  readonly name: string;
  /** RFC 3339; absent where it is not known. */
  readonly created?: string;
  readonly networks: readonly { readonly cidr: string; readonly except: readonly string[] }[];
  readonly trafficPolicy: 'Allow' | 'Deny';
}

/** Who calls what, as an EgressNetwork is chosen for it. */
export interface EgressCall {
  readonly ip: string;
  readonly clientNamespace: string;
  /** Chart value `egress.globalEgressNetworkNamespace`; `linkerd-egress` by default. */
  readonly globalNamespace: string;
}

/**
 * The EgressNetworks that count for clients of a namespace: its own, and only if it has none those of the global
 * namespace. Source: linkerd2 policy-controller/k8s/index/src/outbound/index/egress_network.rs#resolve_egress_network.
 */
export function egressCandidates<T extends { readonly namespace: string }>(
  networks: readonly T[],
  { clientNamespace, globalNamespace }: Omit<EgressCall, 'ip'>,
): readonly T[] {
  const own = networks.filter(({ namespace }) => namespace === clientNamespace);
  return own.length > 0 ? own : networks.filter(({ namespace }) => namespace === globalNamespace);
}

/**
 * The EgressNetwork that decides about an address: of the candidates that hold it the one with the smallest block, then
 * the oldest, then the first by name. Undefined where none holds it. Source: the same, #compare_matched_egress_network.
 */
export function egressNetworkFor(networks: readonly EgressNetwork[], call: EgressCall): EgressNetwork | undefined {
  const holding = egressCandidates(networks, call).flatMap((network) => {
    const size = smallestBlock(network, call.ip);
    return size === undefined ? [] : [{ network, size }];
  });
  const [best] = holding.sort(
    (left, right) =>
      compareSizes(left.size, right.size) ||
      compareText(left.network.created ?? '', right.network.created ?? '') ||
      compareText(left.network.namespace, right.network.namespace) ||
      compareText(left.network.name, right.network.name),
  );
  return best?.network;
}

/** Kinds of routes that let through what the policy denies, by what is spoken. */
const ROUTES: Readonly<Record<'http' | 'tls' | 'tcp', readonly string[]>> = {
  http: ['HTTPRoute', 'GRPCRoute', 'TCPRoute'],
  tls: ['TLSRoute', 'TCPRoute'],
  tcp: ['TCPRoute'],
};

/** Whether a call to an address of an EgressNetwork goes out: by its policy, or by a route attached to it that matches. */
export function egressAllowed(
  policy: EgressNetwork['trafficPolicy'],
  spoken: 'http' | 'tls' | 'tcp',
  matchingRoutes: readonly string[],
): boolean {
  return policy === 'Allow' || ROUTES[spoken].some((kind) => matchingRoutes.includes(kind));
}

function smallestBlock({ networks }: EgressNetwork, ip: string): bigint | undefined {
  const sizes = networks.flatMap(({ cidr, except }) => {
    const block = parseCidr(cidr);
    const excepted = except.map(parseCidr).filter((one) => one !== undefined);
    if (block === undefined || !cidrContains(block, ip) || excepted.some((one) => cidrContains(one, ip))) return [];
    return [excepted.reduce((size, one) => size - hosts(one), hosts(block))];
  });
  return sizes.sort(compareSizes)[0];
}

/** Addresses in a block, as upstream counts them: without those of the network and of broadcast. */
function hosts({ family, prefixLength }: Cidr): bigint {
  const all = 1n << BigInt((family === 4 ? 32 : 128) - prefixLength);
  return family === 4 && prefixLength < 31 ? all - 2n : all;
}

function compareSizes(left: bigint, right: bigint): number {
  if (left === right) return 0;
  return left < right ? -1 : 1;
}
