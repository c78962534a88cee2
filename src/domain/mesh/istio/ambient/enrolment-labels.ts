import { matchesSelector, parseLabelSelector, type LabelSelector } from '../../../kubernetes/label-selector.ts';
import type { Evidence } from '../../../world/evidence.ts';
import { labelsOfNamespace, type NamespaceLabels } from '../config-visibility.ts';

/** One pair of selectors of the CNI agent; a pod is a candidate where both match. */
export interface EnablementSelector {
  readonly namespaceSelector: LabelSelector;
  readonly podSelector: LabelSelector;
}

/** What the CNI agent looks at. */
export interface AmbientEnrolmentInput {
  readonly namespace: NamespaceLabels;
  readonly pod: {
    readonly labels: Readonly<Record<string, string>>;
    readonly annotations: Readonly<Record<string, string>>;
    readonly hostNetwork: boolean;
  };
  /** The chart's `ambient.enablementSelectors`; those of the chart if absent. */
  readonly selectors?: readonly EnablementSelector[];
  /** Namespaces that the agent skips; none if absent (Istio before 1.30 skips none). */
  readonly excludedNamespaces?: readonly string[];
}

/** Whether ztunnel gets the pod's traffic, with what decides it. */
export interface AmbientEnrolment {
  readonly enrolled: boolean;
  readonly code: 'host-network' | 'has-sidecar' | 'excluded-namespace' | 'selected' | 'not-selected';
  readonly decidedBy: Evidence;
}

const MODE = 'istio.io/dataplane-mode';
const STATUS = 'sidecar.istio.io/status';
const SOURCE = 'istio cni/pkg/util/enablement_selector.go#Matches';

/** The selectors of the chart where nothing is overridden: a pod alone, or its namespace unless the pod says `none`. */
export const DEFAULT_ENABLEMENT_SELECTORS: readonly EnablementSelector[] = [
  {
    namespaceSelector: parseLabelSelector({}),
    podSelector: parseLabelSelector({ matchLabels: { [MODE]: 'ambient' } }),
  },
  {
    namespaceSelector: parseLabelSelector({ matchLabels: { [MODE]: 'ambient' } }),
    podSelector: parseLabelSelector({ matchExpressions: [{ key: MODE, operator: 'NotIn', values: ['none'] }] }),
  },
];

/**
 * Whether the CNI agent puts a pod behind ztunnel. It follows labels while pods run, without a restart.
 * Source: istio cni/pkg/util/enablement_selector.go#Matches, podutil_test.go#TestEnablementSelectorMatches.
 */
export function ambientEnrolment(input: AmbientEnrolmentInput): AmbientEnrolment {
  const { namespace, pod } = input;
  if (pod.hostNetwork) {
    return answer('host-network', {
      field: 'spec.hostNetwork',
      value: 'true',
      rule: 'Host network pods are left out.',
    });
  }
  if (Object.hasOwn(pod.annotations, STATUS)) {
    const rule = 'The pod has a sidecar, which wins over ambient.';
    return answer('has-sidecar', { field: `metadata.annotations["${STATUS}"]`, rule });
  }
  if (input.excludedNamespaces?.includes(namespace.name) === true) {
    const rule = 'The agent skips the namespace.';
    return answer('excluded-namespace', { field: 'excludeNamespaces', value: namespace.name, rule });
  }
  const namespaceLabels = labelsOfNamespace(namespace);
  const isSelected = (input.selectors ?? DEFAULT_ENABLEMENT_SELECTORS).some(
    ({ namespaceSelector, podSelector }) =>
      matchesSelector(namespaceSelector, namespaceLabels) && matchesSelector(podSelector, pod.labels),
  );
  return isSelected
    ? answer('selected', { ...decidingLabel(input), rule: 'The enablement selectors of the agent select the pod.' })
    : answer('not-selected', { ...decidingLabel(input), rule: 'No enablement selector of the agent selects the pod.' });
}

function decidingLabel({ namespace, pod }: AmbientEnrolmentInput): Pick<Evidence, 'field' | 'value'> {
  const ofPod = pod.labels[MODE];
  if (ofPod !== undefined) return { field: `metadata.labels["${MODE}"]`, value: ofPod };
  const ofNamespace = namespace.labels[MODE];
  return ofNamespace === undefined ? {} : { field: `namespace.metadata.labels["${MODE}"]`, value: ofNamespace };
}

function answer(code: AmbientEnrolment['code'], decidedBy: Omit<Evidence, 'source'>): AmbientEnrolment {
  return { enrolled: code === 'selected', code, decidedBy: { ...decidedBy, source: SOURCE } };
}
