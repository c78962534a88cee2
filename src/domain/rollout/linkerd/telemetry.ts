import { KIND } from '../../kubernetes/kinds.ts';
import { PROXY_CONTAINER, PROXY_PORTS } from '../../mesh/linkerd/names.ts';
import type { ApplyStep } from '../../world/step.ts';
import type { World } from '../../world/world.ts';
import { DASHBOARD_FILE, DASHBOARD_NOTE } from '../foundations/dashboard.ts';
import { MANUAL_GATES } from '../gates/any-mesh.ts';
import { MANAGED_LABELS } from '../objects/generated-objects.ts';
import { isMeasured, placementOf, type Placement } from '../foundations/prometheus.ts';
import { addStage, tryNow, writeStage, type Planning } from '../planning.ts';
import { sameValue } from '../same-value.ts';
import type { StageParts } from '../stage-draft.ts';
import { linkerdDashboard } from './dashboard.ts';
import { CONTROLLER_JOB, PROXY_JOB } from './gates.ts';
import type { LinkerdFacts } from './linkerd-facts.ts';
import { linkerdRules } from './recording-rules.ts';
import { isServed } from '../foundations/served.ts';

/** Plans what the gates read: metrics of the proxies and of the control plane, recording rules and alerts. */
export function planTelemetry(planning: Planning, facts: LinkerdFacts): void {
  const { world } = planning;
  const monitors = placementOf(world, 'podMonitor', facts.namespace);
  const rules = placementOf(world, 'rule', facts.namespace);
  const wanted = [
    ...(isServed(world, KIND.podMonitor) ? [proxyMonitor(monitors), controllerMonitor(monitors, facts)] : []),
    ...(isServed(world, RULE) ? [linkerdRules(rules)] : []),
  ];
  const steps = wanted.filter(({ manifest }) => !sameValue(existing(world, manifest)?.spec, manifest.spec));
  const doubts = [monitors.doubt, rules.doubt].flatMap((doubt) => (doubt === undefined ? [] : [`${doubt}.`]));
  const parts = telemetryParts(planning, { steps, doubts });
  if (steps.length === 0) {
    addStage(planning, parts, wanted.length > 0 ? 'done' : 'ready');
    return;
  }
  writeStage(planning, {
    parts,
    trial: tryNow(planning, parts.id, steps),
    state: 'ready',
    timeToEffect: 'seconds (configuration push)',
    validWhile: 'no gate reads the metrics any more',
    toleratesUnknown: true,
  });
}

function existing(world: World, { kind, metadata }: ApplyStep['manifest']) {
  const { name, namespace } = metadata;
  return world.get({ kind: `monitoring.coreos.com/${kind}`, name, ...(namespace === undefined ? {} : { namespace }) });
}

interface Written {
  readonly steps: readonly ApplyStep[];
  readonly doubts: readonly string[];
}

const RULE = 'monitoring.coreos.com/PrometheusRule';

function telemetryParts({ world }: Planning, { steps, doubts }: Written): StageParts {
  const measured = isMeasured(world);
  return {
    id: 'telemetry',
    kind: 'telemetry',
    title: 'Telemetry',
    why: 'The gates of every later stage read what is measured here.',
    doesNotChange: `No call changes; proxies answer their scraper at port ${String(PROXY_PORTS.admin)}.`,
    dependsOn: ['control-plane'],
    notes: [
      ...doubts,
      ...(measured
        ? ['Keep at least as much history as the longest gate looks back.', DASHBOARD_NOTE]
        : [MANUAL_GATES]),
      ...(steps.length > 0
        ? [
            'A Prometheus that selects monitors and rules by label needs that label on them; what is scraped twice is counted twice, so take them away where linkerd-viz or a scrape job of your own reads the proxies already, and keep its labels namespace, pod, deployment.',
          ]
        : []),
      ...(isServed(world, KIND.podMonitor)
        ? []
        : [
            `No PodMonitor can be written: give Prometheus a scrape job named ${PROXY_JOB} of role pod that keeps containers ${PROXY_CONTAINER} and their port linkerd-admin (${String(PROXY_PORTS.admin)}), path /metrics, and sets the labels namespace, pod and those of linkerd.io/proxy-* (deployment, statefulset, daemonset, k8s_job); and one named ${CONTROLLER_JOB} for the ports admin-http of the namespace of the control plane.`,
          ]),
      `Port ${String(PROXY_PORTS.admin)} obeys the policy of the pod although nothing captures it: the plan keeps it open with a Server before any stage that would close it.`,
      "A caller in plaintext has no name in the metrics: its address is in the access log (config.linkerd.io/access-log: apache on the server's pods), and leads to the pod or node.",
      'Record for a week, for every workload: error ratio, p50 and p99 of response_latency_ms, restarts, CPU and memory. The gates compare with it.',
    ],
    exitGate: measured ? [scraped()] : [],
    helmValues: measured ? [{ file: DASHBOARD_FILE, values: linkerdDashboard() }] : [],
  };
}

function scraped() {
  return {
    id: 'scraped',
    text: 'The control plane is scraped, and, from the first wave on, every proxy.',
    promql: `up{job=~".*${CONTROLLER_JOB}"} == 0`,
    proof: `count(up{job=~".*${CONTROLLER_JOB}"} == 1) >= 3`,
    positiveEvidence: 'up has a value for each component of the control plane',
  };
}

/** Gives the proxies' series the labels that Linkerd's own extension gives them. Source: linkerd2 viz/charts/linkerd-viz/templates/prometheus.yaml. */
function proxyMonitor(placed: Placement): ApplyStep {
  const owner = (kind: string): Readonly<Record<string, unknown>> => ({
    action: 'replace',
    sourceLabels: [`__meta_kubernetes_pod_label_linkerd_io_proxy_${kind}`],
    targetLabel: kind === 'job' ? 'k8s_job' : kind,
  });
  return monitor(placed, PROXY_JOB, {
    namespaceSelector: { any: true },
    selector: { matchExpressions: [{ key: 'linkerd.io/control-plane-ns', operator: 'Exists' }] },
    podMetricsEndpoints: [
      {
        path: '/metrics',
        interval: '15s',
        port: 'linkerd-admin',
        relabelings: [
          { action: 'keep', sourceLabels: ['__meta_kubernetes_pod_container_name'], regex: PROXY_CONTAINER },
          { action: 'replace', sourceLabels: ['__meta_kubernetes_namespace'], targetLabel: 'namespace' },
          { action: 'replace', sourceLabels: ['__meta_kubernetes_pod_name'], targetLabel: 'pod' },
          ...['deployment', 'statefulset', 'daemonset', 'replicaset', 'job'].map(owner),
        ],
      },
    ],
  });
}

function controllerMonitor(placed: Placement, { namespace }: LinkerdFacts): ApplyStep {
  return monitor(placed, CONTROLLER_JOB, {
    namespaceSelector: { matchNames: [namespace] },
    selector: { matchExpressions: [{ key: 'linkerd.io/control-plane-component', operator: 'Exists' }] },
    podMetricsEndpoints: [{ path: '/metrics', interval: '15s', port: 'admin-http' }],
  });
}

function monitor(placed: Placement, name: string, spec: Readonly<Record<string, unknown>>): ApplyStep {
  return {
    step: 'apply',
    manifest: {
      apiVersion: 'monitoring.coreos.com/v1',
      kind: 'PodMonitor',
      metadata: { name, namespace: placed.namespace, labels: { ...placed.labels, ...MANAGED_LABELS } },
      spec,
    },
  };
}
