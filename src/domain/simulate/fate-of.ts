import type { Call, CallTarget } from '../calls/call.ts';
import type { CallServer } from '../calls/resolve-target.ts';
import type { Outbound } from '../mesh/mesh.ts';
import { dataPlaneOf } from '../mesh/registry.ts';
import { known } from '../world/fact.ts';
import { cohortsOf, formatWorkload, type Cohort, type Workload } from '../world/workload.ts';
import { findWorkload } from '../world/workloads-of.ts';
import type { World } from '../world/world.ts';
import { answering, doorsOf, type Door } from './answering.ts';
import { withDoubt } from './doubted-wire.ts';
import { withAdmission, withGap } from './fate-notes.ts';
import { whyPodsMissing, whyServersMissing } from './end-gaps.ts';
import { mannerOf } from './manner.ts';
import { payloadOf } from './payload.ts';
import { pairFate, type PairFate } from './pair-fate.ts';
import type { FateWatch } from './trace-watch.ts';
import { compareVerdicts, verdictOverCohorts, type Fate } from './verdict.ts';

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
  const clientGap = client === undefined ? undefined : whyPodsMissing(client, world);
  if (to.kind === 'external-host') return withGap(externalFate({ call, to, client }, world), clientGap);
  const { servers, reason } = answering(to, world);
  if (servers.length === 0) return unknownFate(reason ?? 'nobody answers this call');
  const carried = servers.filter(({ servicePort }) => servicePort?.protocol !== 'UDP' && call.protocol !== 'udp');
  if (carried.length === 0) return besidesTheMesh('meshes do not carry UDP, so it stays as it is', 'unknown');
  const fate = summarize(
    carried.flatMap((server) => pairsOf({ call, client, server, watch }, world)),
    call,
  );
  const serverGaps = carried.map(({ workload }) => whyPodsMissing(workload, world));
  const gaps = [clientGap, ...serverGaps, whyServersMissing(call, world)];
  const sure = withGap(
    fate,
    gaps.find((gap) => gap !== undefined),
  );
  return withAdmission(withDoubt(sure, call), call);
}

/** What becomes of the call between two cohorts, and which they are; without a client where nobody in the cluster calls. */
interface Pair {
  readonly fate: PairFate;
  readonly client: Workload | undefined;
  readonly cohort: Cohort | undefined;
  readonly door: Door;
}

interface Asked {
  readonly call: Call;
  readonly client: Workload | undefined;
  readonly server: CallServer;
  readonly watch: FateWatch | undefined;
}

const NOBODY = [undefined];

function pairsOf({ call, client, server, watch }: Asked, world: World): Pair[] {
  const pairs: Pair[] = [];
  const doors = doorsOf(server, world);
  const manner = mannerOf(call, server);
  for (const cohort of client === undefined ? NOBODY : cohortsOf(client)) {
    for (const door of doors) {
      const pairWatch = watch?.begin({ client, cohort, door });
      const fate = pairFate({ call, client, clientCohort: cohort, door, manner }, world, pairWatch);
      watch?.end(fate.verdict);
      pairs.push({ fate, client, cohort, door });
    }
  }
  return pairs;
}

function summarize(pairs: readonly Pair[], call: Call): Fate {
  const verdict = verdictOverCohorts(pairs.map(({ fate }) => fate.verdict));
  const pair = pairs.reduce((heaviest, each) => (isWorse(each.fate, heaviest.fate) ? each : heaviest));
  const worst = pair.fate;
  const { outbound, inbound, authorization } = worst;
  const ends = pairs.length > 1 ? ` (${namesOf(pair, call)})` : '';
  return {
    verdict,
    wire: outbound.wire,
    ...wiresOf(pairs),
    identity: outbound.identity.known ? (outbound.identity.value ?? 'none') : 'unknown',
    authorization: authorization.decision,
    why: `${decisiveWhy(worst)}${ends}`,
    decidedBy: [...outbound.evidence, ...inbound.evidence, ...authorization.evidence],
    cohorts: { looked: pairs.length, broken: countOf(pairs, 'breaks'), unknown: countOf(pairs, 'unknown') },
  };
}

/** By the verdict, then by what is on the wire: who asks for the weakest must not be told of another. */
function isWorse(pair: PairFate, than: PairFate): boolean {
  const heavier = compareVerdicts(pair.verdict, than.verdict);
  return heavier > 0 || (heavier === 0 && WEAKEST.indexOf(pair.outbound.wire) < WEAKEST.indexOf(than.outbound.wire));
}

const WEAKEST: readonly Outbound['wire'][] = ['plaintext', 'unknown', 'tls', 'hbone', 'mtls'];

function wiresOf(pairs: readonly Pair[]): Pick<Fate, 'wires'> {
  const wire = pairs[0]?.fate.outbound.wire;
  if (pairs.every(({ fate }) => fate.outbound.wire === wire)) return {};
  const found = WEAKEST.map((each) => [each, pairs.filter(({ fate }) => fate.outbound.wire === each).length] as const);
  return { wires: Object.fromEntries(found.filter(([, count]) => count > 0)) };
}

function countOf(pairs: readonly Pair[], verdict: PairFate['verdict']): number {
  let count = 0;
  for (const { fate } of pairs) if (fate.verdict === verdict) count += 1;
  return count;
}

function decisiveWhy({ outbound, inbound, authorization }: PairFate): string {
  if (outbound.stalls !== undefined) return outbound.stalls;
  if (inbound.outcome === 'refused') return inbound.why;
  if (authorization.decision === 'deny') return authorization.why;
  if (outbound.mayStall !== undefined) return outbound.mayStall;
  if (inbound.outcome === 'unknown') return outbound.wire === 'unknown' ? outbound.why : inbound.why;
  return authorization.decision === 'unknown' ? authorization.why : inbound.why;
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

/** Who calls whom, as `shop/Deployment/cart, pod cart-7d-x to shop/Deployment/db, its next pods`. */
function namesOf({ client, cohort, door }: Pair, call: Call): string {
  const from = client === undefined ? outsiderName(call) : nameOf(client, cohort);
  return `${from} to ${nameOf(door.end.workload, door.end.cohort)}`;
}

function outsiderName(call: Call): string {
  return call.from.kind === 'outsider' ? call.from.who : 'unknown';
}

function nameOf(workload: Workload, cohort: Cohort | undefined): string {
  const which = cohort === undefined ? '' : cohort.state === 'next' ? ', its next pods' : `, pod ${cohort.id}`;
  return `${formatWorkload(workload)}${which}`;
}
