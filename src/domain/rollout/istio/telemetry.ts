import { KIND } from '../../kubernetes/kinds.ts';
import { matchesSelector, parseLabelSelector } from '../../kubernetes/label-selector.ts';
import type { Kind, KubeObject } from '../../kubernetes/object.ts';
import { asBoolean, asObjects, asTexts, at } from '../../../lib/json.ts';
import { DASHBOARD_FILE, DASHBOARD_NOTE } from '../foundations/dashboard.ts';
import { envoyMonitor, istiodMonitor, rolloutRules, ztunnelMonitor } from '../foundations/monitors.ts';
import { isMeasured, placementOf, type Placement } from '../foundations/prometheus.ts';
import { BASELINE_SERIES, ruleGroups } from '../foundations/rules.ts';
import { isServed } from '../foundations/served.ts';
import { allOf } from '../gates/watched.ts';
import type { ApplyStep } from '../../world/step.ts';
import type { World } from '../../world/world.ts';
import type { Condition, Target } from '../plan.ts';
import { addStage, tryNow, writeStage, type Planning } from '../planning.ts';
import type { StageParts } from '../stage-draft.ts';
import { CONTROL_PLANE_STAGE } from './control-plane.ts';
import { istioDashboard } from './dashboard.ts';
import { MANUAL_GATES } from '../gates/any-mesh.ts';
import { MANAGED_LABELS } from '../objects/generated-objects.ts';
import type { MeshFacts } from './mesh-facts.ts';
import { scrapeNotes } from './telemetry-texts.ts';

const TELEMETRY: Kind = 'telemetry.istio.io/Telemetry';
const RULE: Kind = 'monitoring.coreos.com/PrometheusRule';

/** Plans what the gates read: metrics of the proxies and of istiod, baseline and alerts, and logs that show plaintext. */
export function planTelemetry(planning: Planning, facts: MeshFacts): void {
  const { world, input } = planning;
  const placements = placementsOf(world, facts);
  const steps = wantedSteps(world, { facts, placements, target: input.target }).filter(
    ({ manifest }) =>
      world.get({
        kind: kindIn(manifest),
        namespace: manifest.metadata.namespace ?? facts.rootNamespace,
        name: manifest.metadata.name,
      }) === undefined,
  );
  const parts = telemetryParts(planning, facts, placements);
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

interface Placements {
  readonly pods: Placement;
  readonly services: Placement;
  readonly rules: Placement;
}

function placementsOf(world: World, { rootNamespace }: MeshFacts): Placements {
  return {
    pods: placementOf(world, 'podMonitor', rootNamespace),
    services: placementOf(world, 'serviceMonitor', rootNamespace),
    rules: placementOf(world, 'rule', rootNamespace),
  };
}

interface Wanted {
  readonly facts: MeshFacts;
  readonly placements: Placements;
  readonly target: Target;
}

function wantedSteps(world: World, { facts, placements, target }: Wanted): readonly ApplyStep[] {
  const { pods, services, rules } = placements;
  const monitorsPods = isServed(world, KIND.podMonitor);
  return [
    ...(monitorsPods ? [envoyMonitor(pods)] : []),
    ...(monitorsPods && target === 'istio-ambient' ? [ztunnelMonitor(pods, facts)] : []),
    ...(isServed(world, KIND.serviceMonitor) && !isControlPlaneScraped(world, facts)
      ? [istiodMonitor(services, facts)]
      : []),
    ...(isServed(world, RULE) && isMeasured(world) ? [rolloutRules(rules, target)] : []),
    ...(hasMeshTelemetry(world, facts) ? [] : [accessLog(facts)]),
  ];
}

function telemetryParts({ world, input }: Planning, facts: MeshFacts, placements: Placements): StageParts {
  const measured = isMeasured(world);
  const isAmbient = input.target === 'istio-ambient';
  const proxies = isAmbient ? 'ztunnel will be scraped at port 15020, and waypoints' : 'sidecars will be scraped';
  const doubts = Object.values(placements).flatMap(({ doubt }: Placement) =>
    doubt === undefined ? [] : [`${doubt}.`],
  );
  const rulesFile = measured && !isServed(world, RULE);
  return {
    id: 'telemetry',
    kind: 'telemetry',
    title: 'Telemetry',
    why: 'The gates of every later stage read what is measured here.',
    doesNotChange:
      measured && isServed(world, KIND.podMonitor)
        ? `No call changes; ${proxies} at port 15090, which policies never touch.`
        : 'No call changes; the proxies answer at port 15090, which policies never touch, whoever scrapes them.',
    dependsOn: [CONTROL_PLANE_STAGE],
    notes: [
      ...(measured
        ? ['Keep at least as much history as the longest gate looks back.', BASELINE, DASHBOARD_NOTE]
        : [MANUAL_GATES]),
      ...doubts,
      ...scrapeNotes(
        {
          proxies: isServed(world, KIND.podMonitor),
          istiod: isServed(world, KIND.serviceMonitor) || isControlPlaneScraped(world, facts),
        },
        { namespace: facts.namespace, isAmbient },
      ),
      ...(rulesFile
        ? ['No PrometheusRule can be written: give Prometheus the file meshwise-rules.yaml as one of its rule_files.']
        : []),
      isAmbient
        ? "Plaintext of an unknown source is named from the log of ztunnel on the server's node: src.addr leads to the pod."
        : 'Plaintext of an unknown source is named from the access log: the downstream address leads to the pod.',
    ],
    exitGate: measured ? [scraped(input.target), baselineRecorded()] : [],
    helmValues: [
      ...(rulesFile ? [{ file: 'meshwise-rules.yaml', values: { groups: ruleGroups(input.target) } }] : []),
      ...(measured ? [{ file: DASHBOARD_FILE, values: istioDashboard(input.target) }] : []),
    ],
  };
}

const BASELINE =
  "Baseline before the first wave: restarts, CPU and memory are recorded from now on (series meshwise:*). Error ratio and latency have no proxy to count them yet: note the application's own, or the ingress's, for each workload of the wave; the recorded ones begin with its enrolment. Give the rules a week before the first wave.";

/** Before the first wave there may be no sidecar to scrape; ztunnel is there from the node agents' stage on. */
function scraped(target: Target): Condition {
  const isAmbient = target === 'istio-ambient';
  const sources = ['pilot_xds', ...(isAmbient ? ['workload_manager_active_proxy_count'] : [])];
  const [first = '', ...more] = sources.map((source) => `count(${source})`);
  return {
    id: 'scraped',
    text: isAmbient
      ? 'Every ztunnel and every istiod is scraped: the number of targets equals the number of nodes and istiod replicas.'
      : 'Every proxy and every istiod is scraped: the number of targets equals the number of sidecars and istiod replicas.',
    promql: [
      '(count(up{job=~".*(envoy-stats|ztunnel).*"} == 0) > 0)',
      ...sources.map((source) => `absent(${source})`),
    ].join(' or '),
    proof: allOf(first, ...more),
    positiveEvidence: 'up has a value for every pod with a sidecar, and pilot_xds one for every istiod replica',
  };
}

function baselineRecorded(): Condition {
  return {
    id: 'baseline-recorded',
    text: 'The baseline has a week of history: restarts, CPU and memory by the rules, error ratio and latency of the workloads of the first wave by whoever counts them today.',
    promql: `absent(${BASELINE_SERIES} offset 7d)`,
    proof: `count(${BASELINE_SERIES}) and on () count(${BASELINE_SERIES} offset 7d)`,
    positiveEvidence: `${BASELINE_SERIES} has values now and seven days ago`,
  };
}

function kindIn({ apiVersion, kind }: ApplyStep['manifest']): Kind {
  return `${apiVersion.slice(0, apiVersion.indexOf('/'))}/${kind}`;
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
