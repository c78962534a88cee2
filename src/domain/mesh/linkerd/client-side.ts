import type { Fact } from '../../world/fact.ts';
import type { PodShape } from '../../world/pod-shape.ts';
import type { World } from '../../world/world.ts';
import type { ClientEnd, DataPlane, Destination } from '../mesh.ts';
import { skippedPorts } from './capture.ts';
import type { LinkerdControlPlane } from './control-plane.ts';
import { dataPlaneOf, planeOfPod, runningPod } from './data-plane.ts';
import { isIngressMode } from './injection/pod-settings.ts';
import { INIT_CONTAINER, PROXY_CONTAINER } from './names.ts';
import { holdsPort } from './opaque-ports/port-lists.ts';
import { linkerdMarks } from './recognise.ts';
import { versionDoubt } from './versions.ts';

/** Which way a client's bytes take: past its proxy, through it, or nobody can tell. */
export type LinkerdClient =
  | { readonly kind: 'bypass'; readonly why: string }
  | { readonly kind: 'unknown'; readonly why: string }
  | { readonly kind: 'proxied'; readonly plane: LinkerdControlPlane; readonly pod: PodShape };

/**
 * Whether a call passes the client's proxy: skipped ports, UDP, the proxy's own user and what runs before or after it
 * go past it as the application sent them. Unknown where the proxy may follow other rules than are known here.
 * Source: linkerd2-proxy-init pkg/iptables/iptables.go#addOutgoingTrafficRules.
 */
export function clientSide(client: ClientEnd, destination: Destination, world: World): LinkerdClient {
  const dataPlane = dataPlaneOf(client.workload, client.cohort, world);
  if (dataPlane === undefined || dataPlane.mode === 'none') return { kind: 'bypass', why: 'the client has no proxy' };
  if (dataPlane.mode !== 'sidecar') return { kind: 'unknown', why: dataPlane.reason };
  if (!dataPlane.captured.known) return { kind: 'unknown', why: dataPlane.captured.reason };
  if (!dataPlane.captured.value)
    return { kind: 'bypass', why: `nothing brings the client's traffic to its proxy: ${dataPlane.reason}` };
  const pod = runningPod(client.workload, client.cohort, world);
  if (!pod.known) return { kind: 'unknown', why: pod.reason };
  const plane = planeOfPod(pod.value, world);
  const facts = { pod: pod.value, plane, world, dataPlane };
  const around = asOtherUser(pod.value) ?? besideProxy(client, facts) ?? pastPort(destination, facts);
  if (around !== undefined) return around;
  if (!plane.known) return { kind: 'unknown', why: plane.reason };
  const doubt = versionDoubt(plane.value.version) ?? proxyDoubt(pod.value, plane.value);
  return doubt === undefined
    ? { kind: 'proxied', plane: plane.value, pod: pod.value }
    : { kind: 'unknown', why: doubt };
}

interface ClientFacts {
  readonly pod: PodShape;
  readonly plane: Fact<LinkerdControlPlane>;
  readonly world: World;
  readonly dataPlane: DataPlane;
}

const PROXY_USER = 2102;

function asOtherUser(pod: PodShape): LinkerdClient | undefined {
  const written = Number(pod.annotations['config.linkerd.io/proxy-uid'] ?? String(PROXY_USER));
  const own = pod.containers.filter(({ name }) => name !== PROXY_CONTAINER);
  const asProxy = own.filter(({ runAsUser }) => (runAsUser ?? pod.runAsUser) === written);
  if (asProxy.length === 0) return undefined;
  const why = `a container runs as user ${String(written)}, whose traffic capture leaves to the proxy itself`;
  return { kind: asProxy.length === own.length ? 'bypass' : 'unknown', why };
}

/** A classic sidecar starts after the init containers and ends with the other containers. */
function besideProxy({ phase, cohort }: ClientEnd, { pod, dataPlane }: ClientFacts): LinkerdClient | undefined {
  if (phase === 'run') return undefined;
  const { native } = linkerdMarks(pod);
  if (native || dataPlane.native) return phase === 'start' ? beforeNative(cohort.pod) : undefined;
  if (phase !== 'start')
    return { kind: 'unknown', why: `at ${phase} the proxy may be gone, and what it captured goes nowhere` };
  const inits = pod.initContainers.map(({ name }) => name);
  const setUp = inits.indexOf(INIT_CONTAINER);
  if (setUp === inits.length - 1 && setUp > 0)
    return { kind: 'bypass', why: 'init containers run before linkerd-init captures anything' };
  return { kind: 'unknown', why: 'at start the proxy may not run yet while the traffic is captured already' };
}

/** Init containers before a native sidecar run without it; injection puts it first. */
function beforeNative(pod: PodShape): LinkerdClient | undefined {
  const index = pod.initContainers.findIndex(({ name }) => name === PROXY_CONTAINER);
  const earlier = pod.initContainers.slice(0, Math.max(index, 0)).filter(({ name }) => !/^linkerd-/.test(name));
  if (earlier.length === 0) return undefined;
  return { kind: 'unknown', why: `init container ${earlier[0]?.name ?? ''} runs before the proxy` };
}

/** Clients of a Service's address dial its port; those of a headless Service or a pod dial the pod's. */
function pastPort({ service, server }: Destination, { pod, plane, world }: ClientFacts): LinkerdClient | undefined {
  if (service?.port.protocol === 'UDP') return { kind: 'bypass', why: 'UDP never passes the proxy' };
  const skipped = skippedPorts(pod, 'outbound', { plane, world });
  if (!skipped.known) return { kind: 'unknown', why: skipped.reason };
  const dialled =
    service === undefined
      ? [server.port]
      : service.service.headless
        ? [server.port, service.port.port]
        : [service.port.port];
  const past = dialled.filter((port) => holdsPort(skipped.value, port));
  if (past.length === 0) return undefined;
  const why = `the client's capture leaves out port ${past.map(String).join(', ')} (skip-outbound-ports, or the chart's list)`;
  return { kind: past.length === dialled.length ? 'bypass' : 'unknown', why };
}

/** What may make the proxy do something else than the rules say. */
function proxyDoubt(pod: PodShape, plane: LinkerdControlPlane): string | undefined {
  const ingress = isIngressMode(pod.annotations, plane.isIngress);
  if (!ingress.known) return ingress.reason;
  if (ingress.value) return 'the proxy runs in ingress mode and routes by header l5d-dst-override or Host';
  if (pod.annotations['config.linkerd.io/enable-gateway'] !== undefined)
    return 'the proxy is a multicluster gateway, which is not modelled';
  if (pod.annotations['config.linkerd.io/proxy-additional-env'] !== undefined)
    return 'annotation config.linkerd.io/proxy-additional-env gives the proxy settings that are not modelled';
  if (!plane.hasAdditionalEnv.known) return plane.hasAdditionalEnv.reason;
  return plane.hasAdditionalEnv.value
    ? 'chart value proxy.additionalEnv gives proxies settings that are not modelled'
    : undefined;
}
