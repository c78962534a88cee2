import { nativeSidecars } from '../../mesh/istio/data-plane.ts';
import { istio } from '../../mesh/istio/istio.ts';
import { dataPlaneOf } from '../../mesh/registry.ts';
import type { PodShape } from '../../world/pod-shape.ts';
import type { RestartMethod } from '../../world/step.ts';
import { cohortsOf, type Workload } from '../../world/workload.ts';
import type { World } from '../../world/world.ts';
import { reasonOfAnotherMesh, reasonOnWindows, reasonToLeave } from '../waves/leave.ts';
import { ON_WINDOWS, rolledByTemplate, type OptOut } from '../waves/opt-out.ts';
import { restartMethod } from '../waves/restart-method.ts';
import { labelThatInjects, type InjectionLabel, type MeshFacts } from '../istio/mesh-facts.ts';

/**
 * What a rollout does with a workload. `never`: injection refuses it whatever is asked. `opted-out`: it says "false"
 * itself. `left`: the plan leaves it alone, and a namespace label would change it.
 */
export type Eligibility =
  | { readonly kind: 'enrolled' }
  | { readonly kind: 'enrol'; readonly label: InjectionLabel | undefined; readonly restart: RestartMethod | undefined }
  | OptOut
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
  const left = reasonAgainst(world, workload);
  if (left !== undefined) return { kind: 'left', reason: left };
  const onWindows = reasonOnWindows(workload);
  if (onWindows !== undefined)
    return { kind: 'opt-out', reason: onWindows, expires: ON_WINDOWS, restart: rolledByTemplate(world, workload) };
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

const PROXY_UID = 1337;

function reasonAgainst(world: World, workload: Workload): string | undefined {
  const { template } = workload;
  const reason = reasonToLeave(workload, 'the label');
  if (reason !== undefined) return reason;
  const containers = [...template.containers, ...template.initContainers];
  if (template.runAsUser === PROXY_UID || containers.some(({ runAsUser }) => runAsUser === PROXY_UID)) {
    return `a container runs as UID ${String(PROXY_UID)}, whose traffic the sidecar never takes`;
  }
  return reasonOfAnotherMesh(world, workload, 'istio');
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
  const expires = 'when every node runs a kubelet of 1.33 or newer';
  return { kind: 'opt-out', reason, expires, restart: undefined };
}

function withLabel(pod: PodShape, [key, value]: readonly [string, string]): PodShape {
  return { ...pod, labels: { ...pod.labels, [key]: value } };
}
