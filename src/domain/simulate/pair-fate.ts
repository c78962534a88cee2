import type { Call } from '../calls/call.ts';
import type { CallServer } from '../calls/resolve-target.ts';
import { dataPlaneOf } from '../mesh/registry.ts';
import type {
  Arrival,
  Authorization,
  Destination,
  Inbound,
  Mesh,
  Outbound,
  Payload,
  RequestFacts,
  ServerEnd,
} from '../mesh/mesh.ts';
import { unmeshedAuthorization, unmeshedInbound, unmeshedOutbound } from '../mesh/unmeshed.ts';
import { known, unknown } from '../world/fact.ts';
import type { Cohort, Workload } from '../world/workload.ts';
import type { World } from '../world/world.ts';
import { payloadOf } from './payload.ts';
import { speaksFirst } from './server-first.ts';
import { compareVerdicts, type Verdict } from './verdict.ts';
import { heldBack, type Hop, type HopEnd } from './wire-policies.ts';

/** One client cohort's call to one server cohort: the three answers, and the verdict over them. */
export interface PairFate {
  readonly verdict: Verdict;
  readonly outbound: Outbound;
  readonly inbound: Inbound;
  readonly authorization: Authorization;
}

/** A call with one of its servers; without a client where nobody in the cluster makes it. */
export interface CallQuestion {
  readonly call: Call;
  readonly client: Workload | undefined;
  readonly server: CallServer;
}

/** The same of one cohort at each end. */
export interface PairQuestion extends CallQuestion {
  readonly clientCohort: Cohort | undefined;
  readonly serverCohort: Cohort;
}

/** What becomes of the call between two cohorts. */
export function pairFate(question: PairQuestion, world: World): PairFate {
  const { call, client, clientCohort, server, serverCohort } = question;
  const end: ServerEnd = { workload: server.workload, cohort: serverCohort, port: server.port };
  const mesh =
    client === undefined || clientCohort === undefined ? undefined : dataPlaneOf(client, clientCohort, world).mesh;
  const outbound = send({ ...question, mesh }, end, world);
  const arrival: Arrival = {
    sender: senderOf(call),
    wire: outbound.wire,
    payload: payloadSent(question),
    serverFirst: speaksFirst(call, server),
    ...(isHook(call) ? { hook: true } : {}),
  };
  const request = call.request ?? {};
  const from = client === undefined ? [] : endsOf(client, clientCohort);
  const sending = { mesh, outbound, arrival, request };
  if (outbound.relay !== undefined && mesh?.relay !== undefined)
    return relayedFate(end, { ...sending, mesh, from, destination: destinationOf(server, end) }, world);
  const hops = { from, to: endsOf(end.workload, end.cohort), sent: outbound, calledPort: end.port };
  return throughPolicies(arriveAt(end, sending, world), hops, world);
}

interface Relaying extends Arriving {
  readonly from: readonly HopEnd[];
  readonly destination: Destination;
}

/** The call ends at its relay, which calls the server anew. */
function relayedFate(end: ServerEnd, sending: Relaying, world: World): PairFate {
  const { mesh, outbound, arrival, request, destination, from } = sending;
  const { relay } = outbound;
  if (relay === undefined || mesh?.relay === undefined) return arriveAt(end, sending, world);
  const relayed = mesh.relay({ relay, destination, arrival, identity: outbound.identity, request }, world);
  const onward = withOwnTls(relayed.onward, arrival.payload);
  const relays = relay.pods.map((pod) => ({ namespace: relay.object.namespace ?? '', pod }));
  const calledPort = end.port;
  const judged = judge(outbound, relayed.inbound, relayed.authorization);
  const atRelay = throughPolicies(judged, { from, to: relays, sent: outbound, calledPort }, world);
  const arrived = arriveAt(end, { mesh, outbound: onward, arrival: { ...arrival, wire: onward.wire }, request }, world);
  const to = endsOf(end.workload, end.cohort);
  return bothOf(atRelay, throughPolicies(arrived, { from: relays, to, sent: onward, calledPort }, world));
}

/** The heavier of what becomes of the call at its relay and at its server; both must let it through. */
function bothOf(atRelay: PairFate, atServer: PairFate): PairFate {
  const stopsAtRelay = compareVerdicts(atRelay.verdict, atServer.verdict) >= 0 && atRelay.verdict !== 'ok';
  const [worse, other] = stopsAtRelay ? [atRelay, atServer] : [atServer, atRelay];
  const authorization = worse.authorization.decision === 'allow' ? other.authorization : worse.authorization;
  return { ...worse, authorization, outbound: { ...worse.outbound, wire: atRelay.outbound.wire } };
}

function endsOf({ namespace }: Workload, cohort: Cohort | undefined): readonly HopEnd[] {
  return cohort === undefined ? [] : [{ namespace, pod: cohort.pod }];
}

interface Hops extends Omit<Hop, 'from' | 'to'> {
  /** None of callers from outside of the cluster. */
  readonly from: readonly HopEnd[];
  readonly to: readonly HopEnd[];
}

/** What network policies leave of a fate: it breaks where they hold back every way, and is not known where some. */
function throughPolicies(fate: PairFate, { from, to, ...rest }: Hops, world: World): PairFate {
  if (fate.verdict === 'breaks') return fate;
  const held = from.flatMap((client) => to.map((server) => heldBack({ ...rest, from: client, to: server }, world)));
  const first = held.find((each) => each?.sure === false) ?? held.find((each) => each !== undefined);
  if (first === undefined) return fate;
  const outcome = held.every((each) => each?.sure === true) ? ('refused' as const) : ('unknown' as const);
  const { why, evidence } = first;
  return judge(fate.outbound, { ...fate.inbound, outcome, why, evidence }, fate.authorization);
}

interface Arriving {
  /** The mesh of whoever sends. */
  readonly mesh: Mesh | undefined;
  readonly outbound: Outbound;
  readonly arrival: Arrival;
  readonly request: RequestFacts;
}

/** What the server makes of what was sent to it. */
function arriveAt(end: ServerEnd, { mesh: sender, outbound, arrival, request }: Arriving, world: World): PairFate {
  const { mesh } = dataPlaneOf(end.workload, end.cohort, world);
  if (mesh === undefined) return judge(outbound, unmeshedInbound(arrival), unmeshedAuthorization());
  const foreign = whyForeign(sender, mesh, arrival);
  if (foreign !== undefined) return judge(outbound, ...strangers(foreign));
  const inbound = mesh.inbound(end, arrival, world);
  const { identity } = outbound;
  const authorization = mesh.authorize(
    { server: end, arrival, handledAs: inbound.handledAs, identity, request },
    world,
  );
  return judge(outbound, inbound, authorization);
}

/** Two meshes share neither a root of trust nor a way to carry identities: what becomes of it nobody has written down. */
function whyForeign(sender: Mesh | undefined, mesh: Mesh, { wire }: Arrival): string | undefined {
  if (sender === undefined || sender.id === mesh.id || (wire !== 'mtls' && wire !== 'hbone')) return undefined;
  return `mutual TLS of ${sender.displayName} arrives at a proxy of ${mesh.displayName}, which has another root of trust`;
}

function strangers(why: string): [Inbound, Authorization] {
  const mode = { mode: 'unknown', declared: 'unknown', evidence: [] } as const;
  return [
    { outcome: 'unknown', handledAs: 'unknown', mode, why, evidence: [] },
    { decision: 'unknown', by: 'none', why, evidence: [] },
  ];
}

/** The kubelet calls pods outside of probes only where a container's lifecycle says so. */
function isHook({ from, phase }: Call): boolean {
  return from.kind === 'outsider' && from.who === 'kubelet' && phase !== 'probe';
}

/** The API server speaks TLS itself, whatever the port is called. */
function payloadSent({ call, server }: PairQuestion): Payload {
  if (call.from.kind === 'outsider' && call.from.who === 'apiserver') return 'tls';
  return payloadOf(call.protocol, server.servicePort);
}

interface Sending extends PairQuestion {
  /** The mesh of the client. */
  readonly mesh: Mesh | undefined;
}

function send(question: Sending, end: ServerEnd, world: World): Outbound {
  const { call, client, clientCohort, server, mesh } = question;
  const payload = payloadOf(call.protocol, server.servicePort);
  if (client === undefined || clientCohort === undefined) return outsiderOutbound(call, payload);
  if (mesh === undefined) return unmeshedOutbound(payload);
  const sent = mesh.outbound(
    { workload: client, cohort: clientCohort, phase: call.phase },
    { ...destinationOf(server, end), serverFirst: speaksFirst(call, server) },
    world,
  );
  return withOwnTls(sent, payload);
}

function destinationOf({ service, servicePort }: CallServer, end: ServerEnd): Destination {
  if (service === undefined || servicePort === undefined) return { server: end };
  return { service: { service, port: servicePort }, server: end };
}

/** TLS of the application inside TLS of a DestinationRule: who ends which is not known. */
function withOwnTls(sent: Outbound, payload: Payload): Outbound {
  if (payload !== 'tls') return sent;
  if (sent.wire === 'tls') return { ...sent, wire: 'unknown', identity: unknown(TWICE), why: TWICE };
  return sent.wire === 'plaintext' ? { ...sent, wire: 'tls' } : sent;
}

const TWICE = 'the client speaks TLS itself and a DestinationRule adds TLS to it';

function senderOf(call: Call): Arrival['sender'] {
  if (call.from.kind === 'workload') return 'workload';
  return call.from.who === 'kubelet' ? 'kubelet' : 'outsider';
}

/** Who stands outside every mesh has no mesh identity; of an unknown caller not even that is known. */
function outsiderOutbound(call: Call, payload: Arrival['payload']): Outbound {
  const sent = unmeshedOutbound(payload);
  if (call.from.kind === 'outsider' && call.from.who === 'unknown') {
    return { ...sent, wire: 'unknown', identity: unknown('nobody knows who this caller is') };
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
