import { KIND } from '../../kubernetes/kinds.ts';
import { refOf, type KubeObject } from '../../kubernetes/object.ts';
import { asTextMap, at } from '../../../lib/json.ts';
import { derivedFrom } from '../../world/derived.ts';
import { known, unknown, type Fact } from '../../world/fact.ts';
import type { World } from '../../world/world.ts';
import type { Authorization, AuthorizeQuestion, PolicySummary, ServerEnd } from '../mesh.ts';
import { isAttached } from './authorization/attachment.ts';
import type { Connection, Peer, Token } from './authorization/connection.ts';
import type { AttachedPolicy } from './authorization/evaluate.ts';
import { evaluateOnEnvoy, type PortHandling } from './authorization/evaluate-on-envoy.ts';
import { parseAuthorizationPolicy } from './authorization/parse.ts';
import type { AuthorizationPolicy } from './authorization/policy.ts';
import { validateAuthorizationPolicy } from './authorization/validation.ts';
import { labelsInForce } from './labels-in-force.ts';
import { placeOf, probesPassBy } from './inbound.ts';
import { visibleAmong, visibleIn, type ProxyView } from './proxy-view.ts';

const SOURCE = 'istio pilot/pkg/security/authz/builder/builder.go';

/** Whether the policies that attach to the server let the call through, as its proxy evaluates them. */
export function authorizationOf(question: AuthorizeQuestion, world: World): Authorization {
  const { server, arrival } = question;
  const place = placeOf(server, world);
  if (place.kind === 'unknown') return { decision: 'unknown', by: 'none', why: place.why, evidence: [] };
  if (place.kind === 'uncaptured') return notEnforced(place.why);
  if (arrival.sender === 'kubelet') {
    const passBy = probesPassBy(server, { place, hook: arrival.hook === true }, world);
    if (!passBy.known) return { decision: 'unknown', by: 'none', why: passBy.reason, evidence: [] };
    if (passBy.value) return notEnforced('the rewritten probe does not pass the policies');
  }
  const { policies, gap } = attachedPolicies(place.view, server);
  const decision = evaluateOnEnvoy(policies, connectionOf(question, place.view), {
    handling: handlingOf(question),
    trustDomains: [place.view.settings.trustDomain, ...place.view.settings.trustDomainAliases],
  });
  // An unread policy could deny what is allowed and, as the first ALLOW, refuse everything: a denial stays one.
  if (gap !== undefined && decision.decision !== 'deny')
    return { decision: 'unknown', by: 'none', why: gap, evidence: [] };
  const field = decision.rule === undefined ? 'spec' : `spec.rules[${String(decision.rule)}]`;
  const object = decision.policy === undefined ? {} : { object: decision.policy, field };
  return {
    decision: decision.decision,
    by: decision.policy === undefined ? 'default' : 'policy',
    why: decision.why,
    evidence: [{ ...object, rule: decision.why, source: SOURCE }],
  };
}

/** The policies that attach to a server's proxy, and what becomes of a call that none of them names. */
export function policySummary(server: Omit<ServerEnd, 'port'>, world: World): PolicySummary {
  const place = placeOf({ ...server, port: 0 }, world);
  if (place.kind === 'uncaptured') return { default: 'allow', policies: [] };
  if (place.kind === 'unknown') return { default: 'unknown', policies: [] };
  const { policies, objects, gap } = attachedPolicies(place.view, server);
  const isAllow = ({ policy }: AttachedPolicy): boolean => policy.action === 'ALLOW' && !policy.dryRun;
  const fallback = policies.some(isAllow) ? 'deny' : 'allow';
  return { default: gap === undefined ? fallback : 'unknown', policies: objects };
}

function notEnforced(why: string): Authorization {
  return { decision: 'allow', by: 'none', why: `no policy is enforced: ${why}`, evidence: [] };
}

interface Attached {
  readonly policies: readonly AttachedPolicy[];
  readonly objects: readonly KubeObject[];
  readonly gap: string | undefined;
}

function attachedPolicies(view: ProxyView, server: Omit<ServerEnd, 'port'>): Attached {
  const { namespace } = server.workload;
  const { rootNamespace } = view.settings;
  const { objects, gap } = visibleAmong(view, KIND.authorizationPolicy, [rootNamespace, namespace]);
  const labels = labelsInForce(server.workload, server.cohort);
  const workload = { namespace, labels, waypoint: false, services: [] };
  const attached = objects.filter((object) =>
    isAttached(parsedPolicy(object), workload, { rootNamespace, selectorPoliciesOnGateways: true }),
  );
  const isDeclared = view.world.coverage.basis === 'declared';
  return { policies: attached.map((object) => withDoubt(object, isDeclared)), objects: attached, gap };
}

/** What only a file or a plan says was never seen by the webhook that refuses invalid policies. */
function withDoubt(object: KubeObject, isDeclared: boolean): AttachedPolicy {
  const policy = parsedPolicy(object);
  if (!isDeclared && object.origin.from === 'read') return { policy };
  const error = validateAuthorizationPolicy(policy).find(({ severity }) => severity === 'error');
  if (error === undefined) return { policy };
  return { policy, doubt: `the API server refuses it: ${error.field}: ${error.message}` };
}

function parsedPolicy(object: KubeObject): AuthorizationPolicy {
  return derivedFrom(object, parseAuthorizationPolicy);
}

/** As the inbound rules read the port; where they could not tell, both readings must agree. */
function handlingOf({ handledAs }: AuthorizeQuestion): PortHandling {
  return handledAs === 'unknown' ? 'auto' : handledAs;
}

function connectionOf(question: AuthorizeQuestion, view: ProxyView): Connection {
  const { server, request } = question;
  const unsaid = (what: string): Fact<never> => unknown(`${what} of the call is not known`);
  const fact = (value: string | undefined, what: string): Fact<string> =>
    value === undefined ? unsaid(what) : known(value);
  return {
    port: known(server.port),
    peer: peerOf(question),
    sourceIp: fact(request.sourceIp, 'the source address'),
    remoteIp: unsaid('the original client address'),
    destinationIp: unsaid('the destination address'),
    serverName: unsaid('the server name'),
    request: {
      host: fact(request.host, 'the host'),
      method: fact(request.method, 'the method'),
      path: fact(request.path, 'the path'),
      headers: unsaid('the headers'),
      token: tokenOf(view, server),
    },
  };
}

/** Only mutual TLS of the mesh shows the server who calls. */
function peerOf({ arrival, identity }: AuthorizeQuestion): Peer {
  if (arrival.wire === 'plaintext' || arrival.wire === 'tls') return { kind: 'anonymous' };
  if (!identity.known) return { kind: 'unknown', reason: identity.reason };
  if (identity.value === undefined)
    return arrival.wire === 'unknown' ? { kind: 'unknown', reason: 'the wire is not known' } : { kind: 'anonymous' };
  return { kind: 'spiffe', id: identity.value };
}

/** Without a RequestAuthentication no token is ever accepted, so a rule that wants one cannot match. */
function tokenOf(view: ProxyView, server: ServerEnd): Fact<Token | undefined> {
  const spaces = [view.settings.rootNamespace, server.workload.namespace];
  for (const space of new Set(spaces)) {
    const { objects, gap } = visibleIn(view, KIND.requestAuthentication, space);
    const applies = objects.find((object) => selects(object, labelsInForce(server.workload, server.cohort)));
    if (applies !== undefined)
      return unknown(`whether the request carries a token for ${refOf(applies).name} is not known`);
    if (gap !== undefined) return unknown(gap);
  }
  return known(undefined);
}

function selects(object: KubeObject, labels: Readonly<Record<string, string>>): boolean {
  const selector = asTextMap(at(object.spec, 'selector', 'matchLabels'));
  return Object.entries(selector).every(([key, value]) => labels[key] === value);
}
