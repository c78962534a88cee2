import { PROXY_PORTS } from '../names.ts';
import type { Evidence } from '../../../world/evidence.ts';
import type { Arrival } from '../../mesh.ts';
import { firstAdmitting, LOCALHOST, type Client, type Grant, type Label } from './grant.ts';
import type { InboundPolicy } from './inbound-policy.ts';
import type { RoutedRequest } from './route-match.ts';
import type { PolicyRoute, RouteTable } from './routes.ts';
import { routeRequest } from './routing.ts';

/** What a server's proxy makes of a call. */
export interface Judgement {
  readonly decision: 'allow' | 'deny' | 'unknown';
  readonly server: Label;
  /** What let it in. */
  readonly authorization?: Label;
  /** The route that an HTTP request took. */
  readonly route?: Label;
  /** What an HTTP request is answered where it is not let in: 403, or 404 where no route takes it. */
  readonly status?: 403 | 404;
  readonly why: string;
  readonly evidence: readonly Evidence[];
}

/** A call as the proxy sees it. */
export interface JudgedCall {
  readonly port: number;
  readonly client: Client;
  readonly sender: Arrival['sender'];
  readonly handledAs: 'http' | 'tcp' | 'unknown';
  readonly request: RoutedRequest;
}

const SOURCE = 'linkerd2-proxy linkerd/app/inbound/src/policy/http.rs, policy/tcp.rs';

/**
 * Whether a policy lets a call in. HTTP goes by the one route that takes the request and its grants on top of the
 * server's; any other connection by the server's grants alone. Where it is not known which it is, both must agree.
 */
export function judge(policy: InboundPolicy, call: JudgedCall): Judgement {
  const isBlind = policy.protocol === 'opaque' || policy.protocol === 'TLS';
  if (isBlind && call.port !== PROXY_PORTS.admin) return judgeConnection(policy, call);
  if (call.handledAs === 'http') return judgeRequest(policy, call);
  if (call.handledAs === 'tcp') return judgeConnection(policy, call);
  return agreed([judgeRequest(policy, call), judgeConnection(policy, call)], 'what the call speaks is not known');
}

/** The judgement that all of them share, else that it is not known. */
export function agreed(judgements: readonly [Judgement, ...Judgement[]], why: string): Judgement {
  const [first, ...others] = judgements;
  const open = judgements.find(({ decision }) => decision === 'unknown');
  if (open !== undefined) return open;
  if (others.every(({ decision }) => decision === first.decision)) return first;
  const evidence = judgements.flatMap((judgement) => judgement.evidence);
  return { decision: 'unknown', server: first.server, why, evidence };
}

function judgeConnection(policy: InboundPolicy, call: JudgedCall): Judgement {
  const takesHttpAlone = ['HTTP/1', 'HTTP/2', 'gRPC'].includes(policy.protocol) || call.port === PROXY_PORTS.admin;
  const base = { server: policy.label, evidence: policy.evidence };
  if (takesHttpAlone) {
    return { ...base, decision: 'deny', why: `${nameOf(policy)} takes ${policy.protocol} alone, and the call is none` };
  }
  const verdict = byGrants(policy, [], call.client);
  return verdict.decision === 'deny' ? { ...verdict, why: `${verdict.why}: the connection is closed` } : verdict;
}

function judgeRequest(policy: InboundPolicy, call: JudgedCall): Judgement {
  const table = withoutIdleProbes(policy.table, call);
  const { possible, why } = routeRequest(table, call.request);
  const [first = judgeOn(undefined, policy, call), ...others] = possible.map((route) => judgeOn(route, policy, call));
  const judgement = agreed([first, ...others], why ?? 'the route is not known');
  const { gap, grantGap } = table;
  if (gap !== undefined && judgement.decision !== 'unknown') return { ...judgement, decision: 'unknown', why: gap };
  if (grantGap !== undefined && judgement.decision === 'deny')
    return { ...judgement, decision: 'unknown', why: grantGap };
  return judgement;
}

/** A workload calls more of a port than the paths that the kubelet asks for. */
function withoutIdleProbes(table: RouteTable, { sender, request }: JudgedCall): RouteTable {
  if (sender !== 'workload' || request.path.known) return table;
  return { ...table, routes: table.routes.filter(({ label }) => label.kind !== 'default' || label.name !== 'probe') };
}

function judgeOn(route: PolicyRoute | undefined, policy: InboundPolicy, { client }: JudgedCall): Judgement {
  if (route === undefined) {
    const why = `no route of ${nameOf(policy)} takes the request, which is answered 404`;
    return { decision: 'deny', server: policy.label, status: 404, why, evidence: policy.evidence };
  }
  const judged = byGrants(policy, route.grants, client);
  const judgement = { ...judged, route: route.label };
  return judgement.decision === 'deny'
    ? { ...judgement, status: 403, why: `${judgement.why}: the request is answered 403` }
    : judgement;
}

/** Grants of the route come first, then the server's, then the proxy's own. */
function byGrants(policy: InboundPolicy, ofRoute: readonly Grant[], client: Client): Judgement {
  const own = client.ip.known ? [LOCALHOST] : [];
  const found = firstAdmitting([...ofRoute, ...policy.grants, ...own], client);
  const base = { server: policy.label, evidence: policy.evidence };
  if (!found.known) return { ...base, decision: 'unknown', why: found.reason };
  if (found.value !== undefined) return allowedBy(policy, found.value);
  if (policy.grantGap !== undefined) return { ...base, decision: 'unknown', why: policy.grantGap };
  return { ...base, decision: 'deny', why: `nothing on ${nameOf(policy)} lets this client in` };
}

function allowedBy(policy: InboundPolicy, { label, object }: Grant): Judgement {
  const why = `${label.kind === 'default' ? 'the policy' : label.kind} ${label.name} lets the client in`;
  const granting = object === undefined ? [] : [{ object, rule: `${why}.`, source: SOURCE }];
  return {
    decision: 'allow',
    server: policy.label,
    authorization: label,
    why: `${why} on ${nameOf(policy)}`,
    evidence: [...policy.evidence, ...granting],
  };
}

function nameOf({ label, fromServer }: InboundPolicy): string {
  return fromServer ? `Server ${label.name}` : `a port with the default policy ${label.name}`;
}
