import { known } from '../../world/fact.ts';
import type { Authorization } from '../mesh.ts';
import type { Attached } from './attached-policies.ts';
import { decide, type AttachedPolicy, type AuthorizationDecision } from './authorization/evaluate.ts';

const SOURCE = 'istio pilot/pkg/security/authz/builder/builder.go';

/** A decision in the words that all meshes share; a gap leaves nothing standing but a denial by a rule. */
export function toAuthorization(decision: AuthorizationDecision, gap: string | undefined): Authorization {
  // An unread policy could deny what is allowed, refuse everything as the first ALLOW, and allow what no other does.
  if (gap !== undefined && (decision.decision !== 'deny' || decision.rule === undefined))
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

/** The answer where no policy is attached, whoever calls and however. */
export function unopposed({ gap }: Pick<Attached, 'gap'>): Authorization {
  return toAuthorization(
    decide([], () => known(false)),
    gap,
  );
}

/** What becomes of a call that no policy names: the first enforced ALLOW is the deny. */
export function defaultOf(policies: readonly AttachedPolicy[]): 'allow' | 'deny' {
  return policies.some(({ policy }) => policy.action === 'ALLOW' && !policy.dryRun) ? 'deny' : 'allow';
}
