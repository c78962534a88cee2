import { istio } from '../../mesh/istio/istio.ts';
import type { DataPlane } from '../../mesh/mesh.ts';
import { dataPlaneOf } from '../../mesh/registry.ts';
import type { PodShape } from '../../world/pod-shape.ts';
import type { RestartMethod } from '../../world/step.ts';
import { cohortsOf, type Workload } from '../../world/workload.ts';
import type { World } from '../../world/world.ts';
import { reasonOfAnotherMesh, reasonOnWindows, reasonToLeave } from '../waves/leave.ts';
import { restartMethod } from '../waves/restart-method.ts';

/** The label by which pods ask for ambient mode (https://istio.io/latest/docs/ambient/usage/add-workloads/). */
export const DATAPLANE_MODE = 'istio.io/dataplane-mode';

/**
 * Where a workload stands towards ztunnel. `never`: the node agent leaves such pods alone whatever their labels say.
 * `opted-out`: its template says so. `left`: the plan leaves it as it is.
 */
export type AmbientStanding =
  | { readonly kind: 'enrolled' }
  | { readonly kind: 'enrol'; readonly restart: RestartMethod }
  | { readonly kind: 'opted-out' | 'never' | 'left'; readonly reason: string };

/** Whether and how a workload can be enrolled in ambient mode, in the world as it is planned so far. */
export function ambientStanding(world: World, workload: Workload): AmbientStanding {
  const { template, namespace } = workload;
  if (!workload.live.known) return left(`its running pods are not known: ${workload.live.reason}`);
  if (template.hostNetwork)
    return { kind: 'never', reason: 'its pods use the host network, which ztunnel never takes' };
  const onWindows = reasonOnWindows(workload);
  if (onWindows !== undefined) return { kind: 'never', reason: onWindows };
  const planes = cohortsOf(workload).map((cohort) => dataPlaneOf(workload, cohort, world).dataPlane);
  if (planes.every(isBehindZtunnel)) return { kind: 'enrolled' };
  const taken = planes.flatMap((plane) => whyTaken(plane) ?? [])[0];
  if (taken !== undefined) return left(taken);
  if (template.labels[DATAPLANE_MODE] === 'none') {
    return { kind: 'opted-out', reason: `its template says ${DATAPLANE_MODE}: none` };
  }
  const reason = reasonToLeave(workload, 'the label') ?? reasonOfAnotherMesh(world, workload, 'istio');
  if (reason !== undefined) return left(reason);
  const enrolment = istio.enrolment(namespace, asksForAmbient(template), world);
  if (enrolment.decision !== 'ambient') return left(`labels would not put it behind ztunnel: ${enrolment.reason}`);
  return { kind: 'enrol', restart: restartMethod(world, workload) };
}

function left(reason: string): AmbientStanding {
  return { kind: 'left', reason };
}

function isBehindZtunnel({ mesh, mode, captured }: DataPlane): boolean {
  return mesh === 'istio' && mode === 'ambient' && captured.known && captured.value;
}

/** Whatever stands before the pods already; ambient mode gives way to every sidecar. */
function whyTaken({ mesh, mode, captured, reason }: DataPlane): string | undefined {
  if (mesh === 'none') return undefined;
  if (mesh !== 'istio') return `another mesh has a claim on it: ${reason}`;
  switch (mode) {
    case 'sidecar':
      return 'it has a sidecar of Istio, or its next pods get one, and a sidecar wins over ambient mode: to move it, take its injection label away first, as a change of its own';
    case 'gateway':
      return 'it is a gateway or waypoint of Istio, which is never put behind ztunnel';
    case 'proxyless':
      return 'it is in the mesh without a proxy, and stays so';
    case 'unknown':
      return `what stands before it is not known: ${reason}`;
    case 'ambient':
      return captured.known ? undefined : `whether ztunnel takes it is not known: ${captured.reason}`;
    case 'none':
      return undefined;
  }
}

function asksForAmbient(pod: PodShape): PodShape {
  return { ...pod, labels: { ...pod.labels, [DATAPLANE_MODE]: 'ambient' } };
}
