/** An IP address as a number; `family` keeps 0.0.0.1 and ::1 apart. */
export interface IpAddress {
  readonly family: 4 | 6;
  readonly value: bigint;
}

/** A block of addresses: those that share the first `prefixLength` bits with `network`. */
export interface Cidr {
  readonly family: 4 | 6;
  /** The first address of the block; bits after the prefix are zero. */
  readonly network: bigint;
  readonly prefixLength: number;
}

const BITS = { 4: 32, 6: 128 } as const;
const MAPPED_PREFIX = 0xffffn;

/**
 * An IPv4 or IPv6 address, or undefined where the text is not one. As in Go, leading zeros in IPv4 are refused and an
 * IPv4-mapped IPv6 address is the IPv4 address. Source: https://pkg.go.dev/net#ParseIP.
 */
export function parseIp(text: string): IpAddress | undefined {
  const address = parseUnmapped(text);
  if (address?.family === 6 && address.value >> 32n === MAPPED_PREFIX) {
    return { family: 4, value: address.value & 0xffff_ffffn };
  }
  return address;
}

/**
 * A block in CIDR notation, or undefined where the text is not one. A bare address is the block of itself (/32 or
 * /128); bits after the prefix are dropped.
 */
export function parseCidr(text: string): Cidr | undefined {
  const slash = text.indexOf('/');
  if (slash < 0) {
    const address = parseIp(text);
    return address && { family: address.family, network: address.value, prefixLength: BITS[address.family] };
  }
  const address = parseUnmapped(text.slice(0, slash));
  const length = text.slice(slash + 1);
  if (address === undefined || !/^(0|[1-9]\d{0,2})$/.test(length)) return undefined;
  const prefixLength = Number(length);
  if (prefixLength > BITS[address.family]) return undefined;
  return { family: address.family, network: truncate(address, prefixLength), prefixLength };
}

/** Whether the address lies in the block; false where the text is not an address or of the other family. */
export function cidrContains(cidr: Cidr, ipText: string): boolean {
  const address = parseIp(ipText);
  return address?.family === cidr.family && truncate(address, cidr.prefixLength) === cidr.network;
}

/** Whether two blocks share an address. */
export function cidrsOverlap(left: Cidr, right: Cidr): boolean {
  if (left.family !== right.family) return false;
  const shorter = Math.min(left.prefixLength, right.prefixLength);
  const [first, second] = [left, right].map(({ family, network }) => truncate({ family, value: network }, shorter));
  return first === second;
}

function truncate(address: IpAddress, prefixLength: number): bigint {
  const hostBits = BigInt(BITS[address.family] - prefixLength);
  return (address.value >> hostBits) << hostBits;
}

function parseUnmapped(text: string): IpAddress | undefined {
  const isV6 = text.includes(':');
  const value = isV6 ? parseV6(text) : parseV4(text);
  return value === undefined ? undefined : { family: isV6 ? 6 : 4, value };
}

function parseV4(text: string): bigint | undefined {
  const octets = text.split('.');
  if (octets.length !== 4 || !octets.every((octet) => /^(0|[1-9]\d{0,2})$/.test(octet) && Number(octet) <= 255)) {
    return undefined;
  }
  return octets.reduce((sum, octet) => (sum << 8n) | BigInt(octet), 0n);
}

function parseV6(text: string): bigint | undefined {
  const halves = text.split('::');
  if (halves.length > 2) return undefined;
  const [head, tail] = [groupsOf(halves[0] ?? '', halves.length === 1), groupsOf(halves[1] ?? '', true)];
  if (head === undefined || tail === undefined) return undefined;
  const missing = 8 - head.length - tail.length;
  if (halves.length === 1 ? missing !== 0 : missing < 1) return undefined;
  const groups = [...head, ...Array.from({ length: missing }, () => 0), ...tail];
  return groups.reduce((sum, group) => (sum << 16n) | BigInt(group), 0n);
}

/** The 16-bit groups of one side of `::`; a dotted IPv4 address may end the address and counts as two groups. */
function groupsOf(text: string, endsAddress: boolean): number[] | undefined {
  if (text === '') return [];
  const parts = text.split(':');
  const last = parts.at(-1) ?? '';
  const dotted = endsAddress && last.includes('.') ? parseV4(last) : undefined;
  const plain = dotted === undefined ? parts : parts.slice(0, -1);
  if (!plain.every((part) => /^[0-9a-f]{1,4}$/i.test(part))) return undefined;
  const groups = plain.map((part) => Number.parseInt(part, 16));
  return dotted === undefined ? groups : [...groups, Number(dotted >> 16n), Number(dotted & 0xffffn)];
}
