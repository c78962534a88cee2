import { KIND, WORKLOAD_KINDS } from '../../kubernetes/kinds.ts';
import { kindOf, type Kind, type ObjectRef } from '../../kubernetes/object.ts';
import { asBoolean, at } from '../../../lib/json.ts';
import { nativeSidecars } from '../../mesh/istio/data-plane.ts';
import { istio } from '../../mesh/istio/istio.ts';
import { dataPlaneOf } from '../../mesh/registry.ts';
import type { PodShape } from '../../world/pod-shape.ts';
import type { RestartMethod } from '../../world/step.ts';
import { cohortsOf, type Workload } from '../../world/workload.ts';
import type { World } from '../../world/world.ts';
import { labelThatInjects, type InjectionLabel, type MeshFacts } from '../istio/mesh-facts.ts';

/**
 * What a rollout does with a workload. `never`: injection refuses it whatever is asked. `opted-out`: it says "false"
 * itself. `left`: the plan leaves it alone, and a namespace label would change it.
 */
export type Eligibility =
  | { readonly kind: 'enrolled' }
  | { readonly kind: 'enrol'; readonly label: InjectionLabel | undefined; readonly restart: RestartMethod | undefined }
  | { readonly kind: 'opt-out'; readonly reason: string }
  | { readonly kind: 'opted-out'; readonly reason: string }
  | { readonly kind: 'never'; readonly reason: string }
  | { readonly kind: 'left'; readonly reason: string };

/** Whether and how a workload can be enrolled in the world as it is planned so far. */
export function eligibilityOf(world: World, facts: MeshFacts, workload: Workload): Eligibility {
  const { template, namespace } = workload;
  if (!workload.live.known) return { kind: 'left', reason: `its running pods are not known: ${workload.live.reason}` };
  const modes = cohortsOf(workload).map((cohort) => dataPlaneOf(workload, cohort, world).dataPlane);
  const other = modes.find(({ mesh }) => mesh !== 'istio' && mesh !== 'none');
  if (other !== undefined) return { kind: 'left', reason: `another mesh has a claim on it: ${other.reason}` };
  if (modes.every(({ mode, captured }) => mode === 'sidecar' && captured.known && captured.value))
    return { kind: 'enrolled' };
  const foreign = modes.find(({ mode }) => mode === 'ambient' || mode === 'gateway' || mode === 'proxyless');
  if (foreign !== undefined) return { kind: 'left', reason: `it is in mode ${foreign.mode} already` };
  if (template.hostNetwork) return { kind: 'never', reason: 'its pods use the host network, which is never injected' };
  if (asksAgainst(template)) return { kind: 'opted-out', reason: 'its template says sidecar.istio.io/inject: "false"' };
  const left = reasonToLeave(workload) ?? ofAnotherMesh(world, workload);
  if (left !== undefined) return { kind: 'left', reason: left };
  if (workload.kind === 'CronJob') return cronJob(world, facts, workload);
  const isNextInjected = istio.enrolment(namespace, template, world).decision === 'inject';
  if (isNextInjected) return { kind: 'enrol', label: undefined, restart: restartMethod(world, workload) };
  const label = labelThatInjects(world, facts, { namespace, pod: template });
  if (label === undefined) return { kind: 'left', reason: whyNoLabel(world, workload) };
  return { kind: 'enrol', label, restart: restartMethod(world, workload) };
}

function asksAgainst({ labels, annotations }: PodShape): boolean {
  return (labels['sidecar.istio.io/inject'] ?? annotations['sidecar.istio.io/inject']) === 'false';
}

function whyNoLabel(world: World, { namespace, template }: Workload): string {
  return `no label would have it injected: ${istio.enrolment(namespace, template, world).reason}`;
}

const KNOWN_KINDS: ReadonlySet<Kind> = new Set<Kind>(WORKLOAD_KINDS);

function reasonToLeave(workload: Workload): string | undefined {
  const { kind, object, template, managedBy } = workload;
  if (kind === 'Pod')
    return 'it is a pod that nobody owns: its labels are set in its own manifest, and it is made anew by hand';
  if (object.kind === 'Pod') return 'only its pods were read, not the object that makes them';
  if (!KNOWN_KINDS.has(kindOf(object))) return 'its kind is not known here: enrol it by hand';
  if (kind === 'Job') return 'a Job runs once and its template cannot be changed: set the label in its source';
  if (object.metadata.ownerReferences.some(({ controller }) => controller)) {
    return `${managedBy ?? 'an operator'} writes it and would take a label away again: set the label there`;
  }
  const containers = [...template.containers, ...template.initContainers];
  if (template.runAsUser === 1337 || containers.some(({ runAsUser }) => runAsUser === 1337)) {
    return 'a container runs as UID 1337, whose traffic the sidecar never takes';
  }
  return whyHeldByStrategy(workload);
}

/** A rollout that does not reach all pods leaves old ones among the new for as long as nobody looks. */
function whyHeldByStrategy({ kind, object }: Workload): string | undefined {
  if ((kind === 'Deployment' || kind === 'Rollout') && asBoolean(at(object.spec, 'paused')) === true) {
    return 'it is paused, so a restart reaches none of its pods: resume it (spec.paused: false), and plan again';
  }
  const partition = at(object.spec, 'updateStrategy', 'rollingUpdate', 'partition');
  if (kind !== 'StatefulSet' || partition === undefined || partition === null || partition === 0) return undefined;
  return 'updateStrategy.rollingUpdate.partition keeps a restart from some of its pods: set it to 0, and plan again';
}

const OTHER_PROXIES = /^(linkerd-proxy|consul-dataplane|kuma-sidecar|envoy-sidecar)$/;
const OTHER_ASKS: readonly (readonly [string, RegExp])[] = [
  ['linkerd.io/inject', /^(enabled|ingress)$/],
  ['consul.hashicorp.com/connect-inject', /^true$/],
  ['kuma.io/sidecar-injection', /^(enabled|true)$/],
];

/** Two sidecars that redirect the same traffic shut each other out. */
function ofAnotherMesh(world: World, workload: Workload): string | undefined {
  const { namespace, template } = workload;
  const proxy = cohortsOf(workload)
    .flatMap(({ pod }) => [...pod.containers, ...pod.initContainers])
    .find(({ name }) => OTHER_PROXIES.test(name));
  if (proxy !== undefined) return `its pods run ${proxy.name}, the sidecar of another mesh`;
  const meta = world.get({ kind: KIND.namespace, name: namespace })?.metadata;
  const asked = { ...meta?.labels, ...meta?.annotations, ...template.labels, ...template.annotations };
  const found = OTHER_ASKS.find(([key, wanted]) => wanted.test(asked[key] ?? ''));
  return found === undefined ? undefined : `${found[0]} asks another mesh to inject it`;
}

/** A classic sidecar keeps a finished job's pod alive, so jobs are enrolled only where sidecars are native for certain. */
function cronJob(world: World, facts: MeshFacts, workload: Workload): Eligibility {
  const { namespace, template } = workload;
  const enrolled = istio.enrolment(namespace, template, world);
  const label =
    enrolled.decision === 'inject' ? undefined : labelThatInjects(world, facts, { namespace, pod: template });
  const pod = label === undefined ? template : withLabel(template, label.pod);
  const native = nativeSidecars(world, istio.enrolment(namespace, pod, world).revision ?? 'default', pod);
  if (native.known && native.value) return { kind: 'enrol', label, restart: undefined };
  const reason = native.known
    ? 'sidecars are not native here, and a classic one would keep its pods from finishing'
    : `whether sidecars are native is not known (${native.reason}), and a classic one would keep its pods from finishing`;
  return { kind: 'opt-out', reason };
}

function withLabel(pod: PodShape, [key, value]: readonly [string, string]): PodShape {
  return { ...pod, labels: { ...pod.labels, [key]: value } };
}

/** How the pods of a workload are made new; undefined where none run. */
function restartMethod(world: World, { kind, name, namespace, object }: Workload): RestartMethod {
  const canaries = world.listIn(KIND.canary, namespace).objects;
  if (
    canaries.some(
      (canary) => at(canary.spec, 'targetRef', 'name') === name && at(canary.spec, 'targetRef', 'kind') === kind,
    )
  ) {
    return 'flagger';
  }
  if (kind === 'Rollout') return 'rollouts-restart';
  const strategy = at(object.spec, 'updateStrategy', 'type');
  if (strategy === 'OnDelete' || kind === 'ReplicaSet' || kind === 'ReplicationController') return 'delete-pods';
  return 'rollout-restart';
}

/** The reference of the object that a workload was read from. */
export function objectRefOf({ object, namespace, name }: Workload): ObjectRef {
  return { kind: kindOf(object), namespace, name };
}
