import { CHOSEN, dashboardOf, type Panel } from '../foundations/dashboard.ts';
import type { Target } from '../plan.ts';
import { RBAC_COUNTERS, rateByName } from '../promql.ts';

const AT_SERVER = `reporter=~"destination|waypoint",destination_workload_namespace=~${CHOSEN}`;
const BY_SERVER = 'sum by (destination_workload_namespace, destination_workload)';
const SERVER = '{{destination_workload_namespace}}/{{destination_workload}}';

/** Grafana's dashboard of a rollout towards Istio: what arrives encrypted, what is refused, and how the workloads fare. */
export function istioDashboard(target: Target): Readonly<Record<string, unknown>> {
  const panels = [
    arrivals(),
    plaintext(),
    refused(),
    dryRun(),
    errors(),
    latency(),
    restarts(),
    proxies(target),
    controlPlane(),
    root(),
  ];
  return dashboardOf({
    target,
    namespaces: 'label_values(istio_requests_total, destination_workload_namespace)',
    panels,
  });
}

/** HTTP by requests, TCP by connections opened: what ztunnel and Envoy both count. */
function rate(matchers: string, by: string): string {
  return `${by} (rate(istio_requests_total{${matchers}}[5m])) or ${by} (rate(istio_tcp_connections_opened_total{${matchers}}[5m]))`;
}

function arrivals(): Panel {
  return {
    title: 'Arrivals by security of the connection',
    description: 'As the server’s proxy counts them. Before STRICT everything here has to be mutual_tls.',
    unit: 'reqps',
    queries: ['istio_requests_total', 'istio_tcp_connections_opened_total'].map((metric) => ({
      expr: `sum by (connection_security_policy) (rate(${metric}{${AT_SERVER}}[5m]))`,
      legend: `{{connection_security_policy}} (${metric === 'istio_requests_total' ? 'requests' : 'connections'})`,
    })),
  };
}

function plaintext(): Panel {
  return {
    title: 'Plaintext by server and caller',
    description:
      'Each line holds its server back from STRICT, or uses an exception. A caller without a proxy is unknown.',
    unit: 'reqps',
    queries: [
      {
        expr: rate(
          `${AT_SERVER},connection_security_policy!="mutual_tls"`,
          'sum by (source_workload_namespace, source_workload, destination_workload_namespace, destination_workload)',
        ),
        legend: `{{source_workload_namespace}}/{{source_workload}} to ${SERVER}`,
      },
    ],
  };
}

function refused(): Panel {
  return {
    title: 'Refused by authorization',
    description: 'Denials by Envoy’s RBAC filters, by pod; the log of the pod says "RBAC: access denied".',
    unit: 'reqps',
    queries: [
      {
        expr: `sum by (namespace, pod) (${rateByName(`${RBAC_COUNTERS},authz_enforce_result="denied",namespace=~${CHOSEN}`, '5m')})`,
        legend: '{{namespace}}/{{pod}}',
      },
    ],
  };
}

function dryRun(): Panel {
  return {
    title: 'Would be refused by the dry run',
    description: 'Denials that the policies in dry run would have made: zero before the allow rules are enforced.',
    unit: 'reqps',
    queries: [
      {
        expr: `sum by (namespace, pod) (${rateByName(`${RBAC_COUNTERS},authz_dry_run_action="allow",authz_dry_run_result="denied",namespace=~${CHOSEN}`, '5m')})`,
        legend: '{{namespace}}/{{pod}}',
      },
    ],
  };
}

function errors(): Panel {
  const all = `${BY_SERVER} (rate(istio_requests_total{${AT_SERVER}}[5m]))`;
  const failed = `${BY_SERVER} (rate(istio_requests_total{${AT_SERVER},response_code=~"5..|0"}[5m]))`;
  return {
    title: 'Share of failed requests',
    description: 'Responses of class 5xx, and those that never came, by server.',
    unit: 'percentunit',
    queries: [{ expr: `${failed} / (${all} > 0)`, legend: SERVER }],
  };
}

function latency(): Panel {
  return {
    title: 'Latency, 99th percentile',
    description: 'As the server’s proxy measures it; HTTP and gRPC only.',
    unit: 'ms',
    queries: [
      {
        expr: `histogram_quantile(0.99, sum by (destination_workload_namespace, destination_workload, le) (rate(istio_request_duration_milliseconds_bucket{${AT_SERVER}}[5m])))`,
        legend: SERVER,
      },
    ],
  };
}

function restarts(): Panel {
  return {
    title: 'Restarts of containers within an hour',
    description: 'From kube-state-metrics: with and without a mesh the same.',
    unit: 'short',
    queries: [
      {
        expr: `sum by (namespace, container) (increase(kube_pod_container_status_restarts_total{namespace=~${CHOSEN}}[1h])) > 0`,
        legend: '{{namespace}} {{container}}',
      },
    ],
  };
}

function proxies(target: Target): Panel {
  if (target === 'istio-ambient') {
    return {
      title: 'Pods that ztunnel serves',
      description: 'By node. A node without a line has no ztunnel that is scraped.',
      unit: 'short',
      queries: [{ expr: 'sum by (instance) (workload_manager_active_proxy_count)', legend: '{{instance}}' }],
    };
  }
  return {
    title: 'Memory of sidecars',
    description: 'What the mesh costs, by namespace.',
    unit: 'bytes',
    queries: [
      {
        expr: `sum by (namespace) (container_memory_working_set_bytes{container="istio-proxy",namespace=~${CHOSEN}})`,
        legend: '{{namespace}}',
      },
    ],
  };
}

function controlPlane(): Panel {
  return {
    title: 'istiod: proxies connected, configuration rejected',
    description: 'No stage may go on while proxies reject what they are sent. No line: nobody scrapes istiod.',
    unit: 'short',
    queries: [
      { expr: 'sum(pilot_xds)', legend: 'connected' },
      { expr: 'sum(increase(pilot_total_xds_rejects[10m]))', legend: 'rejected in 10 minutes' },
    ],
  };
}

function root(): Panel {
  return {
    title: 'Time until the certificates of the mesh end',
    description: 'The root, and the intermediate that signs for workloads.',
    unit: 's',
    queries: [
      { expr: 'min(citadel_server_root_cert_expiry_timestamp) - time()', legend: 'root' },
      { expr: 'min(citadel_server_cert_chain_expiry_timestamp) - time()', legend: 'intermediate' },
    ],
  };
}
