import { asList, asObject, asObjects, asText, asTexts, at, type JsonObject } from '../../../lib/json.ts';
import { KIND } from '../../kubernetes/kinds.ts';
import { matchesSelector, parseLabelSelector, type LabelSelector } from '../../kubernetes/label-selector.ts';
import { refOf, type KubeObject, type ObjectRef } from '../../kubernetes/object.ts';
import { derivedFrom } from '../../world/derived.ts';
import type { PodShape } from '../../world/pod-shape.ts';
import type { World } from '../../world/world.ts';

/** A webhook that the API server calls when a pod is created. */
export interface PodWebhook {
  readonly configuration: ObjectRef;
  readonly name: string;
  readonly namespaceSelector: LabelSelector;
  readonly objectSelector: LabelSelector;
  /** Whether CEL `matchConditions` narrow it further; they are not evaluated. */
  readonly hasMatchConditions: boolean;
  /** `url`: somewhere outside the cluster, so far as anybody can tell. */
  readonly answeredBy: 'service' | 'url';
}

/** A namespace as far as injection looks at it. */
export interface NamespaceMeta {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

/**
 * The webhooks for new pods whose name fits, in the order in which the API server calls them: configurations by name,
 * and within one as written.
 * Source: k8s.io/apiserver pkg/admission/configuration/mutating_webhook_manager.go.
 */
export function podWebhooks(world: World, name: RegExp): readonly PodWebhook[] {
  return allPodWebhooks(world).filter((webhook) => name.test(webhook.name));
}

/** All webhooks for new pods, in the order in which the API server calls them. */
export function allPodWebhooks(world: World): readonly PodWebhook[] {
  return derivedFrom(world.list(KIND.mutatingWebhook).objects, webhooksIn);
}

/** Absent selectors select everything. The API server labels every namespace with its name. */
export function callsFor(webhook: PodWebhook, namespace: NamespaceMeta, pod: PodShape): boolean {
  const labels = { ...namespace.labels, 'kubernetes.io/metadata.name': namespace.name };
  return matchesSelector(webhook.namespaceSelector, labels) && matchesSelector(webhook.objectSelector, pod.labels);
}

function webhooksIn(configurations: readonly KubeObject[]): readonly PodWebhook[] {
  return configurations.flatMap((configuration) =>
    asObjects(configuration['webhooks'])
      .filter(takesPods)
      .map((raw) => readWebhook(configuration, raw)),
  );
}

function readWebhook(configuration: KubeObject, raw: JsonObject): PodWebhook {
  return {
    configuration: refOf(configuration),
    name: asText(raw['name']) ?? '',
    namespaceSelector: parseLabelSelector(raw['namespaceSelector']),
    objectSelector: parseLabelSelector(raw['objectSelector']),
    hasMatchConditions: asList(raw['matchConditions']).length > 0,
    answeredBy: asObject(at(raw, 'clientConfig', 'service')) === undefined ? urlOr(raw) : 'service',
  };
}

function urlOr(raw: JsonObject): PodWebhook['answeredBy'] {
  return asText(at(raw, 'clientConfig', 'url')) === undefined ? 'service' : 'url';
}

function takesPods({ rules }: JsonObject): boolean {
  if (rules === undefined) return true;
  return asObjects(rules).some((rule) => {
    const operations = asTexts(rule['operations']);
    const resources = asTexts(rule['resources']);
    const creates = operations.includes('CREATE') || operations.includes('*');
    return creates && resources.some((resource) => resource === 'pods' || resource === '*' || resource === '*/*');
  });
}
