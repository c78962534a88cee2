import { parseVersion } from '../../kubernetes/version.ts';
import { linkerdControlPlanes } from '../../mesh/linkerd/control-plane.ts';
import { injectedNamespace } from '../../mesh/linkerd/enrolment.ts';
import { inheritedAnnotations } from '../../mesh/linkerd/injection/inheritance.ts';
import { isNativeSidecar } from '../../mesh/linkerd/injection/pod-settings.ts';
import { linkerd } from '../../mesh/linkerd/linkerd.ts';
import { INJECT } from '../../mesh/linkerd/names.ts';
import type { DataPlane } from '../../mesh/mesh.ts';
import { dataPlaneOf } from '../../mesh/registry.ts';
import type { PodShape } from '../../world/pod-shape.ts';
import type { RestartMethod } from '../../world/step.ts';
import { cohortsOf, type Workload } from '../../world/workload.ts';
import type { World } from '../../world/world.ts';
import { exclusionOf } from '../waves/exclusions.ts';
import { reasonOfAnotherMesh, reasonOnWindows, reasonToLeave } from '../waves/leave.ts';
import { ON_WINDOWS, rolledByTemplate, type OptOut } from '../waves/opt-out.ts';
import { restartMethod } from '../waves/restart-method.ts';
import type { Choices } from '../choices.ts';

/**
 * Where a workload stands towards Linkerd. `opt-out`: the plan keeps its pods out. `never`: the injector refuses them
 * whatever they ask for. `opted-out`: its template says so. `left`: the plan leaves it as it is.
 */
export type LinkerdStanding =
  | { readonly kind: 'enrolled' }
  /** Without a restart the next pods carry the proxy by themselves. */
  | { readonly kind: 'enrol'; readonly restart: RestartMethod | undefined }
  | OptOut
  | { readonly kind: 'opted-out' | 'never' | 'left'; readonly reason: string };

/** Tells the standing of workloads of a world, with what people keep out. */
export function standingBy(choices: Choices): (world: World, workload: Workload) => LinkerdStanding {
  return (world, workload) => {
    const standing = linkerdStanding(world, workload);
    const reason = exclusionOf(choices, workload);
    return reason === undefined || standing.kind === 'enrolled' ? standing : left(reason);
  };
}

/** Whether and how a workload can be enrolled, in the world as it is planned so far. */
export function linkerdStanding(world: World, workload: Workload): LinkerdStanding {
  const { template, namespace } = workload;
  if (!workload.live.known) return left(`its running pods are not known: ${workload.live.reason}`);
  const planes = cohortsOf(workload).map((cohort) => dataPlaneOf(workload, cohort, world).dataPlane);
  const other = planes.find(({ mesh }) => mesh !== 'linkerd' && mesh !== 'none');
  if (other !== undefined) return left(`another mesh has a claim on it: ${other.reason}`);
  if (planes.every(isBehindProxy)) return { kind: 'enrolled' };
  if (template.hostNetwork) return { kind: 'never', reason: 'its pods use the host network, which is never injected' };
  const said = template.annotations[INJECT];
  if (said === 'disabled') return { kind: 'opted-out', reason: `its template says ${INJECT}: disabled` };
  if (said === 'ingress') return left(`its template asks for ingress mode (${INJECT}: ingress), which is not modelled`);
  const reason = whyLeft(workload) ?? reasonOfAnotherMesh(world, workload, 'linkerd');
  if (reason !== undefined) return left(reason);
  const onWindows = reasonOnWindows(workload);
  if (onWindows !== undefined)
    return { kind: 'opt-out', reason: onWindows, expires: ON_WINDOWS, restart: rolledByTemplate(world, workload) };
  const asking = asksForProxy(template);
  const enrolment = linkerd.enrolment(namespace, asking, world);
  if (enrolment.decision !== 'inject') return left(`its annotation would not have it injected: ${enrolment.reason}`);
  if (workload.kind === 'CronJob') return cronJob(world, workload, asking);
  return { kind: 'enrol', restart: restartMethod(world, workload) };
}

function left(reason: string): LinkerdStanding {
  return { kind: 'left', reason };
}

function isBehindProxy({ mesh, mode, captured }: DataPlane): boolean {
  return mesh === 'linkerd' && mode === 'sidecar' && captured.known && captured.value;
}

function asksForProxy(pod: PodShape): PodShape {
  return { ...pod, annotations: { ...pod.annotations, [INJECT]: 'enabled' } };
}

const PROXY_USER = 2102;

/** Why a plan leaves the template of a workload alone; undefined where nothing keeps it from it. */
export function whyLeft(workload: Workload): string | undefined {
  const { template } = workload;
  const reason = reasonToLeave(workload, 'the annotation');
  if (reason !== undefined) return reason;
  const containers = [...template.containers, ...template.initContainers];
  if (template.runAsUser !== PROXY_USER && !containers.some(({ runAsUser }) => runAsUser === PROXY_USER))
    return undefined;
  return `a container runs as user ${String(PROXY_USER)}, whose traffic the proxy never takes`;
}

const FIRST_WITH_NATIVE_SIDECARS = 29;

/** A classic sidecar keeps a finished job's pod alive, so jobs are enrolled only where sidecars are native for certain. */
function cronJob(world: World, { namespace }: Workload, pod: PodShape): LinkerdStanding {
  const home = injectedNamespace(world, namespace);
  const annotations = home.known ? inheritedAnnotations(home.value.annotations, pod.annotations) : pod.annotations;
  const [plane] = linkerdControlPlanes(world).filter(({ components }) => components.length > 0);
  const native = plane === undefined ? undefined : isNativeSidecar(annotations, plane.nativeSidecar);
  const minor = world.kubernetesVersion.known ? parseVersion(world.kubernetesVersion.value)?.minor : undefined;
  const runsThem = minor !== undefined && minor >= FIRST_WITH_NATIVE_SIDECARS;
  if (native?.known === true && native.value && runsThem) return { kind: 'enrol', restart: undefined };
  const reason =
    native?.known === true && !native.value
      ? 'its proxy would be no native sidecar, and a classic one keeps its pods from finishing'
      : 'whether its proxy would be a native sidecar is not known, and a classic one keeps its pods from finishing';
  return { kind: 'opt-out', reason, expires: 'when its proxy can be a native sidecar', restart: undefined };
}
