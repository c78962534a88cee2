import { KIND } from '../../kubernetes/kinds.ts';
import { matchesSelector, parseLabelSelector } from '../../kubernetes/label-selector.ts';
import type { Kind, KubeObject } from '../../kubernetes/object.ts';
import { asBoolean, asObjects, asTexts, at } from '../../../lib/json.ts';
import type { ApplyStep } from '../../world/step.ts';
import { workloadsOf } from '../../world/workloads-of.ts';
import type { World } from '../../world/world.ts';
import type { Condition } from '../plan.ts';
import { addStage, tryNow, writeStage, type Planning } from '../planning.ts';
import type { StageParts } from '../stage-draft.ts';
import { CONTROL_PLANE_STAGE } from './control-plane.ts';
import { MANUAL_GATES } from './gates.ts';
import { MANAGED_LABELS } from './generated-objects.ts';
import type { MeshFacts } from './mesh-facts.ts';

const TELEMETRY: Kind = 'telemetry.istio.io/Telemetry';
const PROMETHEUS_KINDS: readonly Kind[] = [
  'monitoring.coreos.com/Prometheus',
  'monitoring.coreos.com/PrometheusAgent',
  'operator.victoriametrics.com/VMAgent',
];
const PROMETHEUS = /(^|\/)(prometheus|vmagent)([:@]|$)/;

/** Whether a Prometheus is in the world, which answers the queries of the gates: its pods, or the object that an operator makes them from. */
export function isMeasured(world: World): boolean {
  if (PROMETHEUS_KINDS.some((kind) => world.list(kind).objects.length > 0)) return true;
  return workloadsOf(world).some(({ template }) => template.containers.some(({ image }) => PROMETHEUS.test(image)));
}

/** Plans what the gates read: metrics of the proxies and of istiod, and access logs that show plaintext. */
export function planTelemetry(planning: Planning, facts: MeshFacts): void {
  const { world } = planning;
  const steps = [
    ...(isServed(world, KIND.podMonitor) ? [podMonitor(facts)] : []),
    ...(isServed(world, KIND.serviceMonitor) && !isControlPlaneScraped(world, facts) ? [serviceMonitor(facts)] : []),
    ...(hasMeshTelemetry(world, facts) ? [] : [accessLog(facts)]),
  ].filter(
    ({ manifest }) =>
      world.get({ kind: kindIn(manifest), namespace: facts.rootNamespace, name: manifest.metadata.name }) === undefined,
  );
  const parts = telemetryParts(world, facts);
  if (steps.length === 0) {
    addStage(planning, parts, 'done');
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

function telemetryParts(world: World, facts: MeshFacts): StageParts {
  const measured = isMeasured(world);
  return {
    id: 'telemetry',
    kind: 'telemetry',
    title: 'Telemetry',
    why: 'The gates of every later stage read what is measured here.',
    doesNotChange:
      measured && isServed(world, KIND.podMonitor)
        ? 'No call changes; sidecars will be scraped at port 15090, which policies never touch.'
        : 'No call changes; the proxies answer at port 15090, which policies never touch, whoever scrapes them.',
    dependsOn: [CONTROL_PLANE_STAGE],
    notes: [
      ...(measured ? ['Keep at least as much history as the longest gate looks back.'] : [MANUAL_GATES]),
      ...scrapeNotes(world, facts),
      'Plaintext of an unknown source is named from the access log: the downstream address leads to the pod.',
    ],
    exitGate: measured ? [scraped()] : [],
  };
}

/** What no object of the stage brings about. */
function scrapeNotes(world: World, facts: MeshFacts): readonly string[] {
  const labels = 'A Prometheus that selects monitors by label needs that label on the monitors.';
  const proxies = isServed(world, KIND.podMonitor)
    ? []
    : [
        'No PodMonitor can be written: give Prometheus a scrape job of role pod that keeps the container port http-envoy-prom (15090) of containers istio-proxy, path /stats/prometheus, and sets the labels namespace and pod.',
      ];
  const istiod =
    isServed(world, KIND.serviceMonitor) || isControlPlaneScraped(world, facts)
      ? []
      : [
          `No ServiceMonitor can be written: give Prometheus a scrape job of role endpoints in ${facts.namespace} that keeps the Service port http-monitoring (15014) of Services with the label istio=pilot, path /metrics. Without it no gate can tell whether proxies reject their configuration.`,
        ];
  return [...(proxies.length === 0 || istiod.length === 0 ? [labels] : []), ...proxies, ...istiod];
}

function scraped(): Condition {
  return {
    id: 'scraped',
    text: 'Every proxy and every istiod is scraped: the number of targets equals the number of sidecars and istiod replicas.',
    promql: '(count(up{job=~".*envoy-stats.*"} == 0) > 0) or absent(pilot_xds)',
    positiveEvidence: 'up has a value for every pod with a sidecar, and pilot_xds one for every istiod replica',
  };
}

function kindIn({ apiVersion, kind }: ApplyStep['manifest']): Kind {
  return `${apiVersion.slice(0, apiVersion.indexOf('/'))}/${kind}`;
}

/** Served: read as such from a cluster, defined by a CRD of the world, or used by an object of it. */
function isServed(world: World, kind: Kind): boolean {
  if (world.list(kind).objects.length > 0) return true;
  if (world.coverage.entries.some((entry) => entry.kind === kind && entry.state === 'read')) return true;
  const short = kind.slice(kind.lastIndexOf('/') + 1);
  return world
    .list(KIND.customResourceDefinition)
    .objects.some(
      ({ spec }) => at(spec, 'names', 'kind') === short && at(spec, 'group') === kind.slice(0, kind.indexOf('/')),
    );
}

/** Only one Telemetry without a selector counts for the root namespace. */
function hasMeshTelemetry(world: World, facts: MeshFacts): boolean {
  return world
    .listIn(TELEMETRY, facts.rootNamespace)
    .objects.some(({ spec, metadata }) => metadata.name !== 'mesh-default' && at(spec, 'selector') === undefined);
}

/** Labels that Istio's chart gives istiod's Service and pods alike. */
const ISTIOD_LABELS: Readonly<Record<string, string>> = { app: 'istiod', istio: 'pilot' };

function isControlPlaneScraped(world: World, { namespace }: MeshFacts): boolean {
  return [KIND.serviceMonitor, KIND.podMonitor]
    .flatMap((kind) => world.list(kind).objects)
    .some((monitor) => reaches(monitor, namespace) && readsIstiod(monitor));
}

/** A monitor without a namespace selector looks into its own namespace. */
function reaches({ metadata, spec }: KubeObject, namespace: string): boolean {
  if (asBoolean(at(spec, 'namespaceSelector', 'any')) === true) return true;
  const names = asTexts(at(spec, 'namespaceSelector', 'matchNames'));
  return names.length > 0 ? names.includes(namespace) : metadata.namespace === namespace;
}

function readsIstiod({ spec }: KubeObject): boolean {
  const endpoints = [...asObjects(at(spec, 'endpoints')), ...asObjects(at(spec, 'podMetricsEndpoints'))];
  const isPort = endpoints.some(({ port, targetPort, portNumber }) =>
    [port, targetPort, portNumber].some((value) => value === 'http-monitoring' || value === 15014),
  );
  return isPort && matchesSelector(parseLabelSelector(at(spec, 'selector')), ISTIOD_LABELS);
}

function accessLog({ rootNamespace }: MeshFacts): ApplyStep {
  return {
    step: 'apply',
    manifest: {
      apiVersion: 'telemetry.istio.io/v1',
      kind: 'Telemetry',
      metadata: { name: 'mesh-default', namespace: rootNamespace, labels: MANAGED_LABELS },
      spec: { accessLogging: [{ providers: [{ name: 'envoy' }] }] },
    },
  };
}

/** Source: istio samples/addons/extras/prometheus-operator.yaml. */
function serviceMonitor({ rootNamespace, namespace }: MeshFacts): ApplyStep {
  return {
    step: 'apply',
    manifest: {
      apiVersion: 'monitoring.coreos.com/v1',
      kind: 'ServiceMonitor',
      metadata: { name: 'istiod', namespace: rootNamespace, labels: MANAGED_LABELS },
      spec: {
        selector: { matchLabels: { istio: 'pilot' } },
        namespaceSelector: { matchNames: [namespace] },
        endpoints: [{ port: 'http-monitoring', interval: '15s' }],
      },
    },
  };
}

/** Source: istio samples/addons/extras/prometheus-operator.yaml. */
function podMonitor({ rootNamespace }: MeshFacts): ApplyStep {
  return {
    step: 'apply',
    manifest: {
      apiVersion: 'monitoring.coreos.com/v1',
      kind: 'PodMonitor',
      metadata: { name: 'envoy-stats', namespace: rootNamespace, labels: MANAGED_LABELS },
      spec: {
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
              { action: 'replace', sourceLabels: ['__meta_kubernetes_namespace'], targetLabel: 'namespace' },
              { action: 'replace', sourceLabels: ['__meta_kubernetes_pod_name'], targetLabel: 'pod' },
            ],
          },
        ],
      },
    },
  };
}
