import { KIND } from '../../kubernetes/kinds.ts';
import { asText, at } from '../../../lib/json.ts';
import { parseVersion } from '../../kubernetes/version.ts';
import type { KubeObject } from '../../kubernetes/object.ts';
import { derivedFrom } from '../../world/derived.ts';
import { known, mapFact, unknown, type Fact } from '../../world/fact.ts';
import { besidePolicies } from '../../world/object-world.ts';
import { oncePerCohort } from '../../world/once-per-cohort.ts';
import type { PodShape } from '../../world/pod-shape.ts';
import type { Cohort, Workload } from '../../world/workload.ts';
import type { World } from '../../world/world.ts';
import type { DataPlane, DataPlaneMode } from '../mesh.ts';
import { controlPlaneOf } from './control-plane.ts';
import { captureDoubt } from './capture-doubt.ts';
import { cniExcludedNamespaces } from './node-agents.ts';
import { ambientByLabels, enrolmentOf, untagged } from './enrolment.ts';
import { detectProxy, proxyContainer, type DetectedProxy } from './injection/detect-proxy.ts';
import { defaultNativeSidecarMode, isNativeSidecar } from './injection/native-sidecar.ts';
import { trafficCapture } from './injection/traffic-capture.ts';

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
  return dataPlanes(workload, cohort, world);
}

const dataPlanes = oncePerCohort(resolve, besidePolicies);

function resolve(workload: Workload, cohort: Cohort, world: World): DataPlane | undefined {
  const proxy = detectProxy(asCreated(cohort));
  // `auto` is what a template writes for injection to fill in: by itself it is no proxy.
  const isBlank = cohort.state === 'next' && proxyContainer(cohort.pod)?.image === 'auto';
  if (proxy.proxy !== 'none' && !isBlank) return fromProxy(workload, cohort, { proxy, world });
  if (cohort.state === 'next') return fromEnrolment(workload, cohort, { proxy, world });
  if (proxy.redirection === 'pending') return pending();
  return labelledOnly(workload, cohort, world);
}

/** What the agent recorded on a pod that runs says nothing of the pod that comes after it. */
function asCreated({ state, pod }: Cohort): PodShape {
  if (state === 'live' || pod.annotations[REDIRECTION] === undefined) return pod;
  const { [REDIRECTION]: _recorded, ...annotations } = pod.annotations;
  return { ...pod, annotations };
}

/** The agent has set up the pod's network, and whether the node's ztunnel serves it yet nobody has recorded. */
function pending(): DataPlane {
  const reason = 'the node agent has recorded the redirection to ztunnel as pending';
  return { mesh: 'istio', mode: 'ambient', captured: unknown(reason), native: false, reason };
}

/** Labels ask for ambient mode, and the agent has not recorded that it took the pods: nothing stands before them. */
function labelledOnly({ namespace }: Workload, { pod }: Cohort, world: World): DataPlane | undefined {
  if (ambientByLabels(namespace, pod, world)?.decision !== 'ambient') return undefined;
  const reason = `labels ask for ambient mode, and no annotation ${REDIRECTION} says that ztunnel takes the pods`;
  return { mesh: 'istio', mode: 'ambient', captured: known(false), native: false, reason };
}

const REDIRECTION = 'ambient.istio.io/redirection';

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
    revision: untagged(world, proxy.revision ?? revisionInStatus(cohort.pod) ?? 'default'),
    reason: `${proxy.decidedBy.rule} ${decidedBy.rule}`,
    ...(proxy.version === undefined ? {} : { version: proxy.version }),
  };
}

function fromEnrolment(workload: Workload, cohort: Cohort, { proxy, world }: ProxyContext): DataPlane | undefined {
  const enrolment = enrolmentOf(workload.namespace, cohort.pod, world);
  if (enrolment.decision === 'skip') return proxy.proxy === 'none' ? undefined : leftBlank(enrolment.reason);
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
    ...(native.known ? {} : { nativeDoubt: native.reason }),
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

/** No node has an image of that name, and what then stands in the place of the proxy nobody can tell. */
function leftBlank(reason: string): DataPlane {
  return notInjected(
    `the image of container istio-proxy is "auto", which injection fills in, and it will not: ${reason}`,
  );
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
  return derivedFrom(objects, kubeletVersions);
}

function kubeletVersions(nodes: readonly KubeObject[]): Fact<ReadonlyMap<string, string>> {
  return known(
    new Map(nodes.map((node) => [node.metadata.name, asText(at(node.status, 'nodeInfo', 'kubeletVersion')) ?? ''])),
  );
}

function revisionInStatus(pod: PodShape): string | undefined {
  const status = pod.annotations['sidecar.istio.io/status'];
  const found = status === undefined ? null : /"revision"\s*:\s*"([^"]*)"/.exec(status);
  return found?.[1] === '' ? 'default' : found?.[1];
}
