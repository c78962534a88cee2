import { groupBy, sortedUnique } from '../../../../lib/order.ts';
import { formatRef } from '../../../kubernetes/object.ts';
import { derivedFrom } from '../../../world/derived.ts';
import { known, unknown, type Fact } from '../../../world/fact.ts';
import { mostSpecificHost } from './host-match.ts';
import { mergeRules, type EffectiveRule } from './merge.ts';
import type { DestinationRule } from './rule.ts';

/** Who calls what, in which mesh. */
export interface RuleQuery {
  readonly rootNamespace: string;
  /** `meshConfig.defaultDestinationRuleExportTo`; `*` where it is not set. */
  readonly defaultExportTo: readonly string[];
  readonly client: { readonly namespace: string; readonly labels: Readonly<Record<string, string>> };
  /** The host is fully qualified. */
  readonly service: { readonly namespace: string; readonly host: string };
}

/**
 * The DestinationRule that a client's proxy uses for a service; undefined where none applies. Looked for among the
 * rules of the client's namespace, then the service's, then the root namespace; the first that has the host decides,
 * even if a later one is more specific. Unknown where the age of rival rules decides and is not known.
 * Source: istio pilot/pkg/model/push_context.go, destinationRule and setDestinationRules.
 */
export function lookUpRule(rules: readonly DestinationRule[], query: RuleQuery): Fact<EffectiveRule | undefined> {
  for (const candidates of stepsOf(rules, query)) {
    const host = mostSpecificHost(
      candidates.map((rule) => rule.host),
      query.service.host,
    );
    if (host === undefined) continue;
    const sameHost = candidates.filter((rule) => rule.host === host);
    const isLocal = sameHost.some((rule) => rule.namespace === query.client.namespace);
    const visible = sameHost.filter((rule) => isExportedTo(rule, query.client.namespace, query));
    if (visible.length > 0) return choose(isLocal ? forClient(visible, query) : visible, query);
  }
  return known(undefined);
}

/** The rules of each step. Rules that are private or have a selector count only in their own namespace. */
function stepsOf(rules: readonly DestinationRule[], query: RuleQuery): readonly (readonly DestinationRule[])[] {
  const { client, service, rootNamespace } = query;
  const isPrivate = (rule: DestinationRule): boolean => isPrivateRule(rule, query);
  const own = rules.filter(
    (rule) =>
      rule.namespace === client.namespace &&
      isExportedTo(rule, client.namespace, query) &&
      (client.namespace !== rootNamespace || isPrivate(rule)),
  );
  const shared = (namespace: string): readonly DestinationRule[] =>
    rules.filter((rule) => rule.namespace === namespace && !isPrivate(rule));
  return [own, shared(service.namespace), shared(rootNamespace)];
}

function exportsOf(rule: DestinationRule, query: RuleQuery): readonly string[] {
  if (rule.workloadSelector !== undefined) return [rule.namespace];
  const defaults = query.defaultExportTo.length > 0 ? query.defaultExportTo : ['*'];
  const written = rule.exportTo.length > 0 ? rule.exportTo : defaults;
  return sortedUnique(written.map((target) => (target === '.' ? rule.namespace : target)));
}

function isPrivateRule(rule: DestinationRule, query: RuleQuery): boolean {
  return exportsOf(rule, query).every((target) => target === rule.namespace || target === '~');
}

function isExportedTo(rule: DestinationRule, namespace: string, query: RuleQuery): boolean {
  const targets = exportsOf(rule, query);
  return targets.includes('*') || targets.includes(namespace);
}

/** In the client's own namespace a rule that selects the client goes before one that selects nobody. */
function forClient(rules: readonly DestinationRule[], { client }: RuleQuery): readonly DestinationRule[] {
  const selecting = rules.filter((rule) => rule.workloadSelector !== undefined && selects(rule, client.labels));
  return selecting.length > 0 ? selecting : rules.filter((rule) => rule.workloadSelector === undefined);
}

function selects(rule: DestinationRule, labels: Readonly<Record<string, string>>): boolean {
  return Object.entries(rule.workloadSelector ?? {}).every(
    ([key, value]) => Object.hasOwn(labels, key) && labels[key] === value,
  );
}

/** Merges what merges; rules of one host that differ in export or selector stay apart, and then no order is sure. */
function choose(rules: readonly DestinationRule[], query: RuleQuery): Fact<EffectiveRule | undefined> {
  const groups = groupBy(rules, (rule) => JSON.stringify([exportsOf(rule, query), rule.workloadSelector ?? null]));
  const [group, ...rest] = groups.values();
  const [first, ...others] = group ?? [];
  if (first === undefined) return known(undefined);
  if (rest.length > 0) {
    const names = rules.map((rule) => formatRef(rule.ref)).join(', ');
    return unknown(`several DestinationRules for ${first.host} apply and are not merged: ${names}`);
  }
  return others.length === 0 ? derivedFrom(first, alone) : mergeRules(first, others);
}

function alone(rule: DestinationRule): Fact<EffectiveRule> {
  return mergeRules(rule, []);
}
