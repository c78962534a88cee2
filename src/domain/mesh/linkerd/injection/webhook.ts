import { asList, asObjects, asText, asTexts, at, type JsonObject } from '../../../../lib/json.ts';
import { KIND } from '../../../kubernetes/kinds.ts';
import { matchesSelector, parseLabelSelector, type LabelSelector } from '../../../kubernetes/label-selector.ts';
import { refOf, type KubeObject, type ObjectRef } from '../../../kubernetes/object.ts';
import { derivedFrom } from '../../../world/derived.ts';
import type { World } from '../../../world/world.ts';

/** A webhook that calls Linkerd's injector when a pod or a Service is created. */
export interface LinkerdWebhook {
  readonly ref: ObjectRef;
  readonly webhook: string;
  /** The namespace of the injector that it calls, which is the control plane's. */
  readonly controlPlaneNamespace: string;
  readonly namespaceSelector: LabelSelector;
  readonly objectSelector: LabelSelector;
  /** With `Ignore` pods are created without a proxy while the injector cannot be reached. */
  readonly failurePolicy: 'Fail' | 'Ignore';
  /** Whether CEL `matchConditions` narrow it further; they are not evaluated. */
  readonly hasMatchConditions: boolean;
}

type Labels = Readonly<Record<string, string>>;

/** The injection webhooks that the world holds. Source: linkerd2 charts/linkerd-control-plane/templates/proxy-injector-rbac.yaml. */
export function linkerdWebhooks(world: World): readonly LinkerdWebhook[] {
  return derivedFrom(world.list(KIND.mutatingWebhook).objects, readWebhooks);
}

/** Those that the API server calls for a pod with these labels in a namespace with these. */
export function webhooksCalled(
  webhooks: readonly LinkerdWebhook[],
  namespace: { readonly name: string; readonly labels: Labels },
  pod: { readonly labels: Labels },
): readonly LinkerdWebhook[] {
  const labels = { ...namespace.labels, 'kubernetes.io/metadata.name': namespace.name };
  return webhooks.filter(
    ({ namespaceSelector, objectSelector }) =>
      matchesSelector(namespaceSelector, labels) && matchesSelector(objectSelector, pod.labels),
  );
}

function readWebhooks(objects: readonly KubeObject[]): readonly LinkerdWebhook[] {
  return objects.flatMap((object) =>
    asObjects(object['webhooks'])
      .filter(isInjector)
      .map((webhook) => readWebhook(object, webhook)),
  );
}

function readWebhook(object: KubeObject, webhook: JsonObject): LinkerdWebhook {
  const labelled = object.metadata.labels['linkerd.io/control-plane-ns'];
  return {
    ref: refOf(object),
    webhook: asText(webhook['name']) ?? '',
    controlPlaneNamespace: asText(at(webhook, 'clientConfig', 'service', 'namespace')) ?? labelled ?? 'linkerd',
    namespaceSelector: parseLabelSelector(webhook['namespaceSelector']),
    objectSelector: parseLabelSelector(webhook['objectSelector']),
    failurePolicy: webhook['failurePolicy'] === 'Ignore' ? 'Ignore' : 'Fail',
    hasMatchConditions: asList(webhook['matchConditions']).length > 0,
  };
}

const INJECTOR = 'linkerd-proxy-injector';

function isInjector(webhook: JsonObject): boolean {
  const named = (asText(webhook['name']) ?? '').startsWith(INJECTOR);
  const calls = asText(at(webhook, 'clientConfig', 'service', 'name')) === INJECTOR;
  return (named || calls) && (webhook['rules'] === undefined || asObjects(webhook['rules']).some(coversPodCreation));
}

function coversPodCreation(rule: JsonObject): boolean {
  const [operations, resources] = [asTexts(rule['operations']), asTexts(rule['resources'])];
  return (
    operations.some((operation) => operation === 'CREATE' || operation === '*') &&
    resources.some((resource) => resource === 'pods' || resource === '*' || resource === '*/*')
  );
}
