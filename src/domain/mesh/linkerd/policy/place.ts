import { KIND } from '../../../kubernetes/kinds.ts';
import { refOf, type ObjectRef } from '../../../kubernetes/object.ts';
import { derivedFrom } from '../../../world/derived.ts';
import { besidePolicies } from '../../../world/object-world.ts';
import type { PodShape } from '../../../world/pod-shape.ts';
import type { Cohort } from '../../../world/workload.ts';
import type { World } from '../../../world/world.ts';
import type { Arrival, ServerEnd } from '../../mesh.ts';
import { skippedPorts } from '../capture.ts';
import { dataPlaneOf, planeOfPod, runningPod } from '../data-plane.ts';
import { PROXY_PORTS, SKIP_INBOUND_PORTS } from '../names.ts';
import { goPortRanges, holdsPort } from '../opaque-ports/port-lists.ts';
import { versionDoubt } from '../versions.ts';
import { policyPlaneOf, type PolicyPlane } from './plane.ts';
import { whyCallersPassBy } from './skipped-subnets.ts';

/** Pods behind a proxy, as the policy controller sees them. */
export interface Proxied {
  readonly kind: 'proxied';
  /** Live pods as they are, the next ones as the webhook makes them: then alone the namespace is looked at. */
  readonly pod: PodShape;
  readonly plane: PolicyPlane;
  /** Which object says an annotation of the pod: itself, its template, or the namespace that it is taken over from. */
  readonly saysAnnotation: (key: string) => ObjectRef;
  /** Why calls that are not by mutual TLS may pass the proxy by; undefined where they cannot. */
  readonly passBy: string | undefined;
}

/** Whether calls pass a proxy that enforces policy. */
export type Place =
  Proxied | { readonly kind: 'bypassed'; readonly why: string } | { readonly kind: 'unknown'; readonly why: string };

/**
 * Whether calls to a port pass the proxy. Ports that the capture skips do not, except by mutual TLS, which meshed
 * clients send to port 4143 unless the pod's annotation tells them of the skipping; the proxy's own admin port enforces
 * the policy of its port without any capture.
 * Source: linkerd2-proxy linkerd/app/inbound/src/direct.rs, linkerd/app/admin/src/stack.rs; linkerd2
 * controller/api/destination/server.go#getPodSkippedInboundPortsAnnotations.
 */
export function placeOf(server: ServerEnd, world: World, wire?: Arrival['wire']): Place {
  const proxied = proxiedPods(server, world);
  if (proxied.kind !== 'proxied' || server.port === PROXY_PORTS.admin) return proxied;
  const told = goPortRanges(proxied.pod.annotations[SKIP_INBOUND_PORTS] ?? '');
  if (wire === 'mtls' && !holdsPort(told, server.port)) return proxied;
  const plane = planeOfPod(proxied.pod, world);
  const skipped = skippedPorts(proxied.pod, 'inbound', { plane, world });
  if (!skipped.known) return { kind: 'unknown', why: skipped.reason };
  if (!holdsPort(skipped.value, server.port)) return proxied;
  const why = `inbound port ${String(server.port)} is skipped: it passes no proxy, and no policy holds there`;
  return wire === 'unknown'
    ? { kind: 'unknown', why: `${why}, unless the client uses mutual TLS` }
    : { kind: 'bypassed', why };
}

/** The pods of a cohort behind their proxy, whatever the port; found once for all worlds that differ in policies alone. */
export function proxiedPods(server: Omit<ServerEnd, 'port'>, world: World): Place {
  const found = derivedFrom(server.cohort.unread === undefined ? besidePolicies(world) : world, newPlaces);
  const place = found.get(server.cohort) ?? findPods(server, world);
  found.set(server.cohort, place);
  return place;
}

function newPlaces(): WeakMap<Cohort, Place> {
  return new WeakMap();
}

function findPods({ workload, cohort }: Omit<ServerEnd, 'port'>, world: World): Place {
  const dataPlane = dataPlaneOf(workload, cohort, world);
  if (dataPlane === undefined || dataPlane.mode === 'none') return { kind: 'bypassed', why: 'the pods have no proxy' };
  if (dataPlane.mode === 'unknown') return { kind: 'unknown', why: dataPlane.reason };
  if (!dataPlane.captured.known) return { kind: 'unknown', why: dataPlane.captured.reason };
  if (!dataPlane.captured.value)
    return { kind: 'bypassed', why: 'nothing brings the traffic of the pods to their proxy' };
  const pod = runningPod(workload, cohort, world);
  if (!pod.known) return { kind: 'unknown', why: pod.reason };
  const plane = policyPlaneOf(pod.value, world);
  const doubt = versionDoubt(plane.version);
  if (doubt !== undefined) return { kind: 'unknown', why: doubt };
  const { namespace } = workload;
  const own: ObjectRef =
    cohort.state === 'live'
      ? { kind: KIND.pod, namespace, name: cohort.example ?? workload.name }
      : refOf(workload.object);
  const isOwn = (key: string): boolean => cohort.state === 'live' || Object.hasOwn(cohort.pod.annotations, key);
  return {
    kind: 'proxied',
    pod: pod.value,
    plane,
    passBy: whyCallersPassBy(pod.value, plane),
    saysAnnotation: (key) => (isOwn(key) ? own : { kind: KIND.namespace, name: namespace }),
  };
}

/**
 * Whether a port name means a container port: TCP ports of containers and init containers, and the proxy's own.
 * Source: linkerd2 policy-controller/k8s/index/src/inbound/workload.rs#pod_tcp_ports_by_name.
 */
export function hasPortNamed(pod: PodShape, name: string, port: number): boolean {
  const isNamed = [...pod.containers, ...pod.initContainers].some(({ ports }) =>
    ports.some((one) => one.name === name && one.port === port && one.protocol.toUpperCase() === 'TCP'),
  );
  return isNamed || OWN_PORTS.get(name) === port;
}

const OWN_PORTS: ReadonlyMap<string, number> = new Map([
  ['linkerd-proxy', PROXY_PORTS.inbound],
  ['linkerd-admin', PROXY_PORTS.admin],
]);
