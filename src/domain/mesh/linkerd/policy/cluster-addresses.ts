import { KIND } from '../../../kubernetes/kinds.ts';
import { parseCidr } from '../../../kubernetes/cidr.ts';
import type { KubeObject } from '../../../kubernetes/object.ts';
import { asObjects, asText, asTexts, at } from '../../../../lib/json.ts';
import { derivedFrom } from '../../../world/derived.ts';
import { known, unknown, type Fact } from '../../../world/fact.ts';
import type { World } from '../../../world/world.ts';
import { blockIsInside, networksHold, networksOf } from './networks.ts';

/**
 * Whether whoever calls from inside the cluster calls from its `clusterNetworks`: all pods that a Service leads to, all
 * nodes and the blocks that nodes give to their pods lie in them. Unknown where that does not show.
 * Source: linkerd2 pkg/healthcheck/healthcheck.go, "cluster networks contains all pods".
 */
export function clusterIsInside(clusterNetworks: Fact<readonly string[]>, world: World): Fact<boolean> {
  if (!clusterNetworks.known) return clusterNetworks;
  const [slices, nodes] = [world.list(KIND.endpointSlice), world.list(KIND.node)];
  const gap = slices.gap ?? nodes.gap;
  if (gap !== undefined) return unknown(`whether all pods are in the cluster networks is not known: ${gap}`);
  const asked = clusterNetworks.value;
  const inside = answerFor(slices.objects, asked, podsAreInside) && answerFor(nodes.objects, asked, nodesAreInside);
  return inside ? known(true) : unknown(NOT_SHOWN);
}

/** The addresses of the pods themselves are not kept: pods that nothing tells apart stand as one. */
const NOT_SHOWN =
  'EndpointSlices and Nodes do not show that the caller is inside the cluster networks, and addresses of pods are not kept';

type Check = (objects: readonly KubeObject[], networks: readonly string[]) => boolean;

/** The answer of a list of the world is kept for as long as the list is. */
function answerFor(objects: readonly KubeObject[], networks: readonly string[], check: Check): boolean {
  const kept = derivedFrom(objects, newAnswers);
  const key = networks.join(',');
  const answer = kept.get(key) ?? check(objects, networks);
  kept.set(key, answer);
  return answer;
}

function newAnswers(): Map<string, boolean> {
  return new Map();
}

function podsAreInside(slices: readonly KubeObject[], networks: readonly string[]): boolean {
  const pods = slices.flatMap((slice) =>
    asObjects(slice['endpoints']).filter((endpoint) => at(endpoint, 'targetRef', 'kind') === 'Pod'),
  );
  const addresses = pods.flatMap((endpoint) => asTexts(endpoint['addresses']));
  return addresses.length > 0 && allInside(addresses, networks);
}

function nodesAreInside(nodes: readonly KubeObject[], networks: readonly string[]): boolean {
  const addresses = nodes.flatMap(({ status }) =>
    asObjects(at(status, 'addresses'))
      .filter(({ type }) => type === 'InternalIP')
      .flatMap(({ address }) => asText(address) ?? []),
  );
  const blocks = nodes.flatMap(({ spec }) => [asText(at(spec, 'podCIDR')) ?? [], asTexts(at(spec, 'podCIDRs'))].flat());
  const read = networksOf(known(networks), 'clusterNetworks');
  const isInside = (block: string): boolean => {
    const cidr = parseCidr(block);
    return cidr !== undefined && read.known && read.value.some((network) => blockIsInside(cidr, network.cidr));
  };
  return addresses.length > 0 && allInside(addresses, networks) && blocks.every(isInside);
}

function allInside(addresses: readonly string[], networks: readonly string[]): boolean {
  const read = networksOf(known(networks), 'clusterNetworks');
  return addresses.every((address) => {
    const held = networksHold(read, known(address));
    return held.known && held.value;
  });
}
