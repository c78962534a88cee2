import { KIND } from '../../kubernetes/kinds.ts';
import type { Kind } from '../../kubernetes/object.ts';
import { at } from '../../../lib/json.ts';
import type { ApplyStep } from '../../world/step.ts';
import { workloadsOf } from '../../world/workloads-of.ts';
import type { World } from '../../world/world.ts';
import { addStage, tryNow, writeStage, type Planning } from '../planning.ts';
import type { StageParts } from '../stage-draft.ts';
import { CONTROL_PLANE_STAGE } from './control-plane.ts';
import { MANUAL_GATES } from './gates.ts';
import { MANAGED_LABELS } from './generated-objects.ts';
import type { MeshFacts } from './mesh-facts.ts';

const TELEMETRY: Kind = 'telemetry.istio.io/Telemetry';
const PROMETHEUS = /(^|\/)(prometheus|vmagent)([:@]|$)/;

/** Whether something in the world answers the queries of the gates. */
export function isMeasured(world: World): boolean {
  if (isServed(world, KIND.podMonitor) || isServed(world, KIND.serviceMonitor)) return true;
  return workloadsOf(world).some(({ template }) => template.containers.some(({ image }) => PROMETHEUS.test(image)));
}

/** Plans what the gates read: metrics of the proxies, and access logs that show plaintext. */
export function planTelemetry(planning: Planning, facts: MeshFacts): void {
  const { world } = planning;
  const steps = [
    ...(isServed(world, KIND.podMonitor) ? [podMonitor(facts)] : []),
    ...(hasMeshTelemetry(world, facts) ? [] : [accessLog(facts)]),
  ].filter(
    ({ manifest }) =>
      world.get({ kind: kindIn(manifest), namespace: facts.rootNamespace, name: manifest.metadata.name }) === undefined,
  );
  const parts: StageParts = {
    id: 'telemetry',
    kind: 'telemetry',
    title: 'Telemetry',
    why: 'The gates of every later stage read what is measured here.',
    doesNotChange: 'No call changes; sidecars will be scraped at port 15090, which policies never touch.',
    dependsOn: [CONTROL_PLANE_STAGE],
    notes: isMeasured(world)
      ? [
          'Keep at least as much history as the longest gate looks back.',
          'A Prometheus that selects monitors by label needs that label on the PodMonitor.',
          'Plaintext of an unknown source is named from the access log: the downstream address leads to the pod.',
        ]
      : [MANUAL_GATES],
    exitGate: [
      {
        id: 'scraped',
        text: 'Every proxy is scraped: the number of targets equals the number of sidecars.',
        promql: 'count(up{job=~".*envoy-stats.*"} == 0) > 0',
        positiveEvidence: 'up has a value for every pod with a sidecar',
      },
    ],
  };
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
