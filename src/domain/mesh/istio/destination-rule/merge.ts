import { compareText } from '../../../../lib/order.ts';
import { formatRef, type ObjectRef } from '../../../kubernetes/object.ts';
import { known, unknown, type Fact } from '../../../world/fact.ts';
import { possiblyOldest } from '../mtls/creation-order.ts';
import type { DestinationRule, Subset, TrafficPolicy } from './rule.ts';

/** One or several DestinationRules of a namespace that act as one. */
export interface EffectiveRule {
  /** The rules merged, the oldest first where that matters. */
  readonly refs: readonly ObjectRef[];
  readonly host: string;
  readonly hasWorkloadSelector: boolean;
  readonly trafficPolicy?: TrafficPolicy;
  readonly subsets: readonly Subset[];
}

/**
 * Merges rules of one namespace, host, export and selector: the oldest traffic policy counts as a whole, subsets add up
 * and the oldest of a name counts. Unknown where age decides and is not known.
 * Source: istio pilot/pkg/model/destination_rule.go, mergeDestinationRule.
 */
export function mergeRules(first: DestinationRule, others: readonly DestinationRule[]): Fact<EffectiveRule> {
  const rules = [first, ...others].sort(compareAge);
  const broken = rules.find((rule) => rule.unreadable.length > 0);
  if (broken !== undefined) return unknown(`${formatRef(broken.ref)} cannot be read: ${broken.unreadable.join('; ')}`);
  const rivals = rules.flatMap((rule, index) =>
    rules
      .slice(index + 1)
      .filter((other) => isUndecided(rule, other))
      .map((other) => [rule, other] as const),
  )[0];
  if (rivals !== undefined) {
    const [left, right] = rivals.map((rule) => formatRef(rule.ref));
    return unknown(
      `${left ?? ''} and ${right ?? ''} have the same host and the older decides, but their ages are not known`,
    );
  }
  const trafficPolicy = rules.find((rule) => rule.trafficPolicy !== undefined)?.trafficPolicy;
  return known({
    refs: rules.map((rule) => rule.ref),
    host: first.host,
    hasWorkloadSelector: first.workloadSelector !== undefined,
    subsets: uniqueSubsets(rules),
    ...(trafficPolicy === undefined ? {} : { trafficPolicy }),
  });
}

/** Oldest first; objects of unknown age after those that have one, new ones last, ties by name. */
function compareAge(left: DestinationRule, right: DestinationRule): number {
  return compareText(ageKey(left), ageKey(right)) || compareText(left.name, right.name);
}

function ageKey({ age }: DestinationRule): string {
  switch (age.age) {
    case 'created':
      return `0 ${new Date(age.at).toISOString()}`;
    case 'unknown':
      return '1';
    case 'new':
      return '2';
  }
}

/** Whether it makes a difference which of two rules is older, and nobody knows. */
function isUndecided(left: DestinationRule, right: DestinationRule): boolean {
  if (possiblyOldest([left, right]).length < 2) return false;
  const rivalPolicies = left.trafficPolicy !== undefined && right.trafficPolicy !== undefined;
  if (rivalPolicies && !isSame(left.trafficPolicy, right.trafficPolicy)) return true;
  return left.subsets.some((subset) =>
    right.subsets.some((other) => other.name === subset.name && !isSame(other, subset)),
  );
}

function isSame(left: unknown, right: unknown): boolean {
  return JSON.stringify(left) === JSON.stringify(right);
}

function uniqueSubsets(rules: readonly DestinationRule[]): readonly Subset[] {
  const byName = new Map<string, Subset>();
  for (const subset of rules.flatMap((rule) => rule.subsets)) {
    if (!byName.has(subset.name)) byName.set(subset.name, subset);
  }
  return [...byName.values()];
}
