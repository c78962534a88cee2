import { coversHost } from './host-match.ts';

/** Things by the hosts that they name, so that those that cover a host are found without a look at all of them. */
export interface HostIndex<T> {
  readonly exact: ReadonlyMap<string, readonly Named<T>[]>;
  readonly wildcards: readonly Named<T>[];
}

interface Named<T> {
  readonly thing: T;
  readonly host: string;
  /** Its place among all things. */
  readonly place: number;
}

/** Indexes things by the hosts (exact, `*` or with a leading `*`) that each of them names. */
export function indexByHost<T>(things: readonly T[], hostsOf: (thing: T) => readonly string[]): HostIndex<T> {
  const exact = new Map<string, Named<T>[]>();
  const wildcards: Named<T>[] = [];
  for (const [place, thing] of things.entries()) {
    for (const host of hostsOf(thing)) {
      const named = { thing, host, place };
      const list = host.startsWith('*') ? wildcards : (exact.get(host) ?? []);
      list.push(named);
      if (list !== wildcards) exact.set(host, list);
    }
  }
  return { exact, wildcards };
}

/** The things of which a host covers the given one, each once, in the order in which they were indexed. */
export function covering<T>({ exact, wildcards }: HostIndex<T>, host: string): readonly T[] {
  const named = exact.get(host) ?? [];
  const wide = wildcards.length === 0 ? wildcards : wildcards.filter((each) => coversHost(each.host, host));
  if (wide.length === 0 && named.length < 2) return named.map(({ thing }) => thing);
  const inOrder = [...named, ...wide].sort((left, right) => left.place - right.place);
  return [...new Set(inOrder.map(({ thing }) => thing))];
}
