import type { Call } from '../calls/call.ts';
import type { CallServer } from '../calls/resolve-target.ts';
import type { World } from '../world/world.ts';
import { cohortName, type Caller } from './alike-callers.ts';
import { doorsOf } from './answering.ts';
import { cohortPairs, type CohortPair } from './cohort-pairs.ts';
import type { AlikeFate } from './kept-fates.ts';
import type { Manner } from './manner.ts';
import { summarize } from './summarize.ts';
import type { Fate } from './verdict.ts';
import { looksAtSender } from './wire-policies.ts';

/** A call to the one server that it has. */
export interface AlikeQuestion {
  readonly caller: Caller;
  readonly server: CallServer;
  readonly manner: Manner;
}

/**
 * What becomes of a call while its caller runs, as of all calls that are alike; undefined where who calls, or what is
 * requested, may matter.
 */
export function alikeFate(call: Call, question: AlikeQuestion, world: World): Fate | undefined {
  const { caller, server, manner } = question;
  const { kind, workload } = caller;
  if (kind === undefined || call.phase !== 'run') return undefined;
  if (!kind.everywhere && workload.namespace === server.workload.namespace) return undefined;
  // A manner does not tell what is requested.
  if (call.request !== undefined && doorsOf(server, world).some(({ judged }) => judged)) return undefined;
  const { fates } = manner;
  let kept = fates.get(kind);
  if (kept === undefined && !fates.has(kind)) {
    kept = findFate(call, question, world);
    fates.set(kind, kept);
  }
  return kept === undefined ? undefined : fateFor(caller, kept);
}

function findFate(call: Call, { caller, server, manner }: AlikeQuestion, world: World): AlikeFate | undefined {
  const { workload: client, firstAlike } = caller;
  const pairs = cohortPairs({ call, client, server, manner, firstAlike }, world);
  if (!pairs.every((pair) => holdsForAll(pair, caller, world))) return undefined;
  const { fate, pair } = summarize(pairs);
  const { identity } = pair.fate.outbound;
  return {
    fate,
    cohort: caller.cohorts.findIndex((cohort) => cohort === pair.cohort),
    shown: identity.known && identity.value !== undefined,
    door: pairs.length > 1 ? cohortName(pair.door.end.workload, pair.door.end.cohort) : undefined,
  };
}

/** Whether nothing of who calls matters but the identity that is shown. */
function holdsForAll({ fate, cohort, door }: CohortPair, caller: Caller, world: World): boolean {
  const { outbound } = fate;
  if (fate.relayed === true || cohort === undefined) return false;
  const shown = outbound.identity.known ? outbound.identity.value : undefined;
  if (shown !== undefined && shown !== caller.identities[caller.cohorts.indexOf(cohort)]) return false;
  if (door.judged && shown !== undefined) return false;
  return door.pods.every((to) => !looksAtSender({ to, sent: outbound, calledPort: door.end.port }, world));
}

function fateFor({ names, identities }: Caller, { fate, cohort, shown, door }: AlikeFate): Fate {
  const identity = shown ? (identities[cohort] ?? fate.identity) : fate.identity;
  const why = door === undefined ? fate.why : `${fate.why} (${names[cohort] ?? ''} to ${door})`;
  return { ...fate, identity, why };
}
