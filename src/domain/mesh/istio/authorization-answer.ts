import type { Authorization } from '../mesh.ts';
import type { AttachedPolicy, AuthorizationDecision } from './authorization/evaluate.ts';

const SOURCE = 'istio pilot/pkg/security/authz/builder/builder.go';

/** A decision in the words that all meshes share; a gap leaves nothing but a denial standing. */
export function toAuthorization(decision: AuthorizationDecision, gap: string | undefined): Authorization {
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

/** What becomes of a call that no policy names: the first enforced ALLOW is the deny. */
export function defaultOf(policies: readonly AttachedPolicy[]): 'allow' | 'deny' {
  return policies.some(({ policy }) => policy.action === 'ALLOW' && !policy.dryRun) ? 'deny' : 'allow';
}
