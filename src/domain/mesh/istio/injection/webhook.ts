import { matchesSelector, parseLabelSelector, type LabelSelector } from '../../../kubernetes/label-selector.ts';
import type { KubeObject } from '../../../kubernetes/object.ts';
import { asList, asObjects, asText, asTexts, at, type JsonObject } from '../../../../lib/json.ts';
import { sortedUnique } from '../../../../lib/order.ts';
import { labelsOfNamespace, REVISION_LABEL, type NamespaceLabels } from '../config-visibility.ts';

/** One webhook that calls istiod to inject pods: gate A of injection. Only labels are looked at here. */
export interface InjectionWebhook {
  /** Name of the MutatingWebhookConfiguration. */
  readonly configuration: string;
  /** Name of the webhook in it, as `rev.namespace.sidecar-injector.istio.io`. */
  readonly webhook: string;
  /** The revision whose istiod answers; absent where the configuration does not say. */
  readonly revision?: string;
  /** The revision tag that the configuration stands for. */
  readonly tag?: string;
  readonly namespaceSelector: LabelSelector;
  readonly objectSelector: LabelSelector;
  readonly failurePolicy: 'Fail' | 'Ignore';
  readonly reinvocationPolicy: 'Never' | 'IfNeeded';
  /** Whether CEL `matchConditions` narrow it further; they are not evaluated, so a match is then uncertain. */
  readonly hasMatchConditions: boolean;
}

/** The pod labels that gate A looks at. */
export interface PodLabels {
  readonly labels: Readonly<Record<string, string>>;
}

const WEBHOOK_NAME_END = 'sidecar-injector.istio.io';

/**
 * The injection webhooks that a MutatingWebhookConfiguration holds; empty where it is not one of Istio's injector.
 * Absent selectors select everything and an absent failure policy is Fail, as the API server defaults them.
 * Source: istio manifests/charts/istio-control/istio-discovery/templates/mutatingwebhook.yaml.
 */
export function injectionWebhooksIn(configuration: KubeObject): readonly InjectionWebhook[] {
  const { name, labels } = configuration.metadata;
  return asObjects(configuration['webhooks'])
    .filter((webhook) => isInjectionWebhook(webhook, labels['app']))
    .map((webhook) => ({
      configuration: name,
      webhook: asText(webhook['name']) ?? '',
      ...(labels[REVISION_LABEL] === undefined ? {} : { revision: labels[REVISION_LABEL] }),
      ...(labels['istio.io/tag'] === undefined ? {} : { tag: labels['istio.io/tag'] }),
      namespaceSelector: parseLabelSelector(webhook['namespaceSelector']),
      objectSelector: parseLabelSelector(webhook['objectSelector']),
      failurePolicy: webhook['failurePolicy'] === 'Ignore' ? 'Ignore' : 'Fail',
      reinvocationPolicy: webhook['reinvocationPolicy'] === 'IfNeeded' ? 'IfNeeded' : 'Never',
      hasMatchConditions: asList(webhook['matchConditions']).length > 0,
    }));
}

/** What pods and namespaces call the webhook's owner: the tag, else the revision, else the configuration's name. */
export function ownerOf(webhook: InjectionWebhook): string {
  return webhook.tag ?? webhook.revision ?? webhook.configuration;
}

/**
 * The webhooks that the API server calls when a pod with these labels is created in the namespace. More than one is
 * an error state: the pod would be injected twice.
 */
export function webhooksThatMatch(
  webhooks: readonly InjectionWebhook[],
  namespace: NamespaceLabels,
  pod: PodLabels,
): readonly InjectionWebhook[] {
  const namespaceLabels = labelsOfNamespace(namespace);
  return webhooks.filter(
    (webhook) =>
      matchesSelector(webhook.namespaceSelector, namespaceLabels) &&
      matchesSelector(webhook.objectSelector, pod.labels),
  );
}

/** The values of `istio.io/rev` that select some webhook: the revisions and tags that can be named, sorted. */
export function revisionsServed(webhooks: readonly InjectionWebhook[]): readonly string[] {
  return sortedUnique(
    webhooks.flatMap((webhook) => [
      ...revisionsNamed(webhook.namespaceSelector),
      ...revisionsNamed(webhook.objectSelector),
    ]),
  );
}

function revisionsNamed(selector: LabelSelector): readonly string[] {
  const label = selector.matchLabels[REVISION_LABEL];
  const expressions = selector.matchExpressions.filter(
    ({ key, operator }) => key === REVISION_LABEL && operator === 'In',
  );
  return [...(label === undefined ? [] : [label]), ...expressions.flatMap(({ values }) => values)];
}

function isInjectionWebhook(webhook: JsonObject, appLabel: string | undefined): boolean {
  const name = asText(webhook['name']) ?? '';
  const isIstios = name.endsWith(WEBHOOK_NAME_END) || appLabel === 'sidecar-injector';
  return isIstios && (webhook['rules'] === undefined || asObjects(webhook['rules']).some(coversPodCreation));
}

function coversPodCreation(rule: JsonObject): boolean {
  const operations = asTexts(at(rule, 'operations'));
  const resources = asTexts(at(rule, 'resources'));
  return (
    operations.some((operation) => operation === 'CREATE' || operation === '*') &&
    resources.some((resource) => resource === 'pods' || resource === '*' || resource === '*/*')
  );
}
