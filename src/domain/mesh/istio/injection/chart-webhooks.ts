import type { KubeObject, Origin } from '../../../kubernetes/object.ts';
import { REVISION_LABEL } from '../config-visibility.ts';

/** A revision tag and, where it is known, the revision that it points to. */
export interface RevisionTag {
  readonly tag: string;
  readonly revision?: string;
}

/** What an installation of Istio's charts consists of, as far as its injection webhooks go. */
export interface ChartWebhookOptions {
  /** Revisions installed; an unrevisioned installation is `default`. */
  readonly revisions: readonly string[];
  readonly tags?: readonly RevisionTag[];
  /** Helm value `sidecarInjectorWebhook.enableNamespacesByDefault`. */
  readonly enableNamespacesByDefault?: boolean;
  /** Namespace of istiod; istio-system if absent. */
  readonly namespace?: string;
  readonly origin: Origin;
}

/** Namespaces that `enableNamespacesByDefault` leaves out, and that injection always refuses. */
export const IGNORED_NAMESPACES = ['kube-system', 'kube-public', 'kube-node-lease', 'local-path-storage'] as const;

const INJECTION = 'istio-injection';
const INJECT = 'sidecar.istio.io/inject';
const NEVER = { matchLabels: { 'istio.io/deactivated': 'never-match' } };

interface Requirement {
  readonly key: string;
  readonly operator: 'In' | 'NotIn' | 'Exists' | 'DoesNotExist';
  readonly values?: readonly string[];
}

interface ChartWebhook {
  readonly prefix: string;
  readonly namespace: readonly Requirement[];
  readonly pod: readonly Requirement[];
}

/**
 * The MutatingWebhookConfiguration objects that Istio's charts and `istioctl tag set` install for these revisions and
 * tags. The tag `default` owns what the default revision owned, whose webhooks are then made never to match.
 * Source: istio manifests/charts/istio-control/istio-discovery/templates/{mutatingwebhook,revision-tags-mwc}.yaml,
 * istioctl/pkg/tag/util.go#DeactivateIstioInjectionWebhook.
 */
export function chartWebhookConfigurations(options: ChartWebhookOptions): readonly KubeObject[] {
  const tags = options.tags ?? [];
  const defaultIsTagged = tags.some(({ tag }) => tag === 'default');
  const ofRevisions = options.revisions.map((revision) =>
    configuration(options, {
      name: revisionName(revision, options.namespace ?? 'istio-system'),
      labels: { [REVISION_LABEL]: revision },
      webhooks: webhooksOf(revision, options),
      isDeactivated: revision === 'default' && defaultIsTagged,
    }),
  );
  const ofTags = tags.map(({ tag, revision }) =>
    configuration(options, {
      name: `istio-revision-tag-${tag}`,
      labels: { 'istio.io/tag': tag, ...(revision === undefined ? {} : { [REVISION_LABEL]: revision }) },
      webhooks: webhooksOf(tag, options),
      isDeactivated: false,
    }),
  );
  return [...ofRevisions, ...ofTags];
}

function webhooksOf(owner: string, options: ChartWebhookOptions): readonly ChartWebhook[] {
  const named = [byNamespaceRevision(owner), byPodRevision(owner)];
  if (owner !== 'default') return named;
  const unnamed = [byNamespaceLabel, byPodLabel];
  return [...named, ...unnamed, ...(options.enableNamespacesByDefault === true ? [byDefault] : [])];
}

function byNamespaceRevision(owner: string): ChartWebhook {
  return {
    prefix: 'rev.namespace',
    namespace: [isIn(REVISION_LABEL, owner), isAbsent(INJECTION)],
    pod: [notIn(INJECT, 'false')],
  };
}

function byPodRevision(owner: string): ChartWebhook {
  return {
    prefix: 'rev.object',
    namespace: [isAbsent(REVISION_LABEL), isAbsent(INJECTION)],
    pod: [notIn(INJECT, 'false'), isIn(REVISION_LABEL, owner)],
  };
}

const byNamespaceLabel: ChartWebhook = {
  prefix: 'namespace',
  namespace: [isIn(INJECTION, 'enabled')],
  pod: [notIn(INJECT, 'false')],
};

const byPodLabel: ChartWebhook = {
  prefix: 'object',
  namespace: [isAbsent(INJECTION), isAbsent(REVISION_LABEL)],
  pod: [isIn(INJECT, 'true'), isAbsent(REVISION_LABEL)],
};

const byDefault: ChartWebhook = {
  prefix: 'auto',
  namespace: [
    isAbsent(INJECTION),
    isAbsent(REVISION_LABEL),
    notIn('kubernetes.io/metadata.name', ...IGNORED_NAMESPACES),
  ],
  pod: [isAbsent(INJECT), isAbsent(REVISION_LABEL)],
};

interface ConfigurationParts {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly webhooks: readonly ChartWebhook[];
  readonly isDeactivated: boolean;
}

function configuration(options: ChartWebhookOptions, parts: ConfigurationParts): KubeObject {
  return {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'MutatingWebhookConfiguration',
    metadata: {
      name: parts.name,
      labels: { ...parts.labels, app: 'sidecar-injector' },
      annotations: {},
      ownerReferences: [],
    },
    origin: options.origin,
    webhooks: parts.webhooks.map(({ prefix, namespace, pod }) => ({
      name: `${prefix}.sidecar-injector.istio.io`,
      admissionReviewVersions: ['v1'],
      failurePolicy: 'Fail',
      reinvocationPolicy: 'Never',
      sideEffects: 'None',
      rules: [{ apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['pods'] }],
      namespaceSelector: parts.isDeactivated ? NEVER : { matchExpressions: namespace },
      objectSelector: parts.isDeactivated ? NEVER : { matchExpressions: pod },
    })),
  };
}

function revisionName(revision: string, namespace: string): string {
  const named = revision === 'default' ? 'istio-sidecar-injector' : `istio-sidecar-injector-${revision}`;
  return namespace === 'istio-system' ? named : `${named}-${namespace}`;
}

function isIn(key: string, ...values: readonly string[]): Requirement {
  return { key, operator: 'In', values };
}

function notIn(key: string, ...values: readonly string[]): Requirement {
  return { key, operator: 'NotIn', values };
}

function isAbsent(key: string): Requirement {
  return { key, operator: 'DoesNotExist' };
}
