import type { Target } from '../plan.ts';
import type { ApplyStep, Manifest } from '../../world/step.ts';
import { MANAGED_LABELS } from '../objects/generated-objects.ts';
import type { Placement } from './prometheus.ts';
import { ruleGroups } from './rules.ts';

/** Where istiod is, for the monitor that scrapes it. */
export interface ScrapedPlane {
  readonly namespace: string;
}

function monitoring(kind: string, name: string, placed: Placement): Manifest {
  const { namespace, labels } = placed;
  return {
    apiVersion: 'monitoring.coreos.com/v1',
    kind,
    metadata: { name, namespace, labels: { ...labels, ...MANAGED_LABELS } },
  };
}

const POD_LABELS = [
  { action: 'replace', sourceLabels: ['__meta_kubernetes_namespace'], targetLabel: 'namespace' },
  { action: 'replace', sourceLabels: ['__meta_kubernetes_pod_name'], targetLabel: 'pod' },
];

/** Scrapes istiod. Source: istio samples/addons/extras/prometheus-operator.yaml. */
export function istiodMonitor(placed: Placement, { namespace }: ScrapedPlane): ApplyStep {
  const spec = {
    selector: { matchLabels: { istio: 'pilot' } },
    namespaceSelector: { matchNames: [namespace] },
    endpoints: [{ port: 'http-monitoring', interval: '15s' }],
  };
  return { step: 'apply', manifest: { ...monitoring('ServiceMonitor', 'istiod', placed), spec } };
}

/** Scrapes Envoy in sidecars, gateways and waypoints. Source: istio samples/addons/extras/prometheus-operator.yaml. */
export function envoyMonitor(placed: Placement): ApplyStep {
  const spec = {
    selector: { matchExpressions: [{ key: 'istio-prometheus-ignore', operator: 'DoesNotExist' }] },
    namespaceSelector: { any: true },
    jobLabel: 'envoy-stats',
    podMetricsEndpoints: [
      {
        path: '/stats/prometheus',
        port: 'http-envoy-prom',
        interval: '15s',
        relabelings: [
          { action: 'keep', sourceLabels: ['__meta_kubernetes_pod_container_name'], regex: 'istio-proxy' },
          ...POD_LABELS,
        ],
      },
    ],
  };
  return { step: 'apply', manifest: { ...monitoring('PodMonitor', 'envoy-stats', placed), spec } };
}

/** Scrapes ztunnel at port 15020. Source: istio manifests/charts/ztunnel/templates/daemonset.yaml, port `ztunnel-stats`. */
export function ztunnelMonitor(placed: Placement, { namespace }: ScrapedPlane): ApplyStep {
  const spec = {
    selector: { matchLabels: { app: 'ztunnel' } },
    namespaceSelector: { matchNames: [namespace] },
    podMetricsEndpoints: [
      { path: '/stats/prometheus', port: 'ztunnel-stats', interval: '15s', relabelings: POD_LABELS },
    ],
  };
  return { step: 'apply', manifest: { ...monitoring('PodMonitor', 'ztunnel', placed), spec } };
}

/** The recording rules and alerts of the rollout. */
export function rolloutRules(placed: Placement, target: Target): ApplyStep {
  const spec = { groups: ruleGroups(target) };
  return { step: 'apply', manifest: { ...monitoring('PrometheusRule', 'meshwise-rollout', placed), spec } };
}
