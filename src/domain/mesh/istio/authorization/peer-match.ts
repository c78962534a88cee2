import { oncePer } from '../../../world/derived.ts';
import { known, unknown, type Fact } from '../../../world/fact.ts';
import type { Peer } from './connection.ts';
import { anyOf } from '../../../world/three-valued.ts';
import { matchesGlob, matchesParsed, matchesPattern, parsePattern, type TextPattern } from './string-match.ts';

const SCHEME = 'spiffe://';

/** What a proxy needs beside the rule to match a peer. */
export interface PeerContext {
  /** Where a service account without a namespace is looked for. */
  readonly policyNamespace: string;
  /** The mesh's own trust domain, then its aliases; empty where principals are compared as written. */
  readonly trustDomains: readonly string[];
}

/** One value of an attribute, as a rule has it. */
export interface WantedValue {
  readonly attribute: string;
  readonly value: string;
}

/** The SPIFFE ID that istiod's CA gives to a service account. */
export function spiffeId(trustDomain: string, namespace: string, serviceAccount: string): string {
  return `${SCHEME}${trustDomain}/ns/${namespace}/sa/${serviceAccount}`;
}

/**
 * Whether one value of `source.principal`, `source.namespace`, `source.serviceAccount` or `source.trustDomain` matches
 * the peer on an Envoy proxy. A peer without a certificate never matches.
 * Source: istio pilot/pkg/security/authz/model/generator.go.
 */
export function matchesPeer(wanted: WantedValue, peer: Peer, context: PeerContext): Fact<boolean> {
  const resolved = resolve(peer);
  switch (resolved.kind) {
    case 'anonymous':
      return known(false);
    case 'unknown':
      return unknown(resolved.reason);
    case 'spiffe':
      return known(matchesSpiffe(wanted, resolved.id, context));
    case 'workload':
      return matchesWorkload(wanted, resolved, context);
  }
}

/** The peer as a SPIFFE ID where all of its parts are known. */
function resolve(peer: Peer): Peer {
  if (peer.kind !== 'workload' || !peer.serviceAccount.known || !peer.trustDomain.known) return peer;
  return { kind: 'spiffe', id: spiffeId(peer.trustDomain.value, peer.namespace, peer.serviceAccount.value) };
}

/** Whether a `serviceAccounts` value (`name` or `namespace/name`) matches a SPIFFE ID, other path parts aside. */
export function matchesServiceAccount(value: string, id: string, policyNamespace: string): boolean {
  const [namespace, name] = splitServiceAccount(value, policyNamespace);
  const owner = `/ns/${namespace}/`;
  for (let found = id.indexOf(owner, SCHEME.length + 1); found >= 0; found = id.indexOf(owner, found + 1)) {
    const rest = `/${id.slice(found + owner.length)}/`;
    if (id.startsWith(SCHEME) && rest.includes(`/sa/${name}/`)) return true;
  }
  return false;
}

/** The namespace and name that a `serviceAccounts` value stands for. */
export function splitServiceAccount(value: string, policyNamespace: string): readonly [string, string] {
  const slash = value.indexOf('/');
  return slash < 0 ? [policyNamespace, value] : [value.slice(0, slash), value.slice(slash + 1)];
}

function matchesSpiffe({ attribute, value }: WantedValue, id: string, context: PeerContext): boolean {
  switch (attribute) {
    case 'source.principal':
      return principalPatterns(context.trustDomains, value).some((pattern) => matchesParsed(pattern, id));
    case 'source.namespace':
      return matchesGlob(`*/ns/${value}/*`, id);
    case 'source.serviceAccount':
      return matchesServiceAccount(value, id, context.policyNamespace);
    default: {
      const trustDomain = id.startsWith(SCHEME) ? (id.slice(SCHEME.length).split('/')[0] ?? '') : '';
      return matchesPattern(value, trustDomain);
    }
  }
}

/** What a principal of a rule is compared as; the same principals are asked for again and again. */
const principalPatterns = oncePer((trustDomains: readonly string[], value: string): readonly TextPattern[] =>
  expandTrustDomain(value, trustDomains).map((principal) =>
    parsePattern(principal.startsWith('*') ? principal : `${SCHEME}${principal}`),
  ),
);

/**
 * The principals that a written principal stands for: where its trust domain is `cluster.local` or one of the mesh's,
 * the same with each of the mesh's trust domains; otherwise only itself.
 * Source: istio pilot/pkg/trustdomain, Bundle.ReplaceTrustDomainAliases.
 */
export function expandTrustDomain(principal: string, trustDomains: readonly string[]): readonly string[] {
  const [trustDomain, ...rest] = principal.split('/');
  if (trustDomain === undefined || trustDomain === '*' || rest.length !== 4) return [principal];
  const belongs = trustDomain === 'cluster.local' || trustDomains.some((own) => matchesPattern(trustDomain, own));
  if (!belongs || trustDomains.length === 0) return [principal];
  return trustDomains.map((own) => (matchesPattern(trustDomain, own) ? principal : [own, ...rest].join('/')));
}

type WorkloadPeer = Extract<Peer, { kind: 'workload' }>;

function matchesWorkload({ attribute, value }: WantedValue, peer: WorkloadPeer, context: PeerContext): Fact<boolean> {
  if (attribute === 'source.namespace') return known(matchesGlob(`*/ns/${value}/*`, spiffeId('', peer.namespace, '')));
  if (attribute === 'source.trustDomain') {
    return peer.trustDomain.known ? known(matchesPattern(value, peer.trustDomain.value)) : peer.trustDomain;
  }
  if (attribute === 'source.serviceAccount') {
    const [namespace, name] = splitServiceAccount(value, context.policyNamespace);
    if (namespace !== peer.namespace) return known(false);
    return peer.serviceAccount.known ? known(name === peer.serviceAccount.value) : peer.serviceAccount;
  }
  return anyOf(expandTrustDomain(value, context.trustDomains).map((principal) => mayMatchPrincipal(principal, peer)));
}

/** Decides a principal from the parts that are known: it can be ruled out by the namespace or the account alone. */
function mayMatchPrincipal(principal: string, peer: WorkloadPeer): Fact<boolean> {
  const pattern = parsePattern(principal);
  if (pattern.kind === 'present') return known(true);
  const missing = [peer.trustDomain, peer.serviceAccount].find((fact) => !fact.known);
  const open = unknown(missing?.known === false ? missing.reason : 'the identity of the peer is not known');
  const account = peer.serviceAccount.known ? peer.serviceAccount.value : undefined;
  const tail = account === undefined ? undefined : `/ns/${peer.namespace}/sa/${account}`;
  if (tail === undefined)
    return pattern.kind === 'exact' && !principal.includes(`/ns/${peer.namespace}/sa/`) ? known(false) : open;
  if (pattern.kind === 'suffix' && pattern.text.length <= tail.length) return known(tail.endsWith(pattern.text));
  if (pattern.kind === 'prefix') return open;
  return pattern.text.endsWith(tail) ? open : known(false);
}
