import type { Call, CallEvidence } from '../calls/call.ts';
import { formatSource } from '../calls/call-id.ts';
import { fateOf } from '../simulate/fate-of.ts';
import { formatWorkload } from '../world/workload.ts';
import { hasEnded } from './choices.ts';
import { formatPort, type JudgedPort } from './evidence-rule.ts';
import type { Obstacle } from './plan.ts';
import type { Planning } from './planning.ts';

/** A call that somebody saw getting through to a port, and that the world as it was read refuses all the same. */
export interface RefusedCall {
  readonly port: JudgedPort;
  readonly call: Call;
  readonly seen: CallEvidence;
  /** What refuses it, as its fate says. */
  readonly why: string;
}

/** The calls to the ports that were seen, not all of them refused, and that break in the world that the plan starts from. */
export function refusedCalls(planning: Planning, ports: readonly JudgedPort[]): readonly RefusedCall[] {
  return ports.flatMap((port) =>
    port.port.calls.flatMap((call): readonly RefusedCall[] => {
      if (planning.fates.get(call.id)?.verdict !== 'breaks') return [];
      const seen = call.evidence.find(gotThrough);
      if (seen === undefined) return [];
      const { verdict, why } = fateOf(call, planning.input.world);
      return verdict === 'breaks' ? [{ port, call, seen, why }] : [];
    }),
  );
}

/**
 * The same as what stands in the way of deny by default: no rule names such a caller, and yet it may be there. A waiver
 * for the server's calls that has not ended takes it away.
 */
export function refusedToday(planning: Planning, ports: readonly JudgedPort[]): readonly Obstacle[] {
  const { choices, world } = planning.input;
  const { asOf } = world;
  const held = choices.waivers.filter(({ expires }) => asOf.known && !hasEnded(expires, asOf.value));
  const isWaived = (workload: string): boolean =>
    held.some(({ what }) => what === workload || workload.startsWith(`${what}/`));
  return refusedCalls(planning, ports)
    .filter(({ port }) => !isWaived(formatWorkload(port.port.workload)))
    .map(toObstacle);
}

function toObstacle({ port, call, seen, why }: RefusedCall): Obstacle {
  const when = seen.lastSeen === undefined ? '' : ` at ${seen.lastSeen}`;
  return {
    kind: 'call',
    what: `${formatSource(call.from)} was seen calling ${formatPort(port.port)}${when} (${seen.source}), and yet it is refused today: ${why}`,
    remedy:
      'find out whether it gets through: where it does, mend what refuses it, so that a rule names it, and plan again; where nobody needs it, waive the calls of the server in meshwise.yaml',
  };
}

function gotThrough({ kind, count, denied }: CallEvidence): boolean {
  if (kind !== 'observed' && kind !== 'exercised') return false;
  return denied === undefined || count === undefined || denied < count;
}
