import { workloadsOf } from '../world/workloads-of.ts';
import type { Workload } from '../world/workload.ts';
import type { World } from '../world/world.ts';
import { configuredHosts, type ConfiguredHost } from './configured-hosts.ts';
import { fromWorkload, joinFound, stateCall, type FoundCalls } from './found-calls.ts';
import { hostTarget } from './host-target.ts';

/** Probable calls: to the hosts that environment, arguments, commands and ConfigMaps of workloads name. */
export function inferredHosts(world: World): FoundCalls {
  return joinFound(
    workloadsOf(world).flatMap((workload) =>
      configuredHosts(world, workload).map((host) => fromHost(world, workload, host)),
    ),
  );
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
          detail: remark === undefined ? `names ${named}` : `names ${named}; ${remark}`,
        },
      }),
    ),
    unresolved: reason === undefined ? [] : [{ source, reason: `${named}: ${reason}` }],
  };
}
