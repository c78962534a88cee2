import type { Call } from '../calls/call.ts';
import { serversOf, type CallServer } from '../calls/resolve-target.ts';
import { formatWorkload, type WorkloadRef } from '../world/workload.ts';
import type { World } from '../world/world.ts';
import { rootNamespaces } from './mesh-wide/root-namespaces.ts';

/** The calls of a graph by who takes part in them, so that a change is tried on those alone that it can touch. */
export interface CallIndex {
  readonly all: readonly Call[];
  /** The place of each call among all, by its id. */
  readonly places: ReadonlyMap<string, number>;
  /** Calls that the workload makes or answers, by its formatted reference. */
  readonly byWorkload: ReadonlyMap<string, readonly Call[]>;
  /** Calls that a workload of the namespace makes or answers. */
  readonly byNamespace: ReadonlyMap<string, readonly Call[]>;
  /** Calls that a workload of the namespace answers. */
  readonly byServerNamespace: ReadonlyMap<string, readonly Call[]>;
  /** Who answers each call, by its id, in the world that the plan starts from. */
  readonly servers: ReadonlyMap<string, readonly CallServer[]>;
  /** Where a policy of Istio holds for every namespace. */
  readonly rootNamespaces: ReadonlySet<string>;
}

/** Indexes the calls once; a rollout never changes who answers a call, because it leaves selectors and ports alone. */
export function indexCalls(world: World, calls: readonly Call[]): CallIndex {
  const byWorkload = new Map<string, Call[]>();
  const byNamespace = new Map<string, Call[]>();
  const byServerNamespace = new Map<string, Call[]>();
  const servers = new Map<string, readonly CallServer[]>();
  for (const call of calls) {
    const answering = serversOf(call, world).servers;
    servers.set(call.id, answering);
    for (const key of new Set(answering.map(({ workload }) => workload.namespace)))
      append(byServerNamespace, key, call);
    const ends: WorkloadRef[] = answering.map(({ workload }) => workload);
    if (call.from.kind === 'workload') ends.push(call.from.workload);
    for (const key of new Set(ends.map(formatWorkload))) append(byWorkload, key, call);
    for (const key of new Set(ends.map(({ namespace }) => namespace))) append(byNamespace, key, call);
  }
  const places = new Map(calls.map(({ id }, place) => [id, place]));
  const roots = new Set(rootNamespaces(world));
  return { all: calls, places, byWorkload, byNamespace, byServerNamespace, servers, rootNamespaces: roots };
}

/** The calls of these ids, in the order of the graph; an id that the graph does not know is left out. */
export function inOrder({ all, places }: CallIndex, ids: Iterable<string>): readonly Call[] {
  return [...ids]
    .flatMap((id) => places.get(id) ?? [])
    .sort((left, right) => left - right)
    .flatMap((place) => all[place] ?? []);
}

function append(map: Map<string, Call[]>, key: string, call: Call): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [call]);
  else list.push(call);
}
