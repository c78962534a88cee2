import { KIND } from '../kubernetes/kinds.ts';
import type { Kind } from '../kubernetes/object.ts';

/** Kinds that no rule of a mesh names, and that rollouts write and read back, or look at before they plan. */
const ROLLOUT_KINDS: readonly Kind[] = [
  'telemetry.istio.io/Telemetry',
  'monitoring.coreos.com/Prometheus',
  'monitoring.coreos.com/PrometheusRule',
  'sailoperator.io/Istio',
  'admissionregistration.k8s.io/ValidatingAdmissionPolicyBinding',
];

/** What is asked of a cluster: every kind that a rule names, or a rollout writes or looks at. Never Secrets; ConfigMaps by name alone. */
export const ASKED_KINDS: readonly Kind[] = [...Object.values(KIND), ...ROLLOUT_KINDS];
