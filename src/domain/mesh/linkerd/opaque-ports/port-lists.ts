/** Ports from `first` to `last`, both included. */
export interface PortRange {
  readonly first: number;
  readonly last: number;
}

const LAST_PORT = 65_535;
/** Blanks that Go's and Rust's trimming takes off. */
const BLANKS = /^\s+|\s+$/g;
const GO_NUMBER = /^[+-]?\d+$/;
const RUST_NUMBER = /^\+?\d+$/;

/**
 * A list of ports and ranges as Linkerd's Go code reads it (injector, destination controller, proxy-init): a name in
 * `names` stands for its port, an entry that is none of these is left out, port 0 counts.
 * Source: linkerd2 pkg/util/parsing.go#ParseContainerOpaquePorts, pkg/util/portrange.go#ParsePortRange.
 */
export function goPortRanges(list: string, names: ReadonlyMap<string, number> = new Map()): readonly PortRange[] {
  if (list === '') return [];
  return goEntries(list).flatMap((entry) => {
    const named = names.get(entry);
    const range = named === undefined ? goRange(entry) : { first: named, last: named };
    return range === undefined ? [] : [range];
  });
}

/**
 * The same list as the policy controller (Rust) reads it: blanks count nowhere, names and port 0 are errors, and one
 * error makes the whole list empty. Source: linkerd2 policy-controller/k8s/index/src/ports.rs#parse_portset.
 */
export function rustPortRanges(list: string): readonly PortRange[] {
  const ranges: PortRange[] = [];
  for (const entry of list.split(',')) {
    if (trimmed(entry) === '') continue;
    const range = rustRange(entry);
    if (range === undefined) return [];
    ranges.push(range);
  }
  return ranges;
}

/**
 * The same list as `linkerd-init` and the CNI plugin read it: an entry with blanks or a name is left out.
 * Source: linkerd2-proxy-init pkg/iptables/iptables.go#makeMultiportDestinations.
 */
export function firewallPortRanges(list: string): readonly PortRange[] {
  return list.split(',').flatMap((entry) => goRange(entry) ?? []);
}

/** Whether one of the ranges holds the port. */
export function holdsPort(ranges: readonly PortRange[], port: number): boolean {
  return ranges.some(({ first, last }) => first <= port && port <= last);
}

/** One comma at the end is no entry. */
function goEntries(list: string): readonly string[] {
  return list.replace(/,$/, '').split(',').map(trimmed);
}

function goRange(entry: string): PortRange | undefined {
  const bounds = entry.split('-');
  const [first = '', last = first] = bounds;
  if (bounds.length > 2 || !GO_NUMBER.test(first) || !GO_NUMBER.test(last)) return undefined;
  return rangeOf(Number(first), Number(last), 0);
}

function rustRange(entry: string): PortRange | undefined {
  const dash = entry.indexOf('-');
  const [first, last] = dash < 0 ? [entry, entry] : [entry.slice(0, dash), entry.slice(dash + 1)];
  const bounds = [first, last].map(trimmed);
  if (!bounds.every((bound) => RUST_NUMBER.test(bound))) return undefined;
  return rangeOf(Number(bounds[0]), Number(bounds[1]), 1);
}

function rangeOf(first: number, last: number, lowest: 0 | 1): PortRange | undefined {
  return first >= lowest && last <= LAST_PORT && first <= last ? { first, last } : undefined;
}

function trimmed(text: string): string {
  return text.replaceAll(BLANKS, '');
}
