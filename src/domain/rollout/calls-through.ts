import { isKnownCall, type Call } from '../calls/call.ts';
import { mayAnswer } from '../calls/may-answer.ts';
import type { ServerPort } from '../calls/server-ports.ts';
import { stoodFor } from '../calls/stood-for.ts';
import { formatWorkload } from '../world/workload.ts';
import type { World } from '../world/world.ts';

/** A call, and the object by which it reaches a port that it does not name. */
export interface CallThrough {
  readonly call: Call;
  readonly by: string;
  /** Set where nothing that was read tells whether it reaches the port at all. */
  readonly isUntold?: true;
}

/** The calls that reach ports by names that stand for them, by `portKey`, and these ports. */
export interface CallsThrough {
  readonly calls: ReadonlyMap<string, readonly CallThrough[]>;
  readonly ports: readonly ServerPort[];
}

/** The calls that reach ports by names that stand for them, by workload and port. */
export function callsThrough(world: World, calls: readonly Call[]): CallsThrough {
  const found = new Map<string, CallThrough[]>();
  const ports = new Map<string, ServerPort>();
  for (const call of calls) {
    const stood = stoodFor(call, world);
    for (const { workload, port } of stood?.servers ?? []) {
      const key = portKey({ workload, port });
      const own = found.get(key) ?? [];
      if (own.some((each) => each.call === call)) continue;
      found.set(key, [...own, { call, by: stood?.by ?? '' }]);
      ports.set(key, { workload, port, calls: [] });
    }
  }
  return { calls: found, ports: [...ports.values()] };
}

/** Known calls to Services whose pods nothing that was read tells, by the formatted workloads that may answer them. */
export function throughUntold(world: World, calls: readonly Call[]): ReadonlyMap<string, readonly CallThrough[]> {
  const found = new Map<string, CallThrough[]>();
  for (const call of calls.filter(isKnownCall)) {
    const answer = mayAnswer(call, world);
    for (const workload of answer?.workloads ?? []) {
      const key = formatWorkload(workload);
      found.set(key, [...(found.get(key) ?? []), { call, by: answer?.by ?? '', isUntold: true }]);
    }
  }
  return found;
}

/** Equal for the same port of the same workload. */
export function portKey({ workload, port }: Pick<ServerPort, 'workload' | 'port'>): string {
  return `${formatWorkload(workload)} ${String(port)}`;
}
