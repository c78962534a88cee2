import { isEmptySelector, matchesSelector, type LabelSelector } from '../../../kubernetes/label-selector.ts';
import type { Evidence } from '../../../world/evidence.ts';
import { IGNORED_NAMESPACES } from './chart-webhooks.ts';

/** The injector's own settings: `policy`, `neverInjectSelector` and `alwaysInjectSelector` of its ConfigMap. */
export interface InjectorSettings {
  /** `enabled` or `disabled`; any other text injects nothing. */
  readonly policy: string;
  readonly neverInjectSelector: readonly LabelSelector[];
  readonly alwaysInjectSelector: readonly LabelSelector[];
}

/** What the injector looks at in a pod. */
export interface InjectablePod {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly hostNetwork: boolean;
}

/** Which rule of the second gate decided. */
export type InjectRequiredCode =
  | 'host-network'
  | 'ignored-namespace'
  | 'policy-invalid'
  | 'pod-label'
  | 'pod-annotation'
  | 'never-inject-selector'
  | 'always-inject-selector'
  | 'policy-enabled'
  | 'policy-disabled';

/** The answer of the second gate, with what decides it. */
export interface InjectRequired {
  readonly inject: boolean;
  readonly code: InjectRequiredCode;
  /** Whether the pod itself says "true" or "false". */
  readonly explicit: boolean;
  readonly decidedBy: Evidence;
}

/** The settings of Istio's chart where nothing is overridden. */
export const DEFAULT_INJECTOR_SETTINGS: InjectorSettings = {
  policy: 'enabled',
  neverInjectSelector: [],
  alwaysInjectSelector: [],
};

const INJECT = 'sidecar.istio.io/inject';
const SOURCE = 'istio pkg/kube/inject/inject.go#injectRequired';

/**
 * Gate B: whether istiod injects a pod that some webhook selected. Says nothing about pods that no webhook selects.
 * Source: istio pkg/kube/inject/inject.go#injectRequired.
 */
export function injectRequired(settings: InjectorSettings, namespaceName: string, pod: InjectablePod): InjectRequired {
  const refused = refusedWhateverIsAsked(namespaceName, pod);
  if (refused !== undefined) return refused;
  const wanted = wantedByPod(pod);
  if (settings.policy !== 'enabled' && settings.policy !== 'disabled') {
    const rule = 'A policy other than enabled or disabled injects nothing, even where the pod asks for it.';
    const decidedBy = { field: 'policy', value: settings.policy, rule, source: SOURCE };
    return { inject: false, code: 'policy-invalid', explicit: wanted !== undefined, decidedBy };
  }
  return wanted ?? wantedBySelectors(settings, pod) ?? wantedByPolicy(settings.policy);
}

/** What no setting can change: a pod in the host network, or in a namespace that Istio never injects, is refused. */
export function refusedWhateverIsAsked(namespaceName: string, pod: InjectablePod): InjectRequired | undefined {
  if (pod.hostNetwork) {
    const rule = 'A pod in the host network is never injected.';
    return answer(false, 'host-network', { field: 'spec.hostNetwork', value: 'true', rule });
  }
  if ((IGNORED_NAMESPACES as readonly string[]).includes(namespaceName)) {
    const rule = 'Istio never injects pods of this namespace, whatever their labels say.';
    return answer(false, 'ignored-namespace', { field: 'metadata.namespace', value: namespaceName, rule });
  }
  return undefined;
}

/** What the pod itself asks for by label or, without the label, by annotation; undefined where it says neither. */
export function wantedByPod(pod: InjectablePod): InjectRequired | undefined {
  const hasLabel = Object.hasOwn(pod.labels, INJECT);
  const value = hasLabel
    ? pod.labels[INJECT]
    : Object.hasOwn(pod.annotations, INJECT)
      ? pod.annotations[INJECT]
      : undefined;
  if (value !== 'true' && value !== 'false') return undefined;
  const rule = `The pod ${hasLabel ? 'label' : 'annotation'} asks ${value === 'true' ? 'for' : 'against'} injection.`;
  const field = `metadata.${hasLabel ? 'labels' : 'annotations'}["${INJECT}"]`;
  const code = hasLabel ? 'pod-label' : 'pod-annotation';
  return { ...answer(value === 'true', code, { field, value, rule }), explicit: true };
}

function wantedBySelectors(settings: InjectorSettings, pod: InjectablePod): InjectRequired | undefined {
  const matches = (selector: LabelSelector) => !isEmptySelector(selector) && matchesSelector(selector, pod.labels);
  if (settings.neverInjectSelector.some(matches)) {
    const rule = 'A neverInjectSelector of the injector matches the pod labels.';
    return answer(false, 'never-inject-selector', { field: 'neverInjectSelector', rule });
  }
  if (settings.alwaysInjectSelector.some(matches)) {
    const rule = 'An alwaysInjectSelector of the injector matches the pod labels.';
    return answer(true, 'always-inject-selector', { field: 'alwaysInjectSelector', rule });
  }
  return undefined;
}

function wantedByPolicy(policy: 'enabled' | 'disabled'): InjectRequired {
  const inject = policy === 'enabled';
  const rule = `The policy of the injector decides for pods that say nothing: ${inject ? 'inject' : 'do not inject'}.`;
  return answer(inject, inject ? 'policy-enabled' : 'policy-disabled', { field: 'policy', value: policy, rule });
}

function answer(inject: boolean, code: InjectRequiredCode, decidedBy: Omit<Evidence, 'source'>): InjectRequired {
  return { inject, code, explicit: false, decidedBy: { ...decidedBy, source: SOURCE } };
}
