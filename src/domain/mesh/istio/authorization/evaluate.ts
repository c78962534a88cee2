import { compareBy } from '../../../../lib/order.ts';
import { formatRef, keyOf, type ObjectRef } from '../../../kubernetes/object.ts';
import { derivedFrom } from '../../../world/derived.ts';
import { known, unknown, type Fact } from '../../../world/fact.ts';
import { allOf } from '../../../world/three-valued.ts';
import type { AuthorizationAction, AuthorizationPolicy, AuthorizationRule } from './policy.ts';

/** A policy that a proxy enforces; `doubt` says why it may be that the proxy does not. */
export interface AttachedPolicy {
  readonly policy: AuthorizationPolicy;
  readonly doubt?: string;
}

/** Whether a connection is let through, and what decides it. */
export interface AuthorizationDecision {
  readonly decision: 'allow' | 'deny' | 'unknown';
  /** The policy that decides; absent where the answer is that no policy does. */
  readonly policy?: ObjectRef;
  /** Index of the rule in `spec.rules`. */
  readonly rule?: number;
  readonly why: string;
}

/** Whether a rule of a policy matches the connection at hand, as one kind of proxy sees it. */
export type RuleMatcher = (policy: AuthorizationPolicy, rule: AuthorizationRule) => Fact<boolean>;

interface Match {
  readonly attached: AttachedPolicy;
  readonly matches: Fact<boolean>;
  readonly rule?: number;
}

/**
 * Decides over all policies that a proxy enforces: CUSTOM, DENY, then ALLOW; AUDIT and dry-run policies never count.
 * Where a fact is missing the answer is unknown, unless it is the same whatever the fact.
 * Source: istio pilot/pkg/security/authz/builder/builder.go.
 */
export function decide(policies: readonly AttachedPolicy[], ruleMatches: RuleMatcher): AuthorizationDecision {
  const arranged = derivedFrom(policies, arrange);
  const matchesOf = (action: EnforcedAction): readonly Match[] =>
    arranged[action].map((attached) => matchPolicy(attached, ruleMatches));
  const denied = matchesOf('DENY');
  const hit = denied.find((match) => isTrue(match.matches));
  if (hit !== undefined) return decidedBy('deny', hit, 'matches and denies');
  const allowed = decideAllow(matchesOf('ALLOW'));
  if (allowed.decision === 'deny') return allowed;
  const open = [...denied, ...matchesOf('CUSTOM')].find((match) => mayInterfere(match));
  return open === undefined ? allowed : openDecision(open);
}

type EnforcedAction = Exclude<AuthorizationAction, 'AUDIT'>;

/** The policies that are enforced by what they do, sorted. */
function arrange(policies: readonly AttachedPolicy[]): Readonly<Record<EnforcedAction, readonly AttachedPolicy[]>> {
  const sorted = [...policies].sort(compareBy(({ policy }) => keyOf(policy.ref)));
  const enforced = (action: EnforcedAction): readonly AttachedPolicy[] =>
    sorted.filter(({ policy }) => isEnforced(policy, action));
  return { CUSTOM: enforced('CUSTOM'), DENY: enforced('DENY'), ALLOW: enforced('ALLOW') };
}

function isEnforced(policy: AuthorizationPolicy, action: AuthorizationAction): boolean {
  const shadow = policy.dryRun && (action === 'ALLOW' || action === 'DENY');
  return policy.action === action && !shadow;
}

function matchPolicy(attached: AttachedPolicy, ruleMatches: RuleMatcher): Match {
  const { policy, doubt } = attached;
  const doubted = doubt === undefined ? known(true) : unknown(doubt);
  const unreadable = policy.unreadable[0];
  if (unreadable !== undefined)
    return { attached, matches: unknown(`${formatRef(policy.ref)} cannot be read: ${unreadable}`) };
  const rules = policy.rules.map((rule) => ruleMatches(policy, rule));
  const sure = rules.findIndex(isTrue);
  const maybe = rules.findIndex((fact) => !fact.known);
  const index = sure >= 0 ? sure : maybe;
  const found = rules[index];
  if (found === undefined) return { attached, matches: known(false) };
  const matches = policy.action === 'ALLOW' ? found : allOf([found, doubted]);
  return { attached, matches, rule: index };
}

function isTrue(fact: Fact<boolean>): boolean {
  return fact.known && fact.value;
}

function isFalse(fact: Fact<boolean>): boolean {
  return fact.known && !fact.value;
}

/** A CUSTOM policy that matches leaves the answer to a server that nobody can see from here. */
function mayInterfere({ matches }: Match): boolean {
  return !isFalse(matches);
}

function decideAllow(matches: readonly Match[]): AuthorizationDecision {
  const sure = matches.filter(({ attached }) => isSure(attached));
  const doubtful = matches.filter(({ attached }) => !isSure(attached));
  const allow = sure.find((match) => isTrue(match.matches));
  if (allow !== undefined) return decidedBy('allow', allow, 'matches and allows');
  const open = [...sure, ...doubtful].find((match) => !match.matches.known);
  if (sure.length === 0) {
    const missed = doubtful.find((match) => !isTrue(match.matches));
    if (missed === undefined) return { decision: 'allow', why: withoutAllow(doubtful) };
    return openDecision(missed);
  }
  const possible = open ?? doubtful.find((match) => isTrue(match.matches));
  if (possible !== undefined) return openDecision(possible);
  const names = sure.map(({ attached }) => formatRef(attached.policy.ref)).join(', ');
  return { decision: 'deny', ...policyOf(sure), why: `no rule of an ALLOW policy matches (${names})` };
}

function isSure({ policy, doubt }: AttachedPolicy): boolean {
  return doubt === undefined && policy.unreadable.length === 0;
}

function withoutAllow(doubtful: readonly Match[]): string {
  return doubtful.length === 0 ? 'no ALLOW policy is attached' : 'every ALLOW policy that may be attached allows it';
}

/** The policy that a refusal for want of a match is put down to, where there is only one. */
function policyOf(matches: readonly Match[]): { readonly policy?: ObjectRef } {
  const [only, another] = matches;
  return only === undefined || another !== undefined ? {} : { policy: only.attached.policy.ref };
}

function decidedBy(decision: 'allow' | 'deny', match: Match, verb: string): AuthorizationDecision {
  const { policy } = match.attached;
  const index = match.rule === undefined ? {} : { rule: match.rule };
  return {
    decision,
    policy: policy.ref,
    ...index,
    why: `rule ${String(match.rule)} of ${formatRef(policy.ref)} ${verb}`,
  };
}

function openDecision({ attached, matches, rule }: Match): AuthorizationDecision {
  const { policy, doubt } = attached;
  const name = formatRef(policy.ref);
  const reason = matches.known ? (doubt ?? 'its external authorizer decides') : matches.reason;
  return {
    decision: 'unknown',
    policy: policy.ref,
    ...(rule === undefined ? {} : { rule }),
    why: `what ${name} (${policy.action}) does with it is not known: ${reason}`,
  };
}
