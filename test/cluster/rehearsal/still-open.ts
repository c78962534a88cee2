import type { Call } from '../../../src/domain/calls/call.ts';
import { serverPorts } from '../../../src/domain/calls/server-ports.ts';
import type { Exception, RolloutPlan, Stage } from '../../../src/domain/rollout/plan.ts';
import { PLAINTEXT, strangersAt } from '../../../src/domain/simulate/strangers.ts';
import { formatWorkload } from '../../../src/domain/world/workload.ts';
import type { World } from '../../../src/domain/world/world.ts';

/**
 * The ports of the workloads that let in whom nobody named, and that no row of the plan's register says so of: those
 * that take plaintext need one about mutual TLS, those that take any identity one about authorization.
 */
export function stillOpen(
  world: World,
  calls: readonly Call[],
  { plan, workloads }: { readonly plan: RolloutPlan; readonly workloads: ReadonlySet<string> },
): readonly string[] {
  return serverPorts(world, calls)
    .servers.filter(({ workload }) => workloads.has(formatWorkload(workload)))
    .flatMap((door) => {
      const name = formatWorkload(door.workload);
      const isListed = ({ workload, layer, ports }: Exception, wanted: Exception['layer']): boolean =>
        formatWorkload(workload) === name && layer === wanted && (ports.length === 0 || ports.includes(door.port));
      const unlisted = [...strangersAt(door, world).names].filter((who) => {
        const layer = who === PLAINTEXT ? 'mtls' : 'authorization';
        return !plan.exceptions.some((row) => isListed(row, layer));
      });
      return unlisted.map((who) => `${name} port ${String(door.port)} lets in ${who}`);
    });
}

/** The workloads that the played stages deny by default, formatted. */
export function closedBy(played: readonly Stage[]): ReadonlySet<string> {
  const closing = played.filter(({ kind }) => kind === 'deny' || kind === 'default');
  return new Set(closing.flatMap(({ scope }) => scope.workloads.map(formatWorkload)));
}
