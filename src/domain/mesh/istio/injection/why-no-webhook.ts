import type { Evidence } from '../../../world/evidence.ts';
import { REVISION_LABEL, type NamespaceLabels } from '../config-visibility.ts';
import { revisionsServed, type InjectionWebhook, type PodLabels } from './webhook.ts';

/** Why no webhook selects a pod. */
export type NoWebhookCode =
  | 'no-webhook-installed'
  | 'pod-label-false'
  | 'namespace-label-not-enabled'
  | 'no-default-revision'
  | 'revision-not-installed'
  | 'not-labelled'
  | 'not-selected';

/** The label that keeps a pod from being selected. */
export interface NoWebhookReason {
  readonly code: NoWebhookCode;
  readonly decidedBy: Evidence;
}

const INJECTION = 'istio-injection';
const INJECT = 'sidecar.istio.io/inject';
const SOURCE = 'istio manifests/charts/istio-control/istio-discovery/templates/mutatingwebhook.yaml';

/**
 * Explains why no webhook matches a pod, by the first label that stands in the way. It explains and never decides:
 * call it only where `webhooksThatMatch` found none.
 */
export function whyNoWebhook(
  webhooks: readonly InjectionWebhook[],
  namespace: NamespaceLabels,
  pod: PodLabels,
): NoWebhookReason {
  if (webhooks.length === 0) {
    return reason('no-webhook-installed', { rule: 'No injection webhook is installed, so no pod is injected.' });
  }
  if (pod.labels[INJECT] === 'false') {
    const rule = 'The pod label keeps every injection webhook away.';
    return reason('pod-label-false', { field: podField(INJECT), value: 'false', rule });
  }
  const byNamespace = whyNamespace(webhooks, namespace);
  if (byNamespace !== undefined) return byNamespace;
  const podRevision = pod.labels[REVISION_LABEL];
  if (podRevision !== undefined && !revisionsServed(webhooks).includes(podRevision)) {
    const rule = 'The pod names a revision or tag that no webhook serves; Kubernetes reports no error.';
    return reason('revision-not-installed', { field: podField(REVISION_LABEL), value: podRevision, rule });
  }
  if (podRevision === undefined && pod.labels[INJECT] === undefined && !isLabelled(namespace)) {
    return reason('not-labelled', { rule: 'Neither the namespace nor the pod has a label that asks for injection.' });
  }
  return reason('not-selected', { rule: 'No webhook selects this combination of namespace and pod labels.' });
}

function whyNamespace(webhooks: readonly InjectionWebhook[], namespace: NamespaceLabels): NoWebhookReason | undefined {
  const injection = namespace.labels[INJECTION];
  const revision = namespace.labels[REVISION_LABEL];
  const field = namespaceField(INJECTION);
  if (injection === 'enabled') {
    const rule = 'No installed revision owns istio-injection=enabled: there is no default revision and no default tag.';
    return reason('no-default-revision', { field, value: injection, rule });
  }
  if (injection !== undefined) {
    const rule = 'Only the exact value enabled injects; any other value also blocks istio.io/rev and pod labels.';
    return reason('namespace-label-not-enabled', { field, value: injection, rule });
  }
  if (revision !== undefined && !revisionsServed(webhooks).includes(revision)) {
    const rule = 'The namespace names a revision or tag that no webhook serves; Kubernetes reports no error.';
    return reason('revision-not-installed', { field: namespaceField(REVISION_LABEL), value: revision, rule });
  }
  return undefined;
}

function isLabelled(namespace: NamespaceLabels): boolean {
  return namespace.labels[INJECTION] !== undefined || namespace.labels[REVISION_LABEL] !== undefined;
}

function podField(label: string): string {
  return `metadata.labels["${label}"]`;
}

function namespaceField(label: string): string {
  return `namespace.metadata.labels["${label}"]`;
}

function reason(code: NoWebhookCode, decidedBy: Omit<Evidence, 'source'>): NoWebhookReason {
  return { code, decidedBy: { ...decidedBy, source: SOURCE } };
}
