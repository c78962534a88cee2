import { KIND } from '../../kubernetes/kinds.ts';
import { formatRef, type KubeObject } from '../../kubernetes/object.ts';
import { sortedUnique } from '../../../lib/order.ts';
import { derivedFrom, oncePer } from '../../world/derived.ts';
import { known, unknown, type Fact } from '../../world/fact.ts';
import type { Service } from '../../world/service.ts';
import { lookUpRule } from './destination-rule/lookup.ts';
import type { EffectiveRule } from './destination-rule/merge.ts';
import { parseDestinationRule } from './destination-rule/parse.ts';
import type { DestinationRule } from './destination-rule/rule.ts';
import { unfollowedFields, type RuleTarget } from './destination-rule/tls-block.ts';
import { covering, indexByHost, type HostIndex } from './destination-rule/host-index.ts';
import { visibleIn, type ProxyView } from './proxy-view.ts';

const CLUSTER_DOMAIN = 'cluster.local';

/** Whose rules are asked for: rules may select the clients that they are for. */
export interface RuleClient {
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** The DestinationRule in force for a client's calls to a Service; unknown where rules were not read. */
export function ruleFor(view: ProxyView, client: RuleClient, service: Service): Fact<EffectiveRule | undefined> {
  const host = hostOf(service);
  const own = rulesIn(view, client.namespace, host);
  const shared = sharedRules(view, service);
  if (own === NO_RULES && shared === NO_RULES) return NO_RULE;
  const gap = own.gap ?? shared.gap;
  if (gap !== undefined) return unknown(gap);
  const kept = keptRules(view, service);
  const found = kept.get(client.namespace);
  if (found !== undefined) return found;
  const rules = rulesOver(view, [client.namespace, service.namespace, view.settings.rootNamespace], host);
  const rule = lookUpRule(rules, queryFor(view, client, service));
  // A rule that selects its clients is for some of a namespace and not for others.
  if (rules.every(({ workloadSelector }) => workloadSelector === undefined)) kept.set(client.namespace, rule);
  return rule;
}

const NO_RULE = known(undefined);
const keptRules = oncePer<ProxyView, Service, Map<string, ReturnType<typeof lookUpRule>>>(() => new Map());

function queryFor(view: ProxyView, client: RuleClient, service: Service): Parameters<typeof lookUpRule>[1] {
  return {
    rootNamespace: view.settings.rootNamespace,
    defaultExportTo: view.settings.defaultDestinationRuleExportTo,
    client,
    service: { namespace: service.namespace, host: hostOf(service) },
  };
}

function hostOf(service: Service): string {
  return derivedFrom(service, findHost);
}

function findHost({ name, namespace }: Service): string {
  return `${name}.${namespace}.svc.${CLUSTER_DOMAIN}`;
}

/** Rules of which the host covers a service's, with the reason why there may be more. */
interface CoveringRules {
  readonly rules: readonly DestinationRule[];
  readonly gap: string | undefined;
}

const NO_RULES: CoveringRules = { rules: [], gap: undefined };

function rulesIn(view: ProxyView, namespace: string, host: string): CoveringRules {
  const seen = visibleIn(view, KIND.destinationRule, namespace);
  if (seen.objects.length === 0 && seen.gap === undefined) return NO_RULES;
  const rules = covering(derivedFrom(seen.objects, indexRules), host);
  return rules.length === 0 && seen.gap === undefined ? NO_RULES : { rules, gap: seen.gap };
}

/** The rules of the service's namespace and of the root namespace, which count for clients of all others. */
const sharedRules = oncePer((view: ProxyView, service: Service): CoveringRules => {
  const host = hostOf(service);
  const found = [service.namespace, view.settings.rootNamespace].map((namespace) => rulesIn(view, namespace, host));
  if (found.every((each) => each === NO_RULES)) return NO_RULES;
  return { rules: found.flatMap(({ rules }) => rules), gap: found.find(({ gap }) => gap !== undefined)?.gap };
});

/** Sorted by namespace and name, as they are looked at. */
function rulesOver(view: ProxyView, namespaces: readonly string[], host: string): readonly DestinationRule[] {
  return sortedUnique(namespaces).flatMap((namespace) => rulesIn(view, namespace, host).rules);
}

function indexRules(objects: readonly KubeObject[]): HostIndex<DestinationRule> {
  return indexByHost(objects.map(parsedRule), ({ host }) => [host]);
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
