import { KIND } from '../../../kubernetes/kinds.ts';
import type { KubeObject } from '../../../kubernetes/object.ts';
import { known, unknown, type Fact } from '../../../world/fact.ts';
import { serverPortsOf } from '../../../world/server-ports.ts';
import type { World } from '../../../world/world.ts';
import type { Arrival, Authorization, AuthorizeQuestion, Inbound, PortMode, ServerEnd } from '../../mesh.ts';
import type { PolicySummary } from '../../policy-summary.ts';
import { unmeshedInbound } from '../../unmeshed.ts';
import { clusterIsInside } from './cluster-addresses.ts';
import { podPolicy } from './default-policy.ts';
import { defaultLabel, type Client } from './grant.ts';
import { inboundPolicies, type InboundPolicy } from './inbound-policy.ts';
import { agreed, judge, type Judgement, type JudgedCall } from './judge.ts';
import { placeOf, proxiedPods, type Proxied } from './place.ts';
import { modeOfPort } from './port-mode.ts';
import { serversAbout } from './servers.ts';
import { takeIn, type Taken } from './wire.ts';

const NO_PROXY: PortMode = { mode: 'none', declared: 'no proxy', evidence: [] };

/** The mode in force on a container port of a server with Linkerd's proxy; `none` where calls to it pass none. */
export function linkerdPortMode(server: ServerEnd, world: World): PortMode {
  const place = placeOf(server, world);
  if (place.kind === 'proxied') return withPassers(modeOfPort(inboundPolicies(server, place, world)), place);
  if (place.kind === 'bypassed') return { ...NO_PROXY, evidence: [{ rule: place.why }] };
  return { mode: 'unknown', declared: 'unknown', evidence: [{ rule: place.why }] };
}

/** A port is not strict where some reach it past the proxy. */
function withPassers(mode: PortMode, { passBy }: Proxied): PortMode {
  if (passBy === undefined || mode.mode !== 'strict') return mode;
  return { mode: 'unknown', declared: mode.declared, evidence: [...mode.evidence, { rule: passBy }] };
}

/** What a server with Linkerd's proxy makes of what arrives at a container port, before its policy is asked. */
export function linkerdInbound(server: ServerEnd, arrival: Arrival, world: World): Inbound {
  const mode = linkerdPortMode(server, world);
  const place = placeOf(server, world, arrival.wire);
  if (place.kind === 'unknown')
    return { outcome: 'unknown', handledAs: 'unknown', mode, why: place.why, evidence: mode.evidence };
  if (place.kind === 'bypassed') return { ...unmeshedInbound(arrival), mode, evidence: mode.evidence };
  if (asksForConnection(arrival))
    return { outcome: 'degraded', handledAs: 'tcp', mode, why: CONNECTS, evidence: mode.evidence };
  const { possible, why, gap } = inboundPolicies(server, place, world);
  const taken = allTaken(
    possible.map(({ protocol }) => takeIn(protocol, arrival, server.port)),
    why,
  );
  const doubt = gap ?? (taken.outcome === 'refused' && arrival.wire !== 'mtls' ? place.passBy : undefined);
  return {
    ...(doubt === undefined || taken.outcome === 'unknown' ? taken : unsure(doubt)),
    mode,
    evidence: mode.evidence,
  };
}

/** Whether Linkerd's policy on a server lets a call in. */
export function linkerdAuthorize(question: AuthorizeQuestion, world: World): Authorization {
  const judgement = linkerdJudgement(question, world);
  if (judgement === undefined) {
    const why = 'the call passes no proxy of Linkerd, so no policy of it is enforced';
    return { decision: 'allow', by: 'none', why, evidence: [] };
  }
  const { decision, why, evidence, server, authorization, route } = judgement;
  const labels = [server, authorization, route];
  const isPolicy = labels.some((label) => label !== undefined && label.kind !== 'default');
  return { decision, by: decision === 'unknown' ? 'none' : isPolicy ? 'policy' : 'default', why, evidence };
}

/** The same with what Linkerd's metrics would name; undefined where no proxy stands before the port. */
export function linkerdJudgement(question: AuthorizeQuestion, world: World): Judgement | undefined {
  const { server, arrival } = question;
  const place = placeOf(server, world, arrival.wire);
  if (place.kind === 'bypassed') return undefined;
  if (place.kind === 'unknown') return undecided(place.why);
  if (asksForConnection(arrival))
    return { decision: 'allow', server: defaultLabel('probe'), why: CONNECTS, evidence: [] };
  const { possible, why, gap } = inboundPolicies(server, place, world);
  const call = judgedCall(question, place, world);
  const [first, ...others] = possible.map((policy) => judge(policy, call));
  if (first === undefined) return undecided(why ?? 'no policy was found');
  const judgement = agreed([first, ...others], why ?? 'which policy is in force is not known');
  const doubt = gap ?? (judgement.decision === 'deny' && arrival.wire !== 'mtls' ? place.passBy : undefined);
  return doubt === undefined || judgement.decision === 'unknown'
    ? judgement
    : { ...judgement, decision: 'unknown', why: doubt };
}

/** The policies about a server's pods, and what becomes of a call to its ports that none of them names. */
export function linkerdPolicies(server: Omit<ServerEnd, 'port'>, world: World): PolicySummary {
  const place = proxiedPods(server, world);
  if (place.kind === 'bypassed') return { default: 'allow', policies: [] };
  if (place.kind === 'unknown') return { default: 'unknown', policies: [], gap: place.why };
  const servers = serversAbout(server.workload.namespace, place.pod, world);
  const named = servers.flatMap(({ port }) => (typeof port === 'number' ? [port] : []));
  const ports = [...new Set([...serverPortsOf(server.workload, world), ...named])];
  const choices = ports.map((port) => inboundPolicies({ ...server, port }, place, world));
  const objects = choices.flatMap(({ possible }) => possible.flatMap((policy) => objectsOf(policy)));
  const gap = choices.find((choice) => choice.gap !== undefined)?.gap ?? world.list(KIND.linkerdServer).gap;
  const defaults = choices.flatMap(({ possible }) => possible.map(defaultOf));
  return {
    default: gap === undefined ? oneOf(defaults.length === 0 ? [podDefault(place)] : defaults) : 'unknown',
    policies: [...new Set([...servers.map(({ object }) => object), ...objects])],
    ...(gap === undefined ? {} : { gap }),
  };
}

function objectsOf({ objects, table }: InboundPolicy): readonly KubeObject[] {
  return [...objects, ...table.policies];
}

function podDefault(place: Proxied): PolicySummary['default'] {
  const { policy } = podPolicy(place);
  if (!policy.known) return 'unknown';
  return policy.value === 'deny' ? 'deny' : 'allow';
}

function defaultOf({ access }: InboundPolicy): PolicySummary['default'] {
  if (!access.known) return 'unknown';
  return access.value === 'deny' ? 'deny' : 'allow';
}

/** Where ports differ, a call that no policy names is let in somewhere. */
function oneOf(defaults: readonly PolicySummary['default'][]): PolicySummary['default'] {
  if (defaults.includes('unknown')) return 'unknown';
  return defaults.includes('allow') ? 'allow' : 'deny';
}

/** Source: linkerd2 issue 7777. */
const CONNECTS =
  'the proxy takes every connection before it asks its policy, so the probe succeeds, even where the application is down';

/** A probe by TCP ends where it is connected. */
function asksForConnection({ sender, payload }: Arrival): boolean {
  return sender === 'kubelet' && payload === 'tcp';
}

function undecided(why: string): Judgement {
  return { decision: 'unknown', server: defaultLabel('unknown'), why, evidence: [] };
}

function allTaken(taken: readonly Taken[], why: string | undefined): Taken {
  const [first, ...others] = taken;
  if (first === undefined) return unsure(why ?? 'no policy was found');
  const same = others.every(({ outcome, handledAs }) => outcome === first.outcome && handledAs === first.handledAs);
  return same ? first : unsure(why ?? 'which policy is in force is not known');
}

function unsure(why: string): Taken {
  return { outcome: 'unknown', handledAs: 'unknown', why };
}

function judgedCall(question: AuthorizeQuestion, { plane }: Proxied, world: World): JudgedCall {
  const { server, arrival, handledAs, identity, request } = question;
  const fact = (value: string | undefined, what: string): Fact<string> =>
    value === undefined ? unknown(request.changed ?? `the ${what} of the call is not known`) : known(value);
  return {
    port: server.port,
    sender: arrival.sender,
    handledAs,
    client: {
      ...shownBy(arrival, identity),
      ip: fact(request.sourceIp, 'source address'),
      inCluster: arrival.sender === 'workload' ? clusterIsInside(plane.clusterNetworks, world) : OUTSIDE,
    },
    request: {
      method: fact(request.method, 'method'),
      path: fact(request.path, 'path'),
      host: fact(request.host, 'host'),
    },
  };
}

const OUTSIDE = unknown('whether the caller is inside the cluster networks is not known');

/** Only mutual TLS shows the proxy who calls. */
function shownBy({ wire }: Arrival, identity: Fact<string | undefined>): Pick<Client, 'tls' | 'identity'> {
  if (wire === 'mtls') return { tls: known(true), identity };
  if (wire !== 'unknown') return { tls: known(false), identity: known(undefined) };
  const tls = unknown('what the client puts on the wire is not known');
  return { tls, identity: identity.known && identity.value !== undefined ? identity : tls };
}
