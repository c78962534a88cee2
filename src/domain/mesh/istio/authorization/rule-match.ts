import { known, unknown, type Fact } from '../../../world/fact.ts';
import { attributeHolds, type ValueMatcher } from './attribute-match.ts';
import { isUsableValue } from './attributes.ts';
import { allOf, anyOf } from '../../../world/three-valued.ts';
import type { Alternative, AttributeMatch, AuthorizationAction, AuthorizationRule } from './policy.ts';

/** Whether a rule holds as it is written: one of `from`, one of `to` and all of `when`. */
export function ruleHolds(rule: AuthorizationRule, matches: ValueMatcher): Fact<boolean> {
  return allOf([sectionHolds(rule.from, matches), sectionHolds(rule.to, matches), allHold(rule.when, matches)]);
}

/**
 * The rule as Envoy gets it, or undefined where it gets none. What the filter cannot express (an attribute that it
 * does not see, a value that does not parse) takes a whole ALLOW rule away and only itself from a DENY rule, which so
 * becomes wider. Source: istio pilot/pkg/security/authz/model/model.go, checkError.
 */
export function projectRule(
  rule: AuthorizationRule,
  action: AuthorizationAction,
  sees: (attribute: string) => boolean,
): AuthorizationRule | undefined {
  if (rule.skipped !== undefined) return undefined;
  const all = [...rule.from, ...rule.to, rule.when].flat();
  if (all.every((match) => sees(match.attribute) && isUsable(match))) return rule;
  if (action === 'ALLOW' || action === 'CUSTOM') return undefined;
  const reduce = (fields: Alternative): Alternative =>
    fields.filter((match) => sees(match.attribute)).flatMap(usablePart);
  return { ...rule, from: rule.from.map(reduce), to: rule.to.map(reduce), when: reduce(rule.when) };
}

/** The rule's match, or unknown where the API server would have refused the rule. */
export function projectedRuleHolds(
  rule: AuthorizationRule,
  projected: AuthorizationRule | undefined,
  matches: ValueMatcher,
): Fact<boolean> {
  if (rule.unreadable !== undefined) return unknown(`a rule cannot be read: ${rule.unreadable}`);
  return projected === undefined ? known(false) : ruleHolds(projected, matches);
}

/** The values of a field that istiod can use; nothing where none is left. */
export function usablePart(match: AttributeMatch): Alternative {
  const usable = (value: string): boolean => isUsableValue(match.attribute, value);
  const part = { ...match, values: match.values.filter(usable), notValues: match.notValues.filter(usable) };
  return part.values.length + part.notValues.length === 0 ? [] : [part];
}

function isUsable(match: AttributeMatch): boolean {
  return [...match.values, ...match.notValues].every((value) => isUsableValue(match.attribute, value));
}

function sectionHolds(section: readonly Alternative[], matches: ValueMatcher): Fact<boolean> {
  return section.length === 0 ? known(true) : anyOf(section.map((fields) => allHold(fields, matches)));
}

function allHold(fields: Alternative, matches: ValueMatcher): Fact<boolean> {
  return allOf(fields.map((match) => attributeHolds(match, matches)));
}
