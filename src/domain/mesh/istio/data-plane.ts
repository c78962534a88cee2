import { KIND } from '../../kubernetes/kinds.ts';
import { asText, at } from '../../../lib/json.ts';
import { parseVersion } from '../../kubernetes/version.ts';
import { known, unknown, type Fact } from '../../world/fact.ts';
import type { PodShape } from '../../world/pod-shape.ts';
import type { Cohort, Workload } from '../../world/workload.ts';
import type { World } from '../../world/world.ts';
import type { DataPlane, DataPlaneMode } from '../mesh.ts';
import { controlPlaneOf } from './control-plane.ts';
import { enrolmentOf } from './enrolment.ts';
import { detectProxy, type DetectedProxy } from './injection/detect-proxy.ts';
import { defaultNativeSidecarMode, isNativeSidecar } from './injection/native-sidecar.ts';
import { DEFAULT_CNI_EXCLUDED_NAMESPACES, trafficCapture } from './injection/traffic-capture.ts';

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
  if (proxy.proxy !== 'none') return fromProxy(workload, cohort, { proxy, world });
  return cohort.state === 'next' ? fromEnrolment(workload, cohort, world) : undefined;
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
    captured,
    native: proxy.native,
    revision: proxy.revision ?? revisionInStatus(cohort.pod) ?? 'default',
    reason: `${proxy.decidedBy.rule} ${decidedBy.rule}`,
    ...(proxy.version === undefined ? {} : { version: proxy.version }),
  };
}

function fromEnrolment(workload: Workload, cohort: Cohort, world: World): DataPlane | undefined {
  const enrolment = enrolmentOf(workload.namespace, cohort.pod, world);
  if (enrolment.decision === 'skip') return undefined;
  if (enrolment.decision !== 'inject') {
    const captured = unknown(enrolment.reason);
    return { mesh: 'istio', mode: 'unknown', captured, native: false, reason: enrolment.reason };
  }
  const revision = enrolment.revision ?? 'default';
  const native = nativeSidecars(world, revision, cohort.pod);
  const version = controlPlaneOf(world, revision)?.version;
  return {
    mesh: 'istio',
    mode: 'sidecar',
    captured: known(true),
    native: native.known && native.value,
    revision,
    reason: enrolment.reason,
    ...(version === undefined ? {} : { version }),
  };
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

/** The CNI chart writes what it leaves out into its own ConfigMap; without one its default holds. */
function cniExcludedNamespaces(world: World): Fact<readonly string[]> {
  const agents = world.list(KIND.daemonSet);
  const agent = agents.objects.find(({ metadata }) => metadata.name === 'istio-cni-node');
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
