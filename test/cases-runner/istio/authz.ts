import { asList, asNumber, asObject, asObjects, asText, asTextMap, asTexts, at } from '../../../src/lib/json.ts';
import { isAttached } from '../../../src/domain/mesh/istio/authorization/attachment.ts';
import type { Connection, Peer, Token } from '../../../src/domain/mesh/istio/authorization/connection.ts';
import { attributeHolds, envoyMatcher } from '../../../src/domain/mesh/istio/authorization/attribute-match.ts';
import { enforcementPoints } from '../../../src/domain/mesh/istio/authorization/enforcement-point.ts';
import { evaluateOnEnvoy, type PortHandling } from '../../../src/domain/mesh/istio/authorization/evaluate-on-envoy.ts';
import { isValidPath, matchesPath } from '../../../src/domain/mesh/istio/authorization/path-template.ts';
import { matchesServiceAccount } from '../../../src/domain/mesh/istio/authorization/peer-match.ts';
import type { AttributeMatch } from '../../../src/domain/mesh/istio/authorization/policy.ts';
import { matchesHost } from '../../../src/domain/mesh/istio/authorization/string-match.ts';
import { matchesRequestPrincipal } from '../../../src/domain/mesh/istio/authorization/token-match.ts';
import { validateAuthorizationPolicy } from '../../../src/domain/mesh/istio/authorization/validation.ts';
import { evaluateOnZtunnel } from '../../../src/domain/mesh/istio/authorization/ztunnel.ts';
import { known } from '../../../src/domain/world/fact.ts';
import { ztunnelInWorld } from './ambient-world.ts';
import { policyOf, textIn } from './authz-objects.ts';
import { attachmentInWorld, decisionInWorld } from './authz-world.ts';

/** Answers a case of the group `authz` in the form of its `expect`; undefined for a form that it does not know. */
export function run(input: unknown, topic: string): unknown {
  return TOPICS[topic]?.(input);
}

const TOPICS: Readonly<Record<string, (input: unknown) => unknown>> = {
  attachment: runAttachment,
  decision: runDecision,
  'tcp-chain': runDecision,
  identity: runDecision,
  logic: runDecision,
  ztunnel: runDecision,
  'host-match': (input) => ({ match: matchesHost(textIn(input, 'pattern'), textIn(input, 'authority')) }),
  'path-match': runPath,
  'path-template': runPath,
  'path-template-valid': (input) => ({ valid: isValidPath(textIn(input, 'path')) }),
  'service-account-match': (input) => ({
    match: matchesServiceAccount(
      textIn(input, 'serviceAccount'),
      textIn(input, 'identity'),
      textIn(input, 'policyNamespace'),
    ),
  }),
  'request-principal': (input) => ({
    match: matchesRequestPrincipal(textIn(input, 'requestPrincipal'), textIn(input, 'iss'), textIn(input, 'sub')),
  }),
  'namespace-match': (input) => ({
    match: holds({ attribute: 'source.namespace', values: [textIn(input, 'namespace')], notValues: [] }, input),
  }),
  'trust-domain': runTrustDomain,
  validation: runValidation,
  'enforcement-point': runEnforcementPoint,
};

/** An ordinary pod is asked about in a world; gateways and waypoints are not in the seam's reach yet. */
function runAttachment(input: unknown): unknown {
  const inWorld = attachmentInWorld(input);
  if (inWorld !== undefined) return inWorld;
  const workload = at(input, 'workload');
  const services = asObjects(at(workload, 'services')).map((service) => ({
    kind: asText(service['kind']) === 'ServiceEntry' ? ('ServiceEntry' as const) : ('Service' as const),
    namespace: textIn(service, 'namespace'),
    name: textIn(service, 'name'),
  }));
  const enforcing = {
    namespace: textIn(workload, 'namespace'),
    labels: asTextMap(at(workload, 'labels')),
    waypoint: at(workload, 'waypoint') === true,
    services,
  };
  const context = {
    rootNamespace: textIn(input, 'rootNamespace'),
    selectorPoliciesOnGateways: at(input, 'enableSelectorPolicies') !== false,
  };
  return { attached: isAttached(policyOf(at(input, 'policy'), 0), enforcing, context) };
}

function runDecision(input: unknown): unknown {
  // A case means by what it leaves out that it is not there; to the seam it is unknown.
  const inWorld = decisionInWorld(input);
  if (inWorld !== undefined && at(inWorld, 'decision') !== 'unknown') return inWorld;
  const policies = asList(at(input, 'policies')).map((raw, index) => ({ policy: policyOf(raw, index) }));
  const connection = connectionOf(at(input, 'connection'));
  if (at(input, 'dataplane') === 'ztunnel')
    return runOnZtunnel(input, evaluateOnZtunnel(policies, connection).decision);
  const proto = at(input, 'connection', 'proto');
  const handling: PortHandling = proto === 'tcp' || proto === 'auto' ? proto : 'http';
  return {
    decision: evaluateOnEnvoy(policies, connection, { handling, trustDomains: trustDomainsOf(input) }).decision,
  };
}

/** The rule and the seam must agree where the case says nothing that no call can say. */
function runOnZtunnel(input: unknown, byRule: string): unknown {
  const bySeam = ztunnelInWorld(input);
  const agrees = bySeam === undefined || bySeam === byRule;
  return { decision: agrees ? byRule : `the rule says ${byRule}, the seam ${JSON.stringify(bySeam)}` };
}

function runPath(input: unknown): unknown {
  const match = matchesPath(textIn(input, 'pattern'), textIn(input, 'path'));
  return { match: match.known ? match.value : 'unknown' };
}

function runTrustDomain(input: unknown): unknown {
  if (at(input, 'policies') !== undefined) return runDecision(input);
  const pairs = [
    ['source.trustDomain', 'trustDomains', 'notTrustDomains'],
    ['source.principal', 'principals', 'notPrincipals'],
  ] as const;
  const match = pairs.every(
    ([attribute, values, notValues]) =>
      holds({ attribute, values: asTexts(at(input, values)), notValues: asTexts(at(input, notValues)) }, input) ===
      true,
  );
  return { match };
}

function holds(match: AttributeMatch, input: unknown): unknown {
  const connection = connectionOf({ spiffe: at(input, 'identity') });
  const matcher = envoyMatcher(connection, { policyNamespace: '', trustDomains: trustDomainsOf(input) });
  const result = attributeHolds(match, matcher);
  return result.known ? result.value : 'unknown';
}

function runValidation(input: unknown): unknown {
  const kind = textIn(input, 'kind');
  if (kind !== '' && kind !== 'AuthorizationPolicy') return undefined;
  const findings = validateAuthorizationPolicy(policyOf(at(input, 'spec'), 0));
  return {
    valid: findings.every(({ severity }) => severity !== 'error'),
    warning: findings.some(({ severity }) => severity === 'warning'),
  };
}

function runEnforcementPoint(input: unknown): unknown {
  const pod = at(input, 'pod');
  const dataplane = at(pod, 'sidecar') === true ? 'sidecar' : at(pod, 'ambient') === true ? 'ambient' : 'none';
  const policy = policyOf(at(input, 'policy'), 0);
  return { enforcedBy: enforcementPoints(policy, { dataplane, waypoint: at(input, 'waypoint') === true }) };
}

/** A case names every fact of the connection that there is: what it leaves out is absent, not unknown. */
function connectionOf(raw: unknown): Connection {
  const spiffe = asText(at(raw, 'spiffe'));
  const peer: Peer = spiffe === undefined ? { kind: 'anonymous' } : { kind: 'spiffe', id: spiffe };
  const headers = Object.entries(asTextMap(at(raw, 'headers'))).map(([name, value]) => [name.toLowerCase(), value]);
  const ip = textIn(raw, 'ip');
  return {
    peer,
    port: known(asNumber(at(raw, 'port')) ?? 0),
    sourceIp: known(ip),
    remoteIp: known(asText(at(raw, 'remoteIp')) ?? ip),
    destinationIp: known(textIn(raw, 'destinationIp')),
    serverName: known(textIn(raw, 'sni')),
    request: {
      host: known(textIn(raw, 'host')),
      method: known(textIn(raw, 'method')),
      path: known(textIn(raw, 'path')),
      headers: known(Object.fromEntries(headers) as Readonly<Record<string, string>>),
      token: known(tokenOf(at(raw, 'jwt') ?? at(raw, 'token'))),
    },
  };
}

function tokenOf(raw: unknown): Token | undefined {
  const claims = asObject(at(raw, 'claims')) ?? asObject(raw);
  if (claims === undefined) return undefined;
  const audience = at(claims, 'aud');
  const presenter = asText(at(claims, 'azp'));
  return {
    issuer: textIn(claims, 'iss'),
    subject: textIn(claims, 'sub'),
    audiences: typeof audience === 'string' ? [audience] : asTexts(audience),
    claims,
    ...(presenter === undefined ? {} : { presenter }),
  };
}

function trustDomainsOf(input: unknown): readonly string[] {
  const own = asText(at(input, 'trustDomain'));
  const aliases = asTexts(at(input, 'trustDomainAliases') ?? at(input, 'aliases'));
  return [...(own === undefined ? [] : [own]), ...aliases];
}
