import { cidrContains, parseCidr, type Cidr } from '../../../kubernetes/cidr.ts';
import { asObjects, asText, asTexts, type JsonObject } from '../../../../lib/json.ts';
import { known, unknown, type Fact } from '../../../world/fact.ts';

/** A block of addresses without some blocks in it. */
export interface Network {
  readonly cidr: Cidr;
  readonly except: readonly Cidr[];
}

/** Where a call may come from; unknown where the list was not read. */
export type Networks = Fact<readonly Network[]>;

const WHOLE = { network: 0n, prefixLength: 0 } as const;

/** Every address of both families. */
export const EVERYWHERE: Networks = known([
  { cidr: { family: 4, ...WHOLE }, except: [] },
  { cidr: { family: 6, ...WHOLE }, except: [] },
]);

/** The networks in a field `networks`: `cidr` with `except`. Undefined where one of them is no block or address. */
export function readNetworks(raw: unknown): readonly Network[] | undefined {
  const networks = asObjects(raw).map(readNetwork);
  return networks.every((network) => network !== undefined) ? networks : undefined;
}

/** Blocks as the chart values list them, such as `clusterNetworks`; unknown where one cannot be read. */
export function networksOf(cidrs: Fact<readonly string[]>, what: string): Networks {
  if (!cidrs.known) return cidrs;
  const networks = cidrs.value.map((cidr) => readNetwork({ cidr }));
  return networks.every((network) => network !== undefined) ? known(networks) : unknown(`${what} holds no valid CIDR`);
}

/**
 * Whether the networks hold an address. Of an address that is not known it is known only where they hold all of both
 * families, or where there are none.
 * Source: linkerd2-proxy linkerd/proxy/server-policy/src/authz/network.rs.
 */
export function networksHold(networks: Networks, ip: Fact<string>): Fact<boolean> {
  if (!networks.known) return networks;
  if (ip.known) return known(networks.value.some((network) => holds(network, ip.value)));
  if (networks.value.length === 0) return known(false);
  const all = ([4, 6] as const).every((family) => networks.value.some((network) => isWhole(network, family)));
  return all ? known(true) : ip;
}

/** Whether all of a block lies in another one. */
export function blockIsInside(inner: Cidr, outer: Cidr): boolean {
  if (outer.family !== inner.family || outer.prefixLength > inner.prefixLength) return false;
  const hostBits = BigInt((outer.family === 4 ? 32 : 128) - outer.prefixLength);
  return inner.network >> hostBits === outer.network >> hostBits;
}

function readNetwork(raw: JsonObject): Network | undefined {
  const cidr = parseCidr(asText(raw['cidr']) ?? '');
  const except = asTexts(raw['except']).map(parseCidr);
  if (cidr === undefined || !except.every((block) => block !== undefined)) return undefined;
  return { cidr, except };
}

function holds({ cidr, except }: Network, ip: string): boolean {
  return cidrContains(cidr, ip) && !except.some((block) => cidrContains(block, ip));
}

function isWhole({ cidr, except }: Network, family: 4 | 6): boolean {
  return cidr.family === family && cidr.prefixLength === 0 && except.length === 0;
}
