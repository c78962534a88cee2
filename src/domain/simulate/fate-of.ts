import type { Call } from '../calls/call.ts';
import { serversOf, type CallServer } from '../calls/resolve-target.ts';
import { dataPlaneOf } from '../mesh/registry.ts';
import type { Arrival, Authorization, Inbound, Outbound, ServerEnd } from '../mesh/mesh.ts';
import { unmeshedAuthorization, unmeshedInbound, unmeshedOutbound } from '../mesh/unmeshed.ts';
import { known, unknown } from '../world/fact.ts';
import { cohortsOf, formatWorkload, type Cohort, type Workload } from '../world/workload.ts';
import { findWorkload } from '../world/workloads-of.ts';
import type { World } from '../world/world.ts';
import { payloadOf } from './payload.ts';
import { speaksFirst } from './server-first.ts';
import { compareVerdicts, verdictOverCohorts, type Fate, type Verdict } from './verdict.ts';

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
  const target = serversOf(call, world);
  if (target.servers.length === 0) return outsideTheRules(call, world, target.reason ?? 'nobody answers this call');
  const from = call.from;
  const client = from.kind === 'workload' ? findWorkload(world, from.workload) : undefined;
  if (from.kind === 'workload' && client === undefined) {
    return unknownFate(`${formatWorkload(from.workload)} is not in this world`);
  }
  const carried = target.servers.filter(
    ({ servicePort }) => servicePort?.protocol !== 'UDP' && call.protocol !== 'udp',
  );
  if (carried.length === 0) return besidesTheMesh('meshes do not carry UDP, so it stays as it is');
  return summarize(carried.flatMap((server) => pairsOf({ call, client, server }, world)));
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
    payload: payloadOf(call.protocol, server.servicePort),
    serverFirst: speaksFirst(call, server),
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
  return mesh.outbound(
    { workload: client, cohort: clientCohort, phase: call.phase },
    { ...service, server: end },
    world,
  );
}

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
  return { verdict: verdictOf(inbound, authorization), outbound, inbound, authorization };
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
  const decisive = inbound.outcome === 'accepted' && authorization.decision !== 'allow' ? authorization : inbound;
  const ends = pairs.length > 1 ? ` (${worst.client} to ${worst.server})` : '';
  return {
    verdict,
    wire: outbound.wire,
    identity: outbound.identity.known ? (outbound.identity.value ?? 'none') : 'unknown',
    authorization: authorization.decision,
    why: `${decisive.why}${ends}`,
    decidedBy: [...outbound.evidence, ...inbound.evidence, ...authorization.evidence],
    cohorts: { looked: pairs.length, broken: pairs.filter((pair) => pair.verdict === 'breaks').length },
  };
}

/** A call that leaves the cluster is nobody's server here; what its client's proxy does with it, these rules do not say. */
function outsideTheRules(call: Call, world: World, why: string): Fate {
  if (call.to.kind !== 'external-host') return unknownFate(why);
  const client = call.from.kind === 'workload' ? findWorkload(world, call.from.workload) : undefined;
  if (client === undefined) return besidesTheMesh(why);
  for (const cohort of cohortsOf(client)) {
    const { mesh, dataPlane } = dataPlaneOf(client, cohort, world);
    const egress = mesh?.egress({ workload: client, cohort, phase: call.phase }, world);
    if (mesh === undefined && dataPlane.mode === 'unknown') return unknownFate(dataPlane.reason);
    if (egress !== undefined && !egress.known) return unknownFate(egress.reason);
    if (egress !== undefined && !egress.value) {
      return { ...unknownFate(`${why}, and the mesh lets out only what its registry names`), verdict: 'unknown' };
    }
  }
  return besidesTheMesh(why);
}

/** What no mesh touches fares as it did. */
function besidesTheMesh(why: string): Fate {
  return { ...unknownFate(why), verdict: 'ok', wire: 'plaintext', identity: 'none', authorization: 'allow' };
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
