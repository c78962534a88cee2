import type { SeenEnds, Sighting } from './sighting.ts';

/** What keeps the number of different calls from growing with every client's address and every path. */
export interface TallyLimits {
  /** The ends as they are counted; undefined where they are too many to count. */
  readonly apply: (sighting: Pick<Sighting, 'ends' | 'onlyAddress'>) => SeenEnds | undefined;
  /** What was counted together or left out. */
  readonly gaps: () => readonly string[];
}

const MOST_PATHS = 200;
const MOST_ADDRESSES = 100;

/** Limits that nothing has reached yet. */
export function createLimits(): TallyLimits {
  const paths = atMost(MOST_PATHS);
  const clients = atMost(MOST_ADDRESSES);
  const services = atMost(MOST_ADDRESSES);
  return {
    apply({ ends, onlyAddress }) {
      const { path, ...pathless } = ends;
      if (
        onlyAddress === 'service' &&
        !services.take(JSON.stringify([ends.clientNamespace, ends.client]), ends.service)
      )
        return undefined;
      const { client, ...callee } = pathless;
      const isNamed = onlyAddress !== 'client' || clients.take(serverKey(callee), client);
      const from = isNamed ? pathless : { ...pathless, client: 'unknown' };
      return path !== undefined && paths.take(JSON.stringify(from), path) ? { ...from, path } : from;
    },
    gaps: () => [
      ...told(clients.over(), `calls of further clients of one server known by address alone, counted together`),
      ...told(services.over(), `calls of one client to further addresses, left out`),
      ...told(paths.over(), `requests on further paths of one call, counted together without a path`),
    ],
  };
}

function serverKey({ service, serviceNamespace, server, serverNamespace }: Omit<SeenEnds, 'client'>): string {
  return JSON.stringify([service, serviceNamespace, server, serverNamespace]);
}

function told(count: number, what: string): readonly string[] {
  return count === 0 ? [] : [`${String(count)} ${what}`];
}

interface Bounded {
  /** Whether the member is among the first that the group has. */
  readonly take: (group: string, member: string | undefined) => boolean;
  /** How often it was not. */
  readonly over: () => number;
}

function atMost(limit: number): Bounded {
  const groups = new Map<string, Set<string>>();
  let over = 0;
  return {
    take(group, member = '') {
      let members = groups.get(group);
      if (members === undefined) groups.set(group, (members = new Set()));
      if (members.has(member)) return true;
      if (members.size < limit) {
        members.add(member);
        return true;
      }
      over += 1;
      return false;
    },
    over: () => over,
  };
}
