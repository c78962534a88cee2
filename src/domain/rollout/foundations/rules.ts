import type { Target } from '../plan.ts';
import { counted, countedByName, RBAC_COUNTERS } from '../promql.ts';

/** A rule of Prometheus that records a series. */
interface Recording {
  readonly record: string;
  readonly expr: string;
}

/** A rule of Prometheus that alerts. */
interface Alert {
  readonly alert: string;
  readonly expr: string;
  readonly for?: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

/** A group of rules as a rule file and a PrometheusRule hold it. */
export interface RuleGroup {
  readonly name: string;
  readonly interval: string;
  readonly rules: readonly (Recording | Alert)[];
}

/** The series of the baseline that proves that it was recorded. */
export const BASELINE_SERIES = 'meshwise:container_restarts:increase1h';

/** The rules of a rollout towards Istio: the baseline by workload, and alerts for as long as its stages live. */
export function ruleGroups(target: Target): readonly RuleGroup[] {
  return [
    { name: 'meshwise-baseline', interval: '1m', rules: baseline() },
    { name: 'meshwise-alerts', interval: '30s', rules: alerts(target) },
  ];
}

const BY_SERVER = 'sum by (destination_workload_namespace, destination_workload)';
const AT_SERVER = 'reporter=~"destination|waypoint"';

/** What is the same with and without a mesh comes from the kubelet and kube-state-metrics; requests only a proxy counts. */
function baseline(): readonly Recording[] {
  const rate = (more: string): string => `${BY_SERVER} (rate(istio_requests_total{${AT_SERVER}${more}}[5m]))`;
  const quantile = (share: string): string =>
    `histogram_quantile(${share}, sum by (destination_workload_namespace, destination_workload, le) (rate(istio_request_duration_milliseconds_bucket{${AT_SERVER}}[5m])))`;
  const perContainer = (metric: string): string => `sum by (namespace, container) (${metric})`;
  return [
    { record: 'meshwise:requests:rate5m', expr: rate('') },
    { record: 'meshwise:request_errors:ratio5m', expr: `${rate(',response_code=~"5..|0"')} / ${rate('')}` },
    { record: 'meshwise:request_duration_milliseconds:p50', expr: quantile('0.5') },
    { record: 'meshwise:request_duration_milliseconds:p99', expr: quantile('0.99') },
    { record: BASELINE_SERIES, expr: perContainer('increase(kube_pod_container_status_restarts_total[1h])') },
    {
      record: 'meshwise:container_cpu:rate5m',
      expr: perContainer('rate(container_cpu_usage_seconds_total{container!=""}[5m])'),
    },
    {
      record: 'meshwise:container_memory:bytes',
      expr: perContainer('container_memory_working_set_bytes{container!=""}'),
    },
    {
      record: 'meshwise:container_cpu_throttled:ratio5m',
      expr: `${perContainer('rate(container_cpu_cfs_throttled_periods_total{container!=""}[5m])')} / (${perContainer('rate(container_cpu_cfs_periods_total{container!=""}[5m])')} > 0)`,
    },
  ];
}

function alerts(target: Target): readonly Alert[] {
  return [...commonAlerts(), ...(target === 'istio-ambient' ? [ztunnelAlert()] : [sidecarAlert()])];
}

function commonAlerts(): readonly Alert[] {
  const insecure = 'reporter="destination",connection_security_policy!="mutual_tls"';
  const plaintext = `${BY_SERVER} (${counted(`istio_requests_total{${insecure}}`, '10m')} or ${counted(`istio_tcp_connections_opened_total{${insecure}}`, '10m')})`;
  const theDayBefore = `(max_over_time((${BY_SERVER} (increase(istio_requests_total{${insecure}}[1h])))[1d:1h] offset 1h) > 0)`;
  return [
    alert('MeshwisePlaintextReturned', 'warning', {
      expr: `${plaintext} unless on (destination_workload_namespace, destination_workload) ${theDayBefore}`,
      summary:
        'Plaintext arrives at {{ $labels.destination_workload_namespace }}/{{ $labels.destination_workload }}, where the day before had none: in a STRICT namespace an exception is used, or STRICT is gone.',
    }),
    alert('MeshwiseRequestsRefused', 'warning', {
      expr: `sum by (namespace, pod) (${countedByName(`${RBAC_COUNTERS},authz_enforce_result="denied"`, '5m')})`,
      summary:
        'Authorization refuses calls to {{ $labels.namespace }}/{{ $labels.pod }}: the log says "RBAC: access denied".',
    }),
    alert('MeshwiseConfigurationRejected', 'critical', {
      expr: counted('pilot_total_xds_rejects', '10m'),
      summary: 'Proxies reject the configuration that istiod sends: no stage may go on.',
    }),
    alert('MeshwiseControlPlaneSilent', 'critical', {
      expr: 'absent(pilot_xds)',
      for: '5m',
      summary: 'No istiod is scraped: no gate can be green, and new pods may get no certificate.',
    }),
    alert('MeshwiseRootExpires', 'critical', {
      expr: '(min(citadel_server_root_cert_expiry_timestamp) - time() < 60 * 86400) or (min(citadel_server_cert_chain_expiry_timestamp) - time() < 30 * 86400)',
      summary: 'The root ends within 60 days or the intermediate within 30: {{ $value }} seconds are left.',
    }),
  ];
}

function sidecarAlert(): Alert {
  const notReady = ['container', 'init_container'].map(
    (kind) => `(kube_pod_${kind}_status_ready{container="istio-proxy"} == 0)`,
  );
  return alert('MeshwiseProxyNotReady', 'warning', {
    expr: `(${notReady.join(' or ')}) and on (namespace, pod) (kube_pod_status_phase{phase="Running"} == 1)`,
    for: '10m',
    summary: 'The proxy of {{ $labels.namespace }}/{{ $labels.pod }} is not ready.',
  });
}

function ztunnelAlert(): Alert {
  return alert('MeshwiseNodeWithoutTunnel', 'critical', {
    expr: '(kube_daemonset_status_number_unavailable{daemonset=~"ztunnel|istio-cni-node"} > 0) or absent(workload_manager_active_proxy_count)',
    for: '5m',
    summary: 'A node has no ready {{ $labels.daemonset }}: its pods have no mesh, and new ones may start outside it.',
  });
}

interface AlertParts {
  readonly expr: string;
  readonly for?: string;
  readonly summary: string;
}

function alert(name: string, severity: string, { summary, ...parts }: AlertParts): Alert {
  return { alert: name, ...parts, labels: { severity }, annotations: { summary } };
}
