import type { Call } from '../calls/call.ts';
import { dataPlaneOf } from '../mesh/registry.ts';
import type { Arrival, Authorization, Inbound, Mesh, Outbound, Payload } from '../mesh/mesh.ts';
import { afterChange, type RequestFacts } from '../mesh/request.ts';
import { unmeshedAuthorization, unmeshedOutbound } from '../mesh/unmeshed.ts';
import { known, unknown } from '../world/fact.ts';
import type { Cohort, Workload } from '../world/workload.ts';
import type { World } from '../world/world.ts';
import { addressOf, destinationAt, inboundAt, type Answers, type Door } from './answering.ts';
import { arrivalOf, type Manner } from './manner.ts';
import { recallOr, type ArrivingCall } from './recent-arrivals.ts';
import type { PairWatch } from './trace-watch.ts';
import { compareVerdicts, type Verdict } from './verdict.ts';
import { heldBack, type Hop, type HopEnd } from './wire-policies.ts';

/** One client cohort's call to one server cohort: the three answers, and the verdict over them. */
export interface PairFate {
  readonly verdict: Verdict;
  readonly outbound: Outbound;
  readonly inbound: Inbound;
  readonly authorization: Authorization;
  /** Set where a relay judged the call on its way. */
  readonly relayed?: true;
}

/** A call between two cohorts; without a client where nobody in the cluster makes it. */
export interface PairQuestion {
  readonly call: Call;
  readonly client: Workload | undefined;
  readonly clientCohort: Cohort | undefined;
  readonly door: Door;
  /** Of the call to the door's server. */
  readonly manner: Manner;
}

/** What becomes of the call between two cohorts. Whoever watches is told of each answer on the way. */
export function pairFate(question: PairQuestion, world: World, watch?: PairWatch): PairFate {
  const { call, client, clientCohort, door, manner } = question;
  const mesh =
    client === undefined || clientCohort === undefined ? undefined : dataPlaneOf(client, clientCohort, world).mesh;
  const outbound = send(question, mesh, world);
  watch?.({ part: 'outbound', outbound });
  const sending: Arriving = {
    mesh,
    outbound,
    manner,
    arrival: arrivalOf(manner, outbound.wire),
    request: call.request ?? NO_REQUEST,
    watch,
  };
  if (outbound.relay !== undefined && mesh?.relay !== undefined)
    return relayedFate(door, { ...sending, mesh, from: podsOf(client, clientCohort) }, world);
  const hops = { from: podsOf(client, clientCohort), to: door.pods, sent: outbound, calledPort: door.end.port, watch };
  return throughPolicies(arriveAt(door, sending, world), hops, world);
}

const NO_REQUEST: RequestFacts = {};

interface Relaying extends Arriving {
  readonly from: readonly HopEnd[];
}

/** The call ends at its relay, which calls the server anew. */
function relayedFate(door: Door, sending: Relaying, world: World): PairFate {
  const { mesh, outbound, manner, arrival, from, watch } = sending;
  const { relay } = outbound;
  if (relay === undefined || mesh?.relay === undefined) return arriveAt(door, sending, world);
  const destination = addressOf(door);
  const request = afterChange(sending.request, outbound.changes);
  const relayed = mesh.relay({ relay, destination, arrival, identity: outbound.identity, request }, world);
  const { inbound, authorization } = relayed;
  const onward = withOwnTls(relayed.onward, arrival.payload);
  watch?.({ part: 'relay', relay, inbound, authorization, onward });
  const relays = relay.pods.map((pod) => ({ namespace: relay.object.namespace ?? '', pod }));
  const calledPort = door.end.port;
  const judged = judge(outbound, inbound, authorization);
  const atRelay = throughPolicies(judged, { from, to: relays, sent: outbound, calledPort, watch }, world);
  const sentOn = { ...sending, request, outbound: onward, arrival: arrivalOf(manner, onward.wire) };
  const hops = { from: relays, to: door.pods, sent: onward, calledPort, watch };
  return bothOf(atRelay, throughPolicies(arriveAt(door, sentOn, world), hops, world));
}

/** The heavier of what becomes of the call at its relay and at its server; both must let it through. */
function bothOf(atRelay: PairFate, atServer: PairFate): PairFate {
  const stopsAtRelay = compareVerdicts(atRelay.verdict, atServer.verdict) >= 0 && atRelay.verdict !== 'ok';
  const [worse, other] = stopsAtRelay ? [atRelay, atServer] : [atServer, atRelay];
  const authorization = worse.authorization.decision === 'allow' ? other.authorization : worse.authorization;
  return { ...worse, authorization, outbound: { ...worse.outbound, wire: atRelay.outbound.wire }, relayed: true };
}

function podsOf(client: Workload | undefined, cohort: Cohort | undefined): readonly HopEnd[] {
  return client === undefined || cohort === undefined ? [] : [{ namespace: client.namespace, pod: cohort.pod }];
}

interface Hops extends Omit<Hop, 'from' | 'to'> {
  /** None of callers from outside of the cluster. */
  readonly from: readonly HopEnd[];
  readonly to: readonly HopEnd[];
  readonly watch: PairWatch | undefined;
}

/** What network policies leave of a fate: it breaks where they hold back every way, and is not known where some. */
function throughPolicies(fate: PairFate, { from, to, watch, sent, calledPort }: Hops, world: World): PairFate {
  if (fate.verdict === 'breaks') return fate;
  const held: ReturnType<typeof heldBack>[] = [];
  for (const client of from)
    for (const server of to) held.push(heldBack({ from: client, to: server, sent, calledPort }, world));
  watch?.({ part: 'network-policy', held, sent });
  const first = held.find((each) => each?.sure === false) ?? held.find((each) => each !== undefined);
  if (first === undefined) return fate;
  const outcome = held.every((each) => each?.sure === true) ? ('refused' as const) : ('unknown' as const);
  const { why, evidence } = first;
  return judge(fate.outbound, { ...fate.inbound, outcome, why, evidence }, fate.authorization);
}

interface Arriving extends ArrivingCall {
  readonly manner: Manner;
  readonly watch: PairWatch | undefined;
}

/** What the server makes of what was sent to it. */
function arriveAt(door: Door, arriving: Arriving, world: World): PairFate {
  const { mesh, outbound, arrival, request, watch } = arriving;
  const [inbound, authorization] = recallOr(door.recent, { mesh, outbound, arrival, request }, (asked) =>
    answersAt(door, asked, world),
  );
  watch?.({ part: 'arrival', inbound, authorization });
  return judge(outbound, inbound, authorization);
}

function answersAt(door: Door, { mesh: sender, outbound, arrival, request }: ArrivingCall, world: World): Answers {
  const { mesh, end } = door;
  if (mesh === undefined) return [inboundAt(door, arrival), NOT_ENFORCED];
  const foreign = whyForeign(sender, mesh, arrival);
  if (foreign !== undefined) return strangers(foreign);
  const { identity } = outbound;
  const inbound = afterHandshake(inboundAt(door, arrival), { door, arrival, identity });
  const asked = { server: end, arrival, handledAs: inbound.handledAs, identity };
  const authorization = mesh.authorize({ ...asked, request: afterChange(request, outbound.changes) }, world);
  return [inbound, authorization];
}

interface Handshake {
  readonly door: Door;
  readonly arrival: Arrival;
  readonly identity: Outbound['identity'];
}

/** What is accepted of mutual TLS in general is refused of a peer whose certificate the server does not trust. */
function afterHandshake(inbound: Inbound, { door, arrival, identity }: Handshake): Inbound {
  const { mesh, end, world } = door;
  if (inbound.outcome === 'refused' || mesh?.whyUntrusted === undefined) return inbound;
  const untrusted = mesh.whyUntrusted({ server: end, arrival, identity }, world);
  if (!untrusted.known) return { ...inbound, outcome: 'unknown', why: untrusted.reason };
  return untrusted.value === undefined ? inbound : { ...inbound, outcome: 'refused', why: untrusted.value };
}

const NOT_ENFORCED = unmeshedAuthorization();

/** Two meshes share neither a root of trust nor a way to carry identities: what becomes of it nobody has written down. */
function whyForeign(sender: Mesh | undefined, mesh: Mesh, { wire }: Arrival): string | undefined {
  if (sender === undefined || sender.id === mesh.id || (wire !== 'mtls' && wire !== 'hbone')) return undefined;
  return `mutual TLS of ${sender.displayName} arrives at a proxy of ${mesh.displayName}, which has another root of trust`;
}

function strangers(why: string): Answers {
  const mode = { mode: 'unknown', declared: 'unknown', evidence: [] } as const;
  return [
    { outcome: 'unknown', handledAs: 'unknown', mode, why, evidence: [] },
    { decision: 'unknown', by: 'none', why, evidence: [] },
  ];
}

/** Given the mesh of the client, what it puts on the wire. */
function send(question: PairQuestion, mesh: Mesh | undefined, world: World): Outbound {
  const { call, client, clientCohort, door, manner } = question;
  const { payload } = manner;
  if (client === undefined || clientCohort === undefined) return outsiderOutbound(call, payload);
  if (mesh === undefined) return UNMESHED[payload];
  const from = { workload: client, cohort: clientCohort, phase: call.phase };
  return withOwnTls(mesh.outbound(from, destinationAt(door, manner), world), payload);
}

const UNMESHED: Readonly<Record<Payload, Outbound>> = {
  http: unmeshedOutbound('http'),
  tcp: unmeshedOutbound('tcp'),
  tls: unmeshedOutbound('tls'),
  unknown: unmeshedOutbound('unknown'),
};

/** TLS of the application inside TLS of a DestinationRule: who ends which is not known. */
function withOwnTls(sent: Outbound, payload: Payload): Outbound {
  if (payload !== 'tls') return sent;
  if (sent.wire === 'tls') return { ...sent, wire: 'unknown', identity: unknown(TWICE), why: TWICE };
  return sent.wire === 'plaintext' ? { ...sent, wire: 'tls' } : sent;
}

const TWICE = 'the client speaks TLS itself and a DestinationRule adds TLS to it';

/** Who stands outside every mesh has no mesh identity; of an unknown caller not even that is known. */
function outsiderOutbound(call: Call, payload: Arrival['payload']): Outbound {
  const sent = unmeshedOutbound(payload);
  if (call.from.kind === 'outsider' && call.from.who === 'unknown') {
    const why = 'nobody knows who this caller is';
    return { ...sent, wire: 'unknown', identity: unknown(why), why };
  }
  const apiserver = call.from.kind === 'outsider' && call.from.who === 'apiserver';
  return { ...sent, wire: apiserver ? 'tls' : sent.wire, identity: known(undefined) };
}

function judge(outbound: Outbound, inbound: Inbound, decided: Authorization): PairFate {
  const authorization = behindRelay(outbound, decided);
  const arrived = outbound.stalls === undefined ? verdictOf(inbound, authorization) : 'breaks';
  return {
    verdict: outbound.mayStall !== undefined && arrived !== 'breaks' ? 'unknown' : arrived,
    outbound,
    inbound,
    authorization,
  };
}

/** What the server allows, a relay that may stand before it may still refuse. */
function behindRelay({ mayRelay }: Outbound, authorization: Authorization): Authorization {
  if (mayRelay === undefined || authorization.decision !== 'allow') return authorization;
  return { decision: 'unknown', by: 'none', why: mayRelay, evidence: [] };
}

/** A refusal on the wire settles it; so does a denial, even where what else happens is not known. */
function verdictOf(inbound: Inbound, authorization: Authorization): Verdict {
  if (inbound.outcome === 'refused' || authorization.decision === 'deny') return 'breaks';
  if (inbound.outcome === 'unknown' || authorization.decision === 'unknown') return 'unknown';
  return inbound.outcome === 'degraded' ? 'degraded' : 'ok';
}
