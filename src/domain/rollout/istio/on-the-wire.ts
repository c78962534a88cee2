import { sortedUnique } from '../../../lib/order.ts';
import type { Call } from '../../calls/call.ts';
import { fateOf } from '../../simulate/fate-of.ts';
import type { SeenAnswer } from '../../simulate/trace-watch.ts';
import type { Fate } from '../../simulate/verdict.ts';
import type { Workload } from '../../world/workload.ts';
import type { World } from '../../world/world.ts';
import type { Planning } from '../planning.ts';
import type { Trial, WorseCall } from '../simulate-stage.ts';
import { undecidedCalls } from '../undecided-calls.ts';

const SECURED: ReadonlySet<string> = new Set(['mtls', 'hbone']);

/** Whether each pair of the call's cohorts has mutual TLS of the mesh on the wire, so that the server sees who calls. */
export function showsIdentity(fate: Fate | undefined): boolean {
  if (fate === undefined || fate.identity === 'none' || fate.identity === 'unknown') return false;
  return SECURED.has(fate.wire) && Object.keys(fate.wires ?? {}).every((wire) => SECURED.has(wire));
}

/**
 * Whether all that nobody can say of the call is what policies make of its request (a token, a header, an external
 * authorizer), while mutual TLS surely brings it to the server: neither STRICT nor a rule for its principal changes that.
 */
export function hangsOnRequest({ call, after }: Pick<WorseCall, 'call' | 'after'>, world: World): boolean {
  if (after.verdict !== 'unknown' || after.authorization !== 'unknown' || !showsIdentity(after)) return false;
  return passesOnTheWire(call, world);
}

/** The same where it was so before the stage, for the same reason. */
export function hungOnRequest(each: WorseCall, world: World): boolean {
  const { before, after } = each;
  return before.verdict === 'unknown' && before.why === after.why && hangsOnRequest(each, world);
}

function passesOnTheWire(call: Call, world: World): boolean {
  const seen: boolean[] = [];
  const fate = fateOf(call, world, {
    begin: () => (answer) => {
      seen.push(isPassed(answer));
    },
    end: () => undefined,
  });
  return seen.length > 0 && seen.every((passed) => passed) && showsIdentity(fate);
}

function isPassed(answer: SeenAnswer): boolean {
  switch (answer.part) {
    case 'outbound':
      return [answer.outbound.stalls, answer.outbound.mayStall, answer.outbound.mayRelay].every(
        (why) => why === undefined,
      );
    case 'relay':
    case 'arrival':
      return answer.inbound.outcome === 'accepted' || answer.inbound.outcome === 'degraded';
    case 'network-policy':
      return answer.held.every((held) => held === undefined);
  }
}

/** Calls to the namespace whose request decides, as notes: the stage does not change that. */
export function decidedByRequest(
  planning: Planning,
  trial: Trial,
  closes: (server: Workload, port: number) => boolean,
): readonly string[] {
  const notes = undecidedCalls(planning, trial)
    .filter(({ call }) =>
      (planning.index.servers.get(call.id) ?? []).some(({ workload, port }) => closes(workload, port)),
    )
    .filter((each) => hungOnRequest(each, trial.world))
    .map(
      ({ call, after }) =>
        `${call.id} sends mutual TLS; whether its requests pass is open before as after: ${after.why}.`,
    );
  return sortedUnique(notes);
}
