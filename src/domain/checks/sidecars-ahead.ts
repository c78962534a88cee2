import { mayBeOf } from '../mesh/claims.ts';
import { dataPlaneOf } from '../mesh/registry.ts';
import type { DataPlane } from '../mesh/mesh.ts';
import { nativeSidecars } from '../mesh/istio/data-plane.ts';
import { known, unknown, type Fact } from '../world/fact.ts';
import { formatWorkload, type Workload, type WorkloadRef } from '../world/workload.ts';
import { workloadsIn } from '../world/workloads-of.ts';
import type { World } from '../world/world.ts';
import { whatIf } from './what-if.ts';

/** A workload with what will stand before its next pods once it is enrolled. */
export interface Enrolled {
  readonly workload: Workload;
  readonly dataPlane: DataPlane;
}

/** The workloads of a namespace whose next pods will have a sidecar of Istio, or of which that is not known. */
export function sidecarsAhead(world: World, namespace: string): readonly Enrolled[] {
  const { enrolled } = whatIf(world);
  return workloadsIn(enrolled, namespace).flatMap((workload) => {
    const { dataPlane } = dataPlaneOf(workload, workload.next, enrolled);
    const isSidecar = dataPlane.mode === 'sidecar' || dataPlane.mode === 'unknown';
    return isSidecar && mayBeOf('istio', dataPlane) ? [{ workload, dataPlane }] : [];
  });
}

/**
 * Whether the sidecar of the client's next pods runs before their init containers; known true for a client that gets
 * none, as there is nothing to wait for.
 */
export function startsWithSidecar(world: World, client: WorkloadRef): Fact<boolean> {
  const name = formatWorkload(client);
  const found = sidecarsAhead(world, client.namespace).find(({ workload }) => formatWorkload(workload) === name);
  if (found === undefined) return known(true);
  if (found.dataPlane.mesh !== 'istio') return unknown(found.dataPlane.reason);
  const { enrolled } = whatIf(world);
  return nativeSidecars(enrolled, found.dataPlane.revision ?? 'default', found.workload.next.pod);
}
