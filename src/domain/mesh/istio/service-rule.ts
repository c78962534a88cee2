import { KIND } from '../../kubernetes/kinds.ts';
import { formatRef, type KubeObject } from '../../kubernetes/object.ts';
import { derivedFrom } from '../../world/derived.ts';
import { unknown, type Fact } from '../../world/fact.ts';
import type { Service } from '../../world/service.ts';
import { lookUpRule } from './destination-rule/lookup.ts';
import type { EffectiveRule } from './destination-rule/merge.ts';
import { parseDestinationRule } from './destination-rule/parse.ts';
import type { DestinationRule } from './destination-rule/rule.ts';
import { unfollowedFields, type RuleTarget } from './destination-rule/tls-block.ts';
import { visibleAmong, type ProxyView } from './proxy-view.ts';

const CLUSTER_DOMAIN = 'cluster.local';

/** Whose rules are asked for: rules may select the clients that they are for. */
export interface RuleClient {
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** The DestinationRule in force for a client's calls to a Service; unknown where rules were not read. */
export function ruleFor(view: ProxyView, client: RuleClient, service: Service): Fact<EffectiveRule | undefined> {
  const { rootNamespace, defaultDestinationRuleExportTo } = view.settings;
  const { namespace } = client;
  const { objects, gap } = visibleAmong(view, KIND.destinationRule, [namespace, service.namespace, rootNamespace]);
  if (gap !== undefined) return unknown(gap);
  return lookUpRule(objects.map(parsedRule), {
    rootNamespace,
    defaultExportTo: defaultDestinationRuleExportTo,
    client,
    service: { namespace: service.namespace, host: `${service.name}.${service.namespace}.svc.${CLUSTER_DOMAIN}` },
  });
}

function parsedRule(object: KubeObject): DestinationRule {
  return derivedFrom(object, parseRule);
}

function parseRule(object: KubeObject): DestinationRule {
  return parseDestinationRule(object, CLUSTER_DOMAIN);
}

/** Why what a rule sets may change the call in ways that are not modelled; undefined where nothing does. */
export function whyUnfollowed(rule: EffectiveRule, target: RuleTarget): string | undefined {
  const [field] = unfollowedFields(rule, target);
  const names = rule.refs.map(formatRef).join(', ');
  return field === undefined ? undefined : `${names} sets ${field}, whose effect is not modelled`;
}
