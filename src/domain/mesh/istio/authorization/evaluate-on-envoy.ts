import { oncePer } from '../../../world/derived.ts';
import { envoyMatcher } from './attribute-match.ts';
import { isHttpOnly } from './attributes.ts';
import type { Connection } from './connection.ts';
import { decide, type AttachedPolicy, type AuthorizationDecision, type RuleMatcher } from './evaluate.ts';
import type { AuthorizationAction, AuthorizationRule } from './policy.ts';
import { projectedRuleHolds, projectRule } from './rule-match.ts';

/** How the proxy handles the port: as HTTP, as opaque TCP, or (`auto`) as the first bytes tell. */
export type PortHandling = 'http' | 'tcp' | 'auto';

/** What the answer depends on beside the policies and the connection. */
export interface EnvoyContext {
  readonly handling: PortHandling;
  /** The mesh's own trust domain, then its aliases; empty where principals are compared as written. */
  readonly trustDomains: readonly string[];
}

/**
 * Decides as a sidecar, gateway or waypoint does. On a port that is TCP, a rule with HTTP attributes vanishes from ALLOW
 * and loses them in DENY; on an auto-detected port both decisions must agree, because the bytes choose between them.
 * Source: istio pilot/pkg/security/authz/builder/testdata/tcp.
 */
export function evaluateOnEnvoy(
  policies: readonly AttachedPolicy[],
  connection: Connection,
  context: EnvoyContext,
): AuthorizationDecision {
  if (context.handling !== 'auto') return decide(policies, chainMatcher(connection, context.handling, context));
  const http = decide(policies, chainMatcher(connection, 'http', context));
  const tcp = decide(policies, chainMatcher(connection, 'tcp', context));
  if (http.decision === tcp.decision) return http;
  if (http.decision === 'unknown') return http;
  if (tcp.decision === 'unknown') return tcp;
  const why = `the protocol of the port is detected from the bytes: as HTTP ${http.decision} (${http.why}), as TCP ${tcp.decision} (${tcp.why})`;
  return { decision: 'unknown', why };
}

function chainMatcher(connection: Connection, chain: Chain, context: EnvoyContext): RuleMatcher {
  return (policy, rule) =>
    projectedRuleHolds(
      rule,
      projected(rule, chain).get(policy.action) ?? project(rule, chain, policy.action),
      envoyMatcher(connection, { policyNamespace: policy.namespace, trustDomains: context.trustDomains }),
    );
}

type Chain = 'http' | 'tcp';

const projected = oncePer<AuthorizationRule, Chain, Map<AuthorizationAction, ReturnType<typeof projectRule>>>(
  () => new Map(),
);

function project(rule: AuthorizationRule, chain: Chain, action: AuthorizationAction): ReturnType<typeof projectRule> {
  const sees = (attribute: string): boolean => chain === 'http' || !isHttpOnly(attribute);
  const found = projectRule(rule, action, sees);
  projected(rule, chain).set(action, found);
  return found;
}
