import { CHOSEN, dashboardOf, type Panel } from '../foundations/dashboard.ts';
import { CONTROLLER_JOB, PROXY_JOB } from './gates.ts';

const INBOUND = `direction="inbound",namespace=~${CHOSEN}`;
const BY_OWNER = 'namespace, deployment, statefulset, daemonset, k8s_job';
const OWNER = '{{namespace}}/{{deployment}}{{statefulset}}{{daemonset}}{{k8s_job}}';

/** Grafana's dashboard of a rollout towards Linkerd: what arrives encrypted, what is refused, and how the workloads fare. */
export function linkerdDashboard(): Readonly<Record<string, unknown>> {
  const panels = [arrivals(), plaintext(), refused(), serverFirst(), errors(), latency(), memory(), scraped()];
  return dashboardOf({ target: 'linkerd', namespaces: 'label_values(request_total, namespace)', panels });
}

function arrivals(): Panel {
  return {
    title: 'Arrivals with and without mutual TLS',
    description:
      'As the server’s proxy counts them, probes of the kubelet left out of the requests. Before strict everything here has to be tls true.',
    unit: 'reqps',
    queries: [
      {
        expr: `sum by (tls) (rate(request_total{${INBOUND},route_name!="probe"}[5m]))`,
        legend: 'tls {{tls}} (requests)',
      },
      { expr: `sum by (tls) (rate(tcp_open_total{${INBOUND},peer="src"}[5m]))`, legend: 'tls {{tls}} (connections)' },
    ],
  };
}

function plaintext(): Panel {
  const by = `sum by (${BY_OWNER}, target_port, no_tls_reason)`;
  return {
    title: 'Plaintext by server and port',
    description:
      'Each line holds its port back from strict, or uses an exception. Callers in plaintext have no name here.',
    unit: 'reqps',
    queries: [
      {
        expr: `${by} (rate(request_total{${INBOUND},tls!="true",route_name!="probe"}[5m]))`,
        legend: `${OWNER} port {{target_port}}, {{no_tls_reason}} (requests)`,
      },
      {
        expr: `${by} (rate(tcp_open_total{${INBOUND},tls!="true",peer="src"}[5m]))`,
        legend: `${OWNER} port {{target_port}}, {{no_tls_reason}} (connections)`,
      },
    ],
  };
}

function refused(): Panel {
  const by = `sum by (${BY_OWNER}, target_port, client_id)`;
  return {
    title: 'Refused by policy',
    description: 'Denials by server, port and identity of the caller; without identity it came in plaintext.',
    unit: 'reqps',
    queries: ['inbound_http_authz_deny_total', 'inbound_tcp_authz_deny_total'].map((metric) => ({
      expr: `${by} (rate(${metric}{namespace=~${CHOSEN}}[5m]))`,
      legend: `${OWNER} port {{target_port}} from {{client_id}}`,
    })),
  };
}

function serverFirst(): Panel {
  return {
    title: 'Waited in vain for the first bytes',
    description:
      'A port at which the server speaks first and that is not declared opaque: each connection waits ten seconds.',
    unit: 'reqps',
    queries: [
      {
        expr: `sum by (namespace, pod) (rate(inbound_tcp_detect_http_results_total{result="read_timeout",namespace=~${CHOSEN}}[5m]))`,
        legend: '{{namespace}}/{{pod}}',
      },
    ],
  };
}

function errors(): Panel {
  const rate = (more: string): string => `sum by (${BY_OWNER}) (rate(response_total{${INBOUND}${more}}[5m]))`;
  return {
    title: 'Share of failed requests',
    description: 'By server, as its proxy classifies responses.',
    unit: 'percentunit',
    queries: [{ expr: `${rate(',classification="failure"')} / (${rate('')} > 0)`, legend: OWNER }],
  };
}

function latency(): Panel {
  return {
    title: 'Latency, 99th percentile',
    description: 'As the server’s proxy measures it; HTTP and gRPC only.',
    unit: 'ms',
    queries: [
      {
        expr: `histogram_quantile(0.99, sum by (${BY_OWNER}, le) (rate(response_latency_ms_bucket{${INBOUND}}[5m])))`,
        legend: OWNER,
      },
    ],
  };
}

function memory(): Panel {
  return {
    title: 'Memory of proxies',
    description: 'What the mesh costs, by namespace.',
    unit: 'bytes',
    queries: [
      {
        expr: `sum by (namespace) (container_memory_working_set_bytes{container="linkerd-proxy",namespace=~${CHOSEN}})`,
        legend: '{{namespace}}',
      },
    ],
  };
}

function scraped(): Panel {
  return {
    title: 'Proxies and control plane that are scraped',
    description: 'The gates are unknown while a proxy is not scraped.',
    unit: 'short',
    queries: [
      { expr: `sum(up{job=~".*${PROXY_JOB}"})`, legend: 'proxies up' },
      { expr: `count(up{job=~".*${PROXY_JOB}"} == 0)`, legend: 'proxies down' },
      { expr: `sum(up{job=~".*${CONTROLLER_JOB}"})`, legend: 'control plane up' },
    ],
  };
}
