import { matchesSelector, type LabelSelector } from '../../kubernetes/label-selector.ts';
import type { Evidence } from '../../world/evidence.ts';

/** The label that binds an Istio resource, a namespace or a pod to one revision. */
export const REVISION_LABEL = 'istio.io/rev';

/** The root namespace where `meshConfig.rootNamespace` is not set. Source: istio pkg/config/mesh/mesh.go. */
export const DEFAULT_ROOT_NAMESPACE = 'istio-system';

/** A namespace by name and labels, as far as selectors look at it. */
export interface NamespaceLabels {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** Whether istiod reads an object at all, with what decides it. */
export interface ConfigVisibility {
  readonly read: boolean;
  readonly decidedBy: Evidence;
}

/**
 * The labels of a namespace with `kubernetes.io/metadata.name`, which the API server puts on every namespace and
 * manifests leave out.
 */
export function labelsOfNamespace(namespace: NamespaceLabels): Readonly<Record<string, string>> {
  return { ...namespace.labels, 'kubernetes.io/metadata.name': namespace.name };
}

/**
 * Whether istiod of a revision reads an Istio resource with these labels. A revision tag in the label is never
 * resolved. An istiod with an empty revision reads everything.
 * Source: istio pkg/config/model.go#LabelsInRevision.
 */
export function readByRevision(labels: Readonly<Record<string, string>>, revision: string): ConfigVisibility {
  const source = 'istio pkg/config/model.go#LabelsInRevision';
  const label = Object.hasOwn(labels, REVISION_LABEL) ? labels[REVISION_LABEL] : undefined;
  if (label === undefined) {
    return {
      read: true,
      decidedBy: { rule: 'A resource without label istio.io/rev is read by every revision.', source },
    };
  }
  const read = revision === '' || label === revision;
  const rule = read
    ? `The revision label names the revision of this istiod (${revision === '' ? 'none' : revision}).`
    : `The revision label names another revision than ${revision}; istiod ignores the resource and resolves no tags here.`;
  return { read, decidedBy: { field: `metadata.labels["${REVISION_LABEL}"]`, value: label, rule, source } };
}

/**
 * Whether `meshConfig.discoverySelectors` lets istiod see a namespace: no selectors select all, otherwise one must
 * match. The root namespace is not exempt. `labels` are those that `labelsOfNamespace` gives.
 * Source: istio pkg/kube/namespace/filter.go#Filter.
 */
export function seenByDiscovery(
  discoverySelectors: readonly LabelSelector[],
  labels: Readonly<Record<string, string>>,
): ConfigVisibility {
  const source = 'istio pkg/kube/namespace/filter.go#Filter';
  const field = 'meshConfig.discoverySelectors';
  if (discoverySelectors.length === 0) {
    return { read: true, decidedBy: { rule: 'Without discoverySelectors istiod sees every namespace.', source } };
  }
  const read = discoverySelectors.some((selector) => matchesSelector(selector, labels));
  const rule = read
    ? 'The namespace matches one of the discoverySelectors.'
    : 'The namespace matches none of the discoverySelectors, so istiod ignores every object in it.';
  return { read, decidedBy: { field, rule, source } };
}
