import { workloadsOf } from '../world/workloads-of.ts';
import type { Workload } from '../world/workload.ts';
import type { World } from '../world/world.ts';
import { configuredHosts, unreadMaps, type ConfiguredHost } from './configured-hosts.ts';
import { foundNothing, fromWorkload, joinFound, stateCall, type FoundCalls } from './found-calls.ts';
import { hostTarget } from './host-target.ts';

/** Probable calls: to the hosts that environment, arguments, commands and ConfigMaps of workloads name. */
export function inferredHosts(world: World): FoundCalls {
  const workloads = workloadsOf(world);
  const found = workloads.flatMap((workload) =>
    configuredHosts(world, workload).map((host) => fromHost(world, workload, host)),
  );
  return joinFound([...found, notRead(world, workloads)]);
}

/** Most ConfigMaps of a live cluster are never asked for; that what they name is missing is said once for all. */
function notRead(world: World, workloads: readonly Workload[]): FoundCalls {
  const missing = workloads.map((workload) =>
    unreadMaps(world, workload).map((name) => `${workload.namespace}/${name}`),
  );
  const maps = new Set(missing.flat());
  if (maps.size === 0) return joinFound([]);
  const users = missing.filter((names) => names.length > 0).length;
  const reason = `${counted(maps.size, 'ConfigMap')} of ${counted(users, 'workload')} ${maps.size === 1 ? 'was' : 'were'} not read, so hosts that stand there are not known`;
  return foundNothing('ConfigMaps', reason);
}

function counted(count: number, what: string): string {
  return `${String(count)} ${what}${count === 1 ? '' : 's'}`;
}

function fromHost(world: World, workload: Workload, { container, place, token, init }: ConfiguredHost): FoundCalls {
  const source = `${workload.kind} ${workload.namespace}/${workload.name} container ${container} ${place}`;
  const { targets, protocol, remark, reason } = hostTarget(world, token, workload.namespace);
  const named = `${token.host}${token.port === undefined ? '' : `:${String(token.port)}`}`;
  return {
    calls: targets.map((to) =>
      stateCall({
        from: fromWorkload(workload),
        to,
        phase: init ? 'start' : 'run',
        protocol,
        evidence: {
          kind: 'inferred',
          source,
          detail: [`names ${named}`, remark, scheduleOf(workload)].filter((part) => part !== undefined).join('; '),
        },
      }),
    ),
    unresolved: reason === undefined ? [] : [{ source, reason: `${named}: ${reason}` }],
  };
}

/** When a job calls decides whether anybody could see it. */
function scheduleOf({ schedule }: Workload): string | undefined {
  return schedule === undefined ? undefined : `runs on schedule ${schedule}`;
}
