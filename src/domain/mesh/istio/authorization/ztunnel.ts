import { derivedFrom, oncePer } from '../../../world/derived.ts';
import { known, unknown, type Fact } from '../../../world/fact.ts';
import { attributeHolds, matchesTransport, type ValueMatcher } from './attribute-match.ts';
import { isKnownToZtunnel } from './attributes.ts';
import type { Connection, Peer } from './connection.ts';
import { decide, type AttachedPolicy, type AuthorizationDecision } from './evaluate.ts';
import { allOf, anyOf } from '../../../world/three-valued.ts';
import { matchesPeer, splitServiceAccount } from './peer-match.ts';
import type { Alternative, AuthorizationAction, AuthorizationPolicy, AuthorizationRule } from './policy.ts';
import { usablePart } from './rule-match.ts';
import { matchesPattern } from './string-match.ts';

/** One ANDed part of a rule as ztunnel gets it: one of its alternatives must match, and an empty one never does. */
export type ZtunnelClause = readonly Alternative[];

/** Whether istiod sends a policy to ztunnel at all, given whether dry-run policies are sent. */
export function isSentToZtunnel(policy: AuthorizationPolicy, sendsDryRun = false): boolean {
  if (policy.targetRefs.length > 0 || (policy.dryRun && !sendsDryRun)) return false;
  return policy.action === 'ALLOW' || policy.action === 'DENY';
}

/**
 * The clauses that ztunnel gets for a rule, or undefined where the rule is left out: an ALLOW rule with anything that
 * is not layer 4. A DENY rule loses only those parts. No clauses at all match everything.
 * Source: istio pilot/pkg/serviceregistry/ambient/authorization.go, handleRule.
 */
export function convertRule(
  rule: AuthorizationRule,
  action: AuthorizationAction,
): readonly ZtunnelClause[] | undefined {
  const fields = [...rule.from, ...rule.to].flat();
  const isL7 =
    fields.some(({ attribute }) => attribute !== 'source.trustDomain' && !isKnownToZtunnel(attribute, 'field')) ||
    rule.when.some(({ attribute }) => !isKnownToZtunnel(attribute, 'when'));
  if (action === 'ALLOW' && isL7) return undefined;
  const keep = (alternative: Alternative, place: 'field' | 'when'): Alternative =>
    alternative.filter(({ attribute }) => isKnownToZtunnel(attribute, place)).flatMap(usablePart);
  const sections = [rule.to, rule.from].filter((section) => section.length > 0);
  return [
    ...sections.map((section) => section.map((alternative) => keep(alternative, 'field'))),
    ...rule.when.map((condition) => [keep([condition], 'when')]),
  ];
}

/**
 * Decides as the ztunnel of the destination does, over the policies without targetRefs that select it.
 * Source: ztunnel src/rbac.rs, Authorization::matches, and src/state.rs, assert_rbac.
 */
export function evaluateOnZtunnel(policies: readonly AttachedPolicy[], connection: Connection): AuthorizationDecision {
  return decide(derivedFrom(policies, sentToZtunnel), (policy, rule) => convertedRuleHolds(policy, rule, connection));
}

function sentToZtunnel(policies: readonly AttachedPolicy[]): readonly AttachedPolicy[] {
  return policies.filter(({ policy }) => isSentToZtunnel(policy));
}

const clausesOf = oncePer(convertRule);

function convertedRuleHolds(
  policy: AuthorizationPolicy,
  rule: AuthorizationRule,
  connection: Connection,
): Fact<boolean> {
  if (rule.unreadable !== undefined) return unknown(`a rule cannot be read: ${rule.unreadable}`);
  const clauses = clausesOf(rule, policy.action);
  if (clauses === undefined) return known(false);
  const matches = ztunnelMatcher(connection, policy.namespace);
  const holds = allOf(clauses.map((clause) => clauseHolds(clause, matches)));
  const narrowed = rule.from.flat().some(({ attribute }) => attribute === 'source.trustDomain');
  if (policy.action !== 'ALLOW' || !narrowed) return holds;
  return allOf([holds, unknown('ztunnel does not know trustDomains: versions differ in whether the rule then counts')]);
}

function clauseHolds(clause: ZtunnelClause, matches: ValueMatcher): Fact<boolean> {
  const filled = clause.filter((alternative) => alternative.length > 0);
  return anyOf(filled.map((alternative) => allOf(alternative.map((match) => attributeHolds(match, matches)))));
}

const NONE: readonly string[] = [];

/** ztunnel takes namespaces in the common string form and service accounts only from a plain SPIFFE ID. */
function ztunnelMatcher(connection: Connection, policyNamespace: string): ValueMatcher {
  return (attribute, value) => {
    const transport = matchesTransport(attribute, value, connection);
    if (transport !== undefined) return transport;
    if (attribute === 'source.principal') {
      return matchesPeer({ attribute, value }, connection.peer, { policyNamespace, trustDomains: NONE });
    }
    return matchesAccount(attribute, value, { peer: connection.peer, policyNamespace });
  };
}

function matchesAccount(
  attribute: string,
  value: string,
  { peer, policyNamespace }: { readonly peer: Peer; readonly policyNamespace: string },
): Fact<boolean> {
  const account = accountOf(peer);
  if (!account.known) return account;
  if (account.value === undefined) return known(false);
  const { namespace, serviceAccount } = account.value;
  if (attribute === 'source.namespace') return known(matchesPattern(value, namespace));
  const [wantedNamespace, wantedName] = splitServiceAccount(value, policyNamespace);
  if (wantedNamespace !== namespace) return known(false);
  return serviceAccount.known ? known(serviceAccount.value === wantedName) : serviceAccount;
}

interface Account {
  readonly namespace: string;
  readonly serviceAccount: Fact<string>;
}

function accountOf(peer: Peer): Fact<Account | undefined> {
  switch (peer.kind) {
    case 'anonymous':
      return known(undefined);
    case 'unknown':
      return unknown(peer.reason);
    case 'workload':
      return known(peer);
    case 'spiffe': {
      const [, namespace, name] = /^spiffe:\/\/[^/]+\/ns\/([^/]+)\/sa\/([^/]+)$/.exec(peer.id) ?? [];
      return known(
        namespace === undefined || name === undefined ? undefined : { namespace, serviceAccount: known(name) },
      );
    }
  }
}
