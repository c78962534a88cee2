import type { Call, CallTarget } from '../calls/call.ts';
import { serversOf, type CallServer } from '../calls/resolve-target.ts';
import { dataPlaneOf } from '../mesh/registry.ts';
import type { Arrival, Authorization, Inbound, Outbound, Payload, ServerEnd } from '../mesh/mesh.ts';
import { unmeshedAuthorization, unmeshedInbound, unmeshedOutbound } from '../mesh/unmeshed.ts';
import { known, unknown } from '../world/fact.ts';
import { cohortsOf, formatWorkload, type Cohort, type Workload } from '../world/workload.ts';
import { findWorkload } from '../world/workloads-of.ts';
import type { World } from '../world/world.ts';
import { whyPodsMissing, whyServersMissing } from './end-gaps.ts';
import { payloadOf } from './payload.ts';
import { speaksFirst } from './server-first.ts';
import { compareVerdicts, cutsCalls, verdictOverCohorts, type Fate, type Verdict } from './verdict.ts';

/** One client cohort's call to one server cohort: the three answers, and the verdict over them. */
export interface PairFate {
  readonly verdict: Verdict;
  readonly outbound: Outbound;
  readonly inbound: Inbound;
  readonly authorization: Authorization;
}

/**
 * What becomes of a call in a world, as the worst over all its servers, and over every pair of a client cohort and a
 * server cohort, the pods that would be created next included. Unknown, with the reason, where an end cannot be found.
 */
export function fateOf(call: Call, world: World): Fate {
  const { from, to } = call;
  const client = from.kind === 'workload' ? findWorkload(world, from.workload) : undefined;
  if (from.kind === 'workload' && client === undefined) {
    return unknownFate(`${formatWorkload(from.workload)} is not in this world`);
  }
  const clientGap = client === undefined ? undefined : whyPodsMissing(client, world);
  if (to.kind === 'external-host') return withGap(externalFate({ call, to, client }, world), clientGap);
  const { servers, reason } = serversOf(call, world);
  if (servers.length === 0) return unknownFate(reason ?? 'nobody answers this call');
  const carried = servers.filter(({ servicePort }) => servicePort?.protocol !== 'UDP' && call.protocol !== 'udp');
  if (carried.length === 0) return besidesTheMesh('meshes do not carry UDP, so it stays as it is');
  const fate = summarize(carried.flatMap((server) => pairsOf({ call, client, server }, world)));
  const serverGaps = carried.map(({ workload }) => whyPodsMissing(workload, world));
  const gaps = [clientGap, ...serverGaps, whyServersMissing(call, world)];
  return withGap(
    fate,
    gaps.find((gap) => gap !== undefined),
  );
}

/** What is broken for some stays so, whatever else there is; what works for all that are known may not for others. */
function withGap(fate: Fate, gap: string | undefined): Fate {
  if (gap === undefined || cutsCalls(fate.verdict) || fate.verdict === 'unknown') return fate;
  return { ...fate, verdict: 'unknown', why: gap };
}

interface Question {
  readonly call: Call;
  readonly client: Workload | undefined;
  readonly server: CallServer;
}

interface Pair extends PairFate {
  readonly client: string;
  readonly server: string;
}

function pairsOf(question: Question, world: World): Pair[] {
  const { call, client, server } = question;
  const clients = client === undefined ? [undefined] : cohortsOf(client);
  return clients.flatMap((clientCohort) =>
    cohortsOf(server.workload).map((serverCohort) => ({
      ...pairFate({ ...question, clientCohort, serverCohort }, world),
      client: client === undefined ? outsiderName(call) : nameOf(client, clientCohort),
      server: nameOf(server.workload, serverCohort),
    })),
  );
}

interface PairQuestion extends Question {
  readonly clientCohort: Cohort | undefined;
  readonly serverCohort: Cohort;
}

/** What becomes of the call between two cohorts. */
function pairFate(question: PairQuestion, world: World): PairFate {
  const { call, server, serverCohort } = question;
  const end: ServerEnd = { workload: server.workload, cohort: serverCohort, port: server.port };
  const outbound = send(question, end, world);
  const arrival: Arrival = {
    sender: senderOf(call),
    wire: outbound.wire,
    payload: payloadSent(question),
    serverFirst: speaksFirst(call, server),
    ...(isHook(call) ? { hook: true } : {}),
  };
  const { mesh } = dataPlaneOf(server.workload, serverCohort, world);
  if (mesh === undefined) {
    const inbound = unmeshedInbound(arrival);
    return judge(outbound, inbound, unmeshedAuthorization());
  }
  const inbound = mesh.inbound(end, arrival, world);
  const { identity } = outbound;
  const request = call.request ?? {};
  const authorization = mesh.authorize(
    { server: end, arrival, handledAs: inbound.handledAs, identity, request },
    world,
  );
  return judge(outbound, inbound, authorization);
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

function send(question: PairQuestion, end: ServerEnd, world: World): Outbound {
  const { call, client, clientCohort, server } = question;
  const payload = payloadOf(call.protocol, server.servicePort);
  if (client === undefined || clientCohort === undefined) return outsiderOutbound(call, payload);
  const { mesh } = dataPlaneOf(client, clientCohort, world);
  if (mesh === undefined) return unmeshedOutbound(payload);
  const service =
    server.service === undefined || server.servicePort === undefined
      ? {}
      : { service: { service: server.service, port: server.servicePort } };
  const sent = mesh.outbound(
    { workload: client, cohort: clientCohort, phase: call.phase },
    { ...service, server: end, serverFirst: speaksFirst(call, server) },
    world,
  );
  if (payload !== 'tls') return sent;
  // TLS of the application inside TLS of a DestinationRule: who ends which is not known.
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

function judge(outbound: Outbound, inbound: Inbound, authorization: Authorization): PairFate {
  const arrived = outbound.stalls === undefined ? verdictOf(inbound, authorization) : 'breaks';
  return {
    verdict: outbound.mayStall !== undefined && arrived !== 'breaks' ? 'unknown' : arrived,
    outbound,
    inbound,
    authorization,
  };
}

/** A refusal on the wire settles it; so does a denial, even where what else happens is not known. */
function verdictOf(inbound: Inbound, authorization: Authorization): Verdict {
  if (inbound.outcome === 'refused' || authorization.decision === 'deny') return 'breaks';
  if (inbound.outcome === 'unknown' || authorization.decision === 'unknown') return 'unknown';
  return inbound.outcome === 'degraded' ? 'degraded' : 'ok';
}

function summarize(pairs: readonly Pair[]): Fate {
  const verdict = verdictOverCohorts(pairs.map((pair) => pair.verdict));
  const worst = pairs.reduce((heaviest, pair) =>
    compareVerdicts(pair.verdict, heaviest.verdict) > 0 ? pair : heaviest,
  );
  const { outbound, inbound, authorization } = worst;
  const ends = pairs.length > 1 ? ` (${worst.client} to ${worst.server})` : '';
  return {
    verdict,
    wire: outbound.wire,
    identity: outbound.identity.known ? (outbound.identity.value ?? 'none') : 'unknown',
    authorization: authorization.decision,
    why: `${decisiveWhy(worst)}${ends}`,
    decidedBy: [...outbound.evidence, ...inbound.evidence, ...authorization.evidence],
    cohorts: { looked: pairs.length, broken: pairs.filter((pair) => pair.verdict === 'breaks').length },
  };
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
  for (const cohort of client === undefined ? [] : cohortsOf(client)) {
    if (client === undefined) continue;
    const { mesh } = dataPlaneOf(client, cohort, world);
    const egress = mesh?.egress({ workload: client, cohort, phase: call.phase }, world) ?? known(true);
    if (!egress.known) return unknownFate(egress.reason);
    if (!egress.value)
      return unknownFate(`the mesh lets out calls to registered hosts only, and ${to.host} may be none`);
  }
  return besidesTheMesh(`${to.host} is outside the cluster, and no proxy holds the call back`);
}

/** What a mesh does not touch keeps its fate through a rollout. */
function besidesTheMesh(why: string): Fate {
  return { ...unknownFate(why), verdict: 'ok', wire: 'plaintext', authorization: 'allow' };
}

function unknownFate(why: string): Fate {
  return {
    verdict: 'unknown',
    wire: 'unknown',
    identity: 'unknown',
    authorization: 'unknown',
    why,
    decidedBy: [],
    cohorts: { looked: 0, broken: 0 },
  };
}

function outsiderName(call: Call): string {
  return call.from.kind === 'outsider' ? call.from.who : 'unknown';
}

function nameOf(workload: Workload, cohort: Cohort | undefined): string {
  const which = cohort === undefined ? '' : cohort.state === 'next' ? ', its next pods' : `, pod ${cohort.id}`;
  return `${formatWorkload(workload)}${which}`;
}
