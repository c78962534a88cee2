import { KIND } from '../../kubernetes/kinds.ts';
import type { Container, PodShape } from '../../world/pod-shape.ts';
import type { Fact } from '../../world/fact.ts';
import { workloadsIn } from '../../world/workloads-of.ts';
import type { World } from '../../world/world.ts';
import type { Admission } from '../admission.ts';
import { linkerdControlPlaneIn, linkerdControlPlanes, type LinkerdControlPlane } from './control-plane.ts';
import { decisionFor, enrolmentBy, injectedNamespace } from './enrolment.ts';
import { inheritedAnnotations } from './injection/inheritance.ts';
import { linkerdWebhooks } from './injection/webhook.ts';
import { isNativeSidecar } from './injection/pod-settings.ts';
import {
  CONTROL_PLANE_NS,
  INIT_CONTAINER,
  OPAQUE_PORTS,
  PROXY_CONTAINER,
  PROXY_VERSION,
  VALIDATOR_CONTAINER,
} from './names.ts';
import { opaquePortsWrittenOnPod } from './opaque-ports/webhook-annotation.ts';
import { linkerdMarks } from './recognise.ts';

/**
 * The pod as Linkerd's injector would make it, as far as other rules look at it; undefined where it does not inject.
 * Where injection is not known, neither is the pod.
 */
export function admissionOf(namespace: string, pod: PodShape, world: World): Admission | undefined {
  const result = webhookResult(namespace, pod, world);
  return result?.pod === undefined || linkerdMarks(result.pod).hasProxy ? result : undefined;
}

/** The same for all that the webhook changes: a pod that it does not inject may get its annotation of opaque ports. */
export function webhookResult(namespace: string, pod: PodShape, world: World): Admission | undefined {
  if (linkerdMarks(pod).hasProxy) return undefined;
  const readings = readingsOf(namespace, world);
  const kept = made.get(pod);
  const isSame = kept?.readings.length === readings.length && kept.readings.every((one, at) => one === readings[at]);
  if (kept !== undefined && isSame) return kept.result;
  const result = madeByWebhook(namespace, pod, world);
  made.set(pod, { readings, result });
  return result;
}

interface Made {
  readonly readings: readonly unknown[];
  readonly result: Admission | undefined;
}

/** Most worlds of a plan differ in what the webhook never looks at, and share their pods. */
const made = new WeakMap<PodShape, Made>();

/** All that the webhook's answer for a pod depends on beside the pod; each is the same object while it says the same. */
function readingsOf(namespace: string, world: World): readonly unknown[] {
  return [
    namespace,
    world.coverage,
    world.get({ kind: KIND.namespace, name: namespace }),
    world.listIn(KIND.serviceAccount, namespace).objects,
    world.list(KIND.mutatingWebhook).objects,
    ...linkerdControlPlanes(world),
    ...linkerdWebhooks(world).map((webhook) => workloadsIn(world, webhook.controlPlaneNamespace)),
  ];
}

function madeByWebhook(namespace: string, pod: PodShape, world: World): Admission | undefined {
  const decided = decisionFor(namespace, pod, world);
  const { decision, reason } = enrolmentBy(decided, pod);
  if (decision === 'unknown') return unknownPod(namespace, reason);
  const ofNamespace = injectedNamespace(world, namespace);
  if (decided.webhook === undefined || !ofNamespace.known) return undefined;
  const { annotations: inherited } = ofNamespace.value;
  const injector = decided.webhook.controlPlaneNamespace;
  const plane = linkerdControlPlaneIn(world, injector);
  const marked = withOpaquePorts(pod, inherited, plane);
  if (decision === 'skip') return marked === undefined || marked === pod ? undefined : { pod: marked, assumptions: [] };
  if (marked === undefined) return unknownPod(namespace, 'which ports the chart makes opaque was not read');
  const annotations = inheritedAnnotations(inherited, marked.annotations);
  const admitted = injected({ ...marked, annotations }, { namespace: injector, plane });
  return { pod: admitted, assumptions: [`new pods in ${namespace} that ask for it get a proxy of Linkerd`] };
}

function unknownPod(namespace: string, why: string): Admission {
  return { pod: undefined, assumptions: [`injection in ${namespace} is not known: ${why}`] };
}

/** The pod with the annotation that the webhook writes; undefined where the chart's list decides and is not known. */
function withOpaquePorts(
  pod: PodShape,
  namespace: Readonly<Record<string, string>>,
  plane: LinkerdControlPlane | undefined,
): PodShape | undefined {
  const chart = plane?.opaquePorts;
  const isWritten = [pod.annotations, namespace].some((annotations) => annotations[OPAQUE_PORTS] !== undefined);
  if (!isWritten && chart?.known !== true) return undefined;
  const written = opaquePortsWrittenOnPod(pod, namespace, chart?.known === true ? chart.value : '');
  return written === undefined ? pod : { ...pod, annotations: { ...pod.annotations, [OPAQUE_PORTS]: written } };
}

interface Injector {
  readonly namespace: string;
  readonly plane: LinkerdControlPlane | undefined;
}

function injected(pod: PodShape, { namespace, plane }: Injector): PodShape {
  const version = versionOf(pod, plane);
  const image = `cr.l5d.io/linkerd/proxy${version === undefined ? '' : `:${version}`}`;
  const native = isNativeSidecar(pod.annotations, plane?.nativeSidecar ?? UNREAD);
  const isNative = native.known && native.value;
  // Where the CNI plugin may capture, the pod must not look as if an init container surely did.
  const usesInit = plane?.cniEnabled.known === true && !plane.cniEnabled.value;
  const init = container(usesInit ? INIT_CONTAINER : VALIDATOR_CONTAINER, image);
  const proxy = { ...container(PROXY_CONTAINER, image), ...(isNative ? { restartPolicy: 'Always' } : {}) };
  return {
    ...pod,
    labels: { ...pod.labels, [CONTROL_PLANE_NS]: namespace },
    annotations: { ...pod.annotations, ...(version === undefined ? {} : { [PROXY_VERSION]: version }) },
    containers: isNative ? pod.containers : withProxy(pod, proxy),
    initContainers: isNative ? [init, proxy, ...pod.initContainers] : [...pod.initContainers, init],
  };
}

const UNREAD: Fact<boolean> = { known: false, reason: 'the control plane was not read' };

/** First where other containers wait for it, as by default. */
function withProxy({ annotations, containers }: PodShape, proxy: Container): readonly Container[] {
  return annotations['config.linkerd.io/proxy-await'] === 'disabled' ? [...containers, proxy] : [proxy, ...containers];
}

function versionOf({ annotations }: PodShape, plane: LinkerdControlPlane | undefined): string | undefined {
  return (
    annotations['config.linkerd.io/proxy-version'] ?? (plane?.version.known === true ? plane.version.value : undefined)
  );
}

function container(name: string, image: string): Container {
  return { name, image, args: [], ports: [], probes: [], env: [], capabilities: [], requests: {}, limits: {} };
}
