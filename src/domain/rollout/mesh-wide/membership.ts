import { CONTROLLER_KINDS, KIND } from '../../kubernetes/kinds.ts';
import { keyOf, refOf } from '../../kubernetes/object.ts';
import { controlPlanes } from '../../mesh/istio/control-plane.ts';
import { istio } from '../../mesh/istio/istio.ts';
import { detectProxy } from '../../mesh/istio/injection/detect-proxy.ts';
import { cohortsOf, type Cohort, type Workload } from '../../world/workload.ts';
import { workloadsOf } from '../../world/workloads-of.ts';
import type { World } from '../../world/world.ts';
import type { Obstacle } from '../plan.ts';

/**
 * What a policy for the whole mesh is to a workload: `member`, some of its pods stand behind a sidecar or ztunnel;
 * `gateway` and `waypoint`, its pods are proxies themselves; `outside`, Istio enforces nothing before them.
 */
export type Membership =
  { readonly kind: 'member' | 'gateway' | 'waypoint' | 'outside' } | { readonly kind: 'unknown'; readonly why: string };

/** A workload of the cluster with its membership. */
export interface Placed {
  readonly workload: Workload;
  readonly membership: Membership;
}

/** Every workload of the cluster with what a policy for the whole mesh is to it, sorted by namespace, kind and name. */
export function placedWorkloads(world: World): readonly Placed[] {
  return workloadsOf(world).map((workload) => ({ workload, membership: membershipOf(world, workload) }));
}

/** What was not read, and may hold a workload that a policy for the whole mesh covers. */
export function unreadWorkloads(world: World): readonly Obstacle[] {
  const gaps = [KIND.pod, ...CONTROLLER_KINDS].flatMap((kind) => {
    const { gap } = world.list(kind);
    return gap === undefined ? [] : [`${kind}: ${gap}`];
  });
  if (gaps.length === 0) return [];
  const what = `not every workload of the cluster was read, so some may be in none of the lists: ${gaps.join('; ')}`;
  return [{ kind: 'evidence', what, remedy: 'read the whole cluster, and plan again' }];
}

function membershipOf(world: World, workload: Workload): Membership {
  if (isPlannedControlPlane(world, workload)) return { kind: 'outside' };
  if (!workload.live.known) return { kind: 'unknown', why: `its running pods are not known: ${workload.live.reason}` };
  const found = cohortsOf(workload).map((cohort) => ofCohort(world, workload, cohort));
  for (const kind of ['unknown', 'member', 'gateway', 'waypoint'] as const) {
    const first = found.find((membership) => membership.kind === kind);
    if (first !== undefined) return first;
  }
  return { kind: 'outside' };
}

/** What a stage is expected to install has few of the chart's labels; the one that keeps sidecars out is not among them. */
function isPlannedControlPlane(world: World, { object }: Workload): boolean {
  if (object.origin.from === 'read') return false;
  const key = keyOf(refOf(object));
  return controlPlanes(world).some(({ ref }) => keyOf(ref) === key);
}

function ofCohort(world: World, workload: Workload, cohort: Cohort): Membership {
  const plane = istio.dataPlane(workload, cohort, world);
  switch (plane?.mode) {
    case undefined:
    case 'none':
      return { kind: 'outside' };
    case 'gateway':
      return { kind: detectProxy(cohort.pod).proxy === 'waypoint' ? 'waypoint' : 'gateway' };
    case 'sidecar':
    case 'ambient':
      if (!plane.captured.known) return { kind: 'unknown', why: plane.captured.reason };
      return { kind: plane.captured.value ? 'member' : 'outside' };
    case 'proxyless':
      return {
        kind: 'unknown',
        why: 'its pods speak to istiod without a proxy (gRPC), and what they enforce is not read',
      };
    case 'unknown':
      return { kind: 'unknown', why: plane.reason };
  }
}
