import type { ApplyStep } from '../../world/step.ts';
import type { Placement } from '../foundations/prometheus.ts';
import { MANAGED_LABELS } from '../objects/generated-objects.ts';
import { counted } from '../promql.ts';
import { PROXY_JOB } from './gates.ts';

const BY_PORT = 'namespace, deployment, statefulset, daemonset, target_port';

/** The rules that gates and people read, as one PrometheusRule: who comes in how, refusals, errors and latency. */
export function linkerdRules({ namespace, labels }: Placement): ApplyStep {
  return {
    step: 'apply',
    manifest: {
      apiVersion: 'monitoring.coreos.com/v1',
      kind: 'PrometheusRule',
      metadata: { name: 'linkerd-rollout', namespace, labels: { ...labels, ...MANAGED_LABELS } },
      spec: {
        groups: [
          { name: 'linkerd-rollout', interval: '1m', rules: recorded() },
          { name: 'linkerd-rollout-alerts', rules: alerts() },
        ],
      },
    },
  };
}

function recorded(): readonly unknown[] {
  const inbound = 'direction="inbound",route_name!="probe"';
  return [
    record(
      'meshwise:linkerd_plaintext_requests:rate5m',
      `sum by (${BY_PORT}) (rate(request_total{${inbound},tls!="true"}[5m]))`,
    ),
    record(
      'meshwise:linkerd_mutual_tls_requests:rate5m',
      `sum by (${BY_PORT}) (rate(request_total{${inbound},tls="true"}[5m]))`,
    ),
    record(
      'meshwise:linkerd_callers:rate5m',
      `sum by (${BY_PORT}, client_id) (rate(request_total{${inbound},tls="true"}[5m]))`,
    ),
    record('meshwise:linkerd_errors:ratio5m', errorRatio()),
    record(
      'meshwise:linkerd_latency_p99_ms:5m',
      `histogram_quantile(0.99, sum by (le, namespace, deployment, statefulset, daemonset) (rate(response_latency_ms_bucket{direction="inbound"}[5m])))`,
    ),
  ];
}

function errorRatio(): string {
  const rate = (more: string): string =>
    `sum by (namespace, deployment, statefulset, daemonset) (rate(response_total{direction="inbound"${more}}[5m]))`;
  return `${rate(',classification="failure"')} / ${rate('')}`;
}

function record(name: string, expr: string): unknown {
  return { record: name, expr };
}

function alerts(): readonly unknown[] {
  return [
    alert(
      'MeshwiseLinkerdRefusal',
      `${counted('inbound_http_authz_deny_total', '5m')} or ${counted('inbound_tcp_authz_deny_total', '5m')}`,
      {
        for: '0m',
        summary:
          'A proxy of Linkerd refused a caller: {{ $labels.namespace }}/{{ $labels.pod }} port {{ $labels.target_port }}.',
      },
    ),
    alert('MeshwiseLinkerdProxyNotScraped', `up{job=~".*${PROXY_JOB}"} == 0`, {
      for: '5m',
      summary:
        'A proxy of Linkerd is not scraped, so the gates cannot see it: {{ $labels.namespace }}/{{ $labels.pod }}.',
    }),
    alert('MeshwiseLinkerdServerFirst', counted('inbound_tcp_detect_http_results_total{result="read_timeout"}', '5m'), {
      for: '0m',
      summary:
        'A proxy waited in vain for the first bytes: a port where the server speaks first is not opaque, at {{ $labels.namespace }}/{{ $labels.pod }}.',
    }),
  ];
}

function alert(
  name: string,
  expr: string,
  { for: lasting, summary }: { readonly for: string; readonly summary: string },
): unknown {
  return { alert: name, expr, for: lasting, labels: { severity: 'warning' }, annotations: { summary } };
}
