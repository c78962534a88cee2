import type { Container, PodShape } from '../../world/pod-shape.ts';
import type { World } from '../../world/world.ts';
import type { Admission } from '../mesh.ts';
import { controlPlaneOf } from './control-plane.ts';
import { nativeSidecars } from './data-plane.ts';
import { enrolmentOf } from './enrolment.ts';
import { detectProxy } from './injection/detect-proxy.ts';

/**
 * The pod as istiod's injector would make it, as far as other rules look at it; undefined where it leaves the pod
 * alone. Where injection is not known, neither is the pod.
 */
export function admissionOf(namespace: string, pod: PodShape, world: World): Admission | undefined {
  if (detectProxy(pod).proxy !== 'none') return undefined;
  const enrolment = enrolmentOf(namespace, pod, world);
  if (enrolment.decision === 'skip') return undefined;
  if (enrolment.decision !== 'inject')
    return { pod: undefined, assumptions: [`injection in ${namespace} is not known: ${enrolment.reason}`] };
  const revision = enrolment.revision ?? 'default';
  const native = nativeSidecars(world, revision, pod);
  const version = controlPlaneOf(world, revision)?.version;
  const assumptions = [`new pods in ${namespace} that ask for it get a sidecar of revision ${revision}`];
  return { pod: injected(pod, { revision, native: native.known && native.value, version }), assumptions };
}

interface Injected {
  readonly revision: string;
  readonly native: boolean;
  readonly version: string | undefined;
}

function injected(pod: PodShape, { revision, native, version }: Injected): PodShape {
  const proxy = container('istio-proxy', version === undefined ? 'proxyv2' : `proxyv2:${version}`, native);
  const init = container('istio-init', proxy.image, false);
  return {
    ...pod,
    labels: { 'security.istio.io/tlsMode': 'istio', ...pod.labels },
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
