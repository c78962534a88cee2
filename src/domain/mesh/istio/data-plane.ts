import { KIND } from '../../kubernetes/kinds.ts';
import { asBoolean, asText, at } from '../../../lib/json.ts';
import { parseVersion } from '../../kubernetes/version.ts';
import { known, mapFact, unknown, type Fact } from '../../world/fact.ts';
import type { PodShape } from '../../world/pod-shape.ts';
import type { Cohort, Workload } from '../../world/workload.ts';
import type { World } from '../../world/world.ts';
import type { DataPlane, DataPlaneMode } from '../mesh.ts';
import { controlPlaneOf } from './control-plane.ts';
import { captureDoubt } from './capture-doubt.ts';
import { enrolmentOf } from './enrolment.ts';
import { detectProxy, proxyContainer, type DetectedProxy } from './injection/detect-proxy.ts';
import { defaultNativeSidecarMode, isNativeSidecar } from './injection/native-sidecar.ts';
import { DEFAULT_CNI_EXCLUDED_NAMESPACES, trafficCapture } from './injection/traffic-capture.ts';
import { injectorValues } from './mesh-settings.ts';

const MODES: Readonly<Record<DetectedProxy['proxy'], DataPlaneMode>> = {
  sidecar: 'sidecar',
  gateway: 'gateway',
  waypoint: 'gateway',
  'grpc-agent': 'proxyless',
  'grpc-simple': 'proxyless',
  ambient: 'ambient',
  none: 'none',
};

/**
 * What Istio has in front of a cohort: for live pods what their containers show, for the pods that would be created
 * next what injection would make of the template. Undefined where Istio has nothing there.
 */
export function dataPlaneOf(workload: Workload, cohort: Cohort, world: World): DataPlane | undefined {
  const proxy = detectProxy(cohort.pod);
  // `auto` is what a template writes for injection to fill in: by itself it is no proxy.
  const isBlank = cohort.state === 'next' && proxyContainer(cohort.pod)?.image === 'auto';
  if (proxy.proxy !== 'none' && !isBlank) return fromProxy(workload, cohort, { proxy, world });
  return cohort.state === 'next' ? fromEnrolment(workload, cohort, { proxy, world }) : undefined;
}

interface ProxyContext {
  readonly proxy: DetectedProxy;
  readonly world: World;
}

function fromProxy(workload: Workload, cohort: Cohort, { proxy, world }: ProxyContext): DataPlane {
  const { captured, decidedBy } = trafficCapture({
    pod: cohort.pod,
    namespaceName: workload.namespace,
    cniExcludedNamespaces: cniExcludedNamespaces(world),
  });
  return {
    mesh: 'istio',
    mode: MODES[proxy.proxy],
    captured: doubted(captured, cohort.pod),
    native: proxy.native,
    revision: proxy.revision ?? revisionInStatus(cohort.pod) ?? 'default',
    reason: `${proxy.decidedBy.rule} ${decidedBy.rule}`,
    ...(proxy.version === undefined ? {} : { version: proxy.version }),
  };
}

function fromEnrolment(workload: Workload, cohort: Cohort, { proxy, world }: ProxyContext): DataPlane | undefined {
  const enrolment = enrolmentOf(workload.namespace, cohort.pod, world);
  if (enrolment.decision === 'skip') return proxy.proxy === 'none' ? undefined : notInjected(enrolment.reason);
  if (enrolment.decision === 'ambient') return behindZtunnel(enrolment.reason);
  if (enrolment.decision === 'unknown') return notInjected(enrolment.reason);
  const revision = enrolment.revision ?? 'default';
  const mode = modeByTemplate(cohort.pod, proxy);
  if (mode === undefined) return notInjected('the pod asks for injection templates whose result is not modelled');
  const native = nativeSidecars(world, revision, cohort.pod);
  const version = controlPlaneOf(world, revision)?.version;
  return {
    mesh: 'istio',
    mode,
    captured: doubted(willBeCaptured(workload, cohort.pod, world), cohort.pod),
    native: native.known && native.value,
    revision,
    reason: enrolment.reason,
    ...(version === undefined ? {} : { version }),
  };
}

/** What is not captured stays so, whatever else the pod asks for. */
function doubted(captured: Fact<boolean>, pod: PodShape): Fact<boolean> {
  const doubt = captured.known && !captured.value ? undefined : captureDoubt(pod);
  return doubt === undefined ? captured : unknown(doubt);
}

function notInjected(reason: string): DataPlane {
  return { mesh: 'istio', mode: 'unknown', captured: unknown(reason), native: false, reason };
}

function behindZtunnel(reason: string): DataPlane {
  return { mesh: 'istio', mode: 'ambient', captured: known(true), native: false, reason };
}

const TEMPLATES = 'inject.istio.io/templates';

/** What injection makes of the pod by its templates; undefined for those whose result is not modelled. */
function modeByTemplate({ annotations }: PodShape, { proxy }: DetectedProxy): 'sidecar' | 'gateway' | undefined {
  const templates = annotations[TEMPLATES];
  if (templates === undefined) return proxy === 'none' || proxy === 'sidecar' ? 'sidecar' : undefined;
  return templates === 'sidecar' || templates === 'gateway' ? templates : undefined;
}

function willBeCaptured({ namespace }: Workload, pod: PodShape, world: World): Fact<boolean> {
  if (pod.annotations['sidecar.istio.io/interceptionMode'] === 'NONE') return known(false);
  return mapFact(cniExcludedNamespaces(world), (excluded) => !excluded.includes(namespace));
}

/** Whether the injector of a revision makes native sidecars of pods of this shape. */
export function nativeSidecars(world: World, revision: string, pod: PodShape): Fact<boolean> {
  const annotation = pod.annotations['sidecar.istio.io/nativeSidecar'];
  return isNativeSidecar({
    mode: nativeSidecarMode(world, revision),
    kubelets: kubelets(world),
    ...(annotation === undefined ? {} : { podAnnotation: annotation }),
  });
}

function nativeSidecarMode(world: World, revision: string): Fact<string> {
  const plane = controlPlaneOf(world, revision);
  if (plane === undefined) return unknown(`the istiod of revision ${revision} was not read`);
  const written = plane.env['ENABLE_NATIVE_SIDECARS'];
  if (written !== undefined) return known(written);
  const version = plane.version === undefined ? undefined : parseVersion(plane.version);
  if (version === undefined) return unknown(`the version of the istiod of revision ${revision} is not known`);
  return known(defaultNativeSidecarMode(version.minor));
}

function kubelets(world: World): Fact<ReadonlyMap<string, string>> {
  const { objects, gap } = world.list(KIND.node);
  if (gap !== undefined) return unknown(gap);
  if (objects.length === 0) return unknown('the world holds no Node objects');
  return known(
    new Map(objects.map((node) => [node.metadata.name, asText(at(node.status, 'nodeInfo', 'kubeletVersion')) ?? ''])),
  );
}

/**
 * Whether injection leaves the capture of new pods to the CNI plugin: chart value `pilot.cni.enabled`, before 1.24
 * `istio_cni.enabled`. Unknown where the values say nothing and a CNI agent runs, or may run.
 * Source: istio manifests/charts/istio-control/istio-discovery/files/injection-template.yaml.
 */
export function usesCni(world: World, revision: string): Fact<boolean> {
  const values = injectorValues(world, revision);
  if (!values.known) return values;
  const written =
    asBoolean(at(values.value, 'pilot', 'cni', 'enabled')) ?? asBoolean(at(values.value, 'istio_cni', 'enabled'));
  if (written !== undefined) return known(written);
  const { objects, gap } = world.list(KIND.daemonSet);
  if (objects.some(({ metadata }) => metadata.name === CNI_AGENT))
    return unknown(`DaemonSet ${CNI_AGENT} runs, and the injector's values do not say whether it captures`);
  return gap === undefined ? known(false) : unknown(gap);
}

const CNI_AGENT = 'istio-cni-node';

/** The CNI chart writes what it leaves out into its own ConfigMap; without one its default holds. */
function cniExcludedNamespaces(world: World): Fact<readonly string[]> {
  const agents = world.list(KIND.daemonSet);
  const agent = agents.objects.find(({ metadata }) => metadata.name === CNI_AGENT);
  if (agent === undefined) return agents.gap === undefined ? known([]) : unknown(agents.gap);
  const config = world.get({
    kind: KIND.configMap,
    namespace: agent.metadata.namespace ?? '',
    name: 'istio-cni-config',
  });
  const written = asText(config?.decoded?.['excludeNamespaces']);
  return known(written === undefined ? DEFAULT_CNI_EXCLUDED_NAMESPACES : written.split(','));
}

function revisionInStatus(pod: PodShape): string | undefined {
  const status = pod.annotations['sidecar.istio.io/status'];
  const found = status === undefined ? null : /"revision"\s*:\s*"([^"]*)"/.exec(status);
  return found?.[1] === '' ? 'default' : found?.[1];
}
