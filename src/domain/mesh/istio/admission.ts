import type { Container, PodShape } from '../../world/pod-shape.ts';
import type { Fact } from '../../world/fact.ts';
import type { World } from '../../world/world.ts';
import type { Admission } from '../admission.ts';
import { usesCni } from './node-agents.ts';
import { controlPlaneOf } from './control-plane.ts';
import { nativeSidecars } from './data-plane.ts';
import { enrolmentOf } from './enrolment.ts';
import { detectProxy } from './injection/detect-proxy.ts';
import { injectedLabels } from './labels-in-force.ts';
import { withMergedScrape } from './merged-scrapes.ts';
import { meshSettings, rewritesProbes } from './mesh-settings.ts';

/**
 * The pod as istiod's injector would make it, as far as other rules look at it; undefined where it leaves the pod
 * alone. Where injection is not known, neither is the pod.
 */
export function admissionOf(namespace: string, pod: PodShape, world: World): Admission | undefined {
  if (detectProxy(pod).proxy !== 'none') return undefined;
  const enrolment = enrolmentOf(namespace, pod, world);
  if (enrolment.decision === 'skip') return undefined;
  if (enrolment.decision === 'ambient') return behindZtunnel(namespace, pod);
  if (enrolment.decision !== 'inject' || pod.annotations['inject.istio.io/templates'] !== undefined)
    return { pod: undefined, assumptions: [`injection in ${namespace} is not known: ${enrolment.reason}`] };
  const revision = enrolment.revision ?? 'default';
  const native = nativeSidecars(world, revision, pod);
  const version = controlPlaneOf(world, revision)?.version;
  const assumptions = [`new pods in ${namespace} that ask for it get a sidecar of revision ${revision}`];
  const cni = usesCni(world, revision);
  // Where the CNI plugin may capture, the pod must not look as if an init container surely did.
  const init = cni.known && !cni.value ? 'istio-init' : 'istio-validation';
  const settings = meshSettings(world, revision);
  const hbone = settings.known && settings.value.takesHbone;
  const made = injected(pod, { revision, native: native.known && native.value, version, init, hbone });
  const merges = settings.known && settings.value.mergesScrapes;
  return { pod: withMergedScrape(withProbes(made, rewritesProbes(world, revision)), merges), assumptions };
}

/** The node agent marks what it captures; the pod itself stays as it is. */
function behindZtunnel(namespace: string, pod: PodShape): Admission {
  const annotations = { ...pod.annotations, 'ambient.istio.io/redirection': 'enabled' };
  return { pod: { ...pod, annotations }, assumptions: [`ztunnel captures new pods in ${namespace}`] };
}

/** Probes over the network go to the agent, unless the pod or the chart says otherwise. */
function withProbes(pod: PodShape, byDefault: Fact<boolean>): PodShape {
  const written = pod.annotations['sidecar.istio.io/rewriteAppHTTPProbers'];
  const rewrites = written === undefined ? byDefault.known && byDefault.value : written === 'true';
  if (!rewrites) return pod;
  const rewritten = (one: Container): Container => ({
    ...one,
    probes: one.probes.map((probe) => (probe.handler === 'exec' ? probe : { ...probe, port: AGENT_PORT, path: ASKED })),
  });
  return { ...pod, containers: pod.containers.map(rewritten), initContainers: pod.initContainers.map(rewritten) };
}

const TUNNEL = 'networking.istio.io/tunnel';
const AGENT_PORT = 15020;
const ASKED = '/app-health/probe';

interface Injected {
  readonly revision: string;
  readonly native: boolean;
  readonly version: string | undefined;
  /** The init container that sets up the capture, or waits for the CNI plugin to do so. */
  readonly init: 'istio-init' | 'istio-validation';
  /** Whether the mesh is set up for ambient mode, so that the sidecar takes HBONE and says so. */
  readonly hbone: boolean;
}

function injected(pod: PodShape, { revision, native, version, init: initName, hbone }: Injected): PodShape {
  const proxy = container('istio-proxy', version === undefined ? 'proxyv2' : `proxyv2:${version}`, native);
  const init = container(initName, proxy.image, false);
  return {
    ...pod,
    labels: { ...(hbone ? { [TUNNEL]: 'http' } : {}), ...injectedLabels(pod.labels, undefined) },
    annotations: {
      ...pod.annotations,
      'istio.io/rev': revision,
      'sidecar.istio.io/status': JSON.stringify({ revision }),
    },
    containers: native ? pod.containers : [...pod.containers, proxy],
    initContainers: native ? [init, proxy, ...pod.initContainers] : [...pod.initContainers, init],
  };
}

function container(name: string, image: string, native: boolean): Container {
  return {
    name,
    image,
    args: name === 'istio-proxy' ? ['proxy', 'sidecar'] : [],
    ports: [],
    probes: [],
    env: [],
    capabilities: [],
    requests: {},
    limits: {},
    ...(native ? { restartPolicy: 'Always' } : {}),
  };
}
