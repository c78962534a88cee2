import type { Call, CallTarget } from '../calls/call.ts';
import type { CallServer } from '../calls/resolve-target.ts';
import type { Outbound } from '../mesh/mesh.ts';
import { dataPlaneOf } from '../mesh/registry.ts';
import { known } from '../world/fact.ts';
import { cohortsOf, formatWorkload, type Workload } from '../world/workload.ts';
import { findWorkload } from '../world/workloads-of.ts';
import type { World } from '../world/world.ts';
import { callerIn, cohortName, type Caller } from './alike-callers.ts';
import { alikeFate } from './alike-fates.ts';
import { answering } from './answering.ts';
import { cohortPairs, type CohortPair } from './cohort-pairs.ts';
import { withAdmission, withGap } from './fate-notes.ts';
import { mannerOf } from './manner.ts';
import { payloadOf } from '../calls/payload.ts';
import { asPlaintext, contradictsSightings, withSeen } from './seen-wire.ts';
import { summarize } from './summarize.ts';
import type { FateWatch } from './trace-watch.ts';
import type { Fate } from './verdict.ts';

/**
 * What becomes of a call in a world, as the worst over all its servers, and over every pair of a client cohort and a
 * server cohort, the pods that would be created next included. Unknown, with the reason, where an end cannot be found.
 * Whoever watches is told of each pair.
 */
export function fateOf(call: Call, world: World, watch?: FateWatch): Fate {
  const { from, to } = call;
  const client = from.kind === 'workload' ? findWorkload(world, from.workload) : undefined;
  if (from.kind === 'workload' && client === undefined) {
    return unknownFate(`${formatWorkload(from.workload)} is not in this world`);
  }
  const caller = client === undefined ? undefined : callerIn(world, client);
  if (to.kind === 'external-host') return withGap(externalFate({ call, to, client }, world), caller?.gap);
  const { carried, gap, reason } = answering(to, world);
  if (reason !== undefined) return unknownFate(reason);
  if (carried.length === 0 || call.protocol === 'udp')
    return besidesTheMesh('meshes do not carry UDP, so it stays as it is', 'unknown');
  const fate = fateAmong({ call, caller, servers: carried, watch }, world);
  const judged = withGap(fate, caller?.gap ?? gap);
  const seen = contradictsSightings(judged, call) ? withSeen(judged, fateOf(asPlaintext(call), world), call) : judged;
  return withAdmission(seen, call);
}

interface Asked {
  readonly call: Call;
  readonly caller: Caller | undefined;
  readonly servers: readonly CallServer[];
  readonly watch: FateWatch | undefined;
}

/** The worst over all servers; what one server makes of calls that are alike is found once. */
function fateAmong({ call, caller, servers, watch }: Asked, world: World): Fate {
  const [server, ...others] = servers;
  if (caller !== undefined && server !== undefined && others.length === 0 && watch === undefined) {
    const kept = alikeFate(call, { caller, server, manner: mannerOf(call, server, world) }, world);
    if (kept !== undefined) return kept;
  }
  const client = caller?.workload;
  const pairs = servers.flatMap((each) =>
    cohortPairs({ call, client, server: each, manner: mannerOf(call, each, world), watch }, world),
  );
  const { fate, pair } = summarize(pairs);
  return pairs.length > 1 ? { ...fate, why: `${fate.why} (${namesOf(pair, call)})` } : fate;
}

function namesOf({ client, cohort, door }: CohortPair, call: Call): string {
  const outsider = call.from.kind === 'outsider' ? call.from.who : 'unknown';
  const from = client === undefined ? outsider : cohortName(client, cohort);
  return `${from} to ${cohortName(door.end.workload, door.end.cohort)}`;
}

interface ExternalQuestion {
  readonly call: Call;
  readonly to: Extract<CallTarget, { kind: 'external-host' }>;
  readonly client: Workload | undefined;
}

/** A call that leaves the cluster: the client's mesh may hold it back, and nothing else here judges it. */
function externalFate({ call, to, client }: ExternalQuestion, world: World): Fate {
  let isProxied = false;
  for (const cohort of client === undefined ? [] : cohortsOf(client)) {
    if (client === undefined) continue;
    const { mesh } = dataPlaneOf(client, cohort, world);
    isProxied ||= mesh !== undefined;
    const egress = mesh?.egress({ workload: client, cohort, phase: call.phase }, world) ?? known(true);
    if (!egress.known) return unknownFate(egress.reason);
    if (!egress.value)
      return unknownFate(`the mesh lets out calls to registered hosts only, and ${to.host} may be none`);
  }
  const why = `${to.host} is outside the cluster, and no proxy holds the call back`;
  const payload = payloadOf(call.protocol, undefined);
  if (payload === 'tls') return besidesTheMesh(why, 'tls');
  // A proxy may add TLS to what it sends out; who speaks HTTP without one sends it as it is.
  return besidesTheMesh(why, payload === 'http' && !isProxied ? 'plaintext' : 'unknown');
}

/** What a mesh does not touch keeps its fate through a rollout. */
function besidesTheMesh(why: string, wire: Outbound['wire']): Fate {
  return { ...unknownFate(why), verdict: 'ok', wire, authorization: 'allow' };
}

function unknownFate(why: string): Fate {
  return {
    verdict: 'unknown',
    wire: 'unknown',
    identity: 'unknown',
    authorization: 'unknown',
    why,
    decidedBy: [],
    cohorts: { looked: 0, broken: 0, unknown: 0 },
  };
}
