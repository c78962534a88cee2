import { istio } from '../../mesh/istio/istio.ts';
import { cohortsOf, type Workload } from '../../world/workload.ts';
import type { World } from '../../world/world.ts';

/** Whether some pods of the workload take, or may take, nothing but mutual TLS at a container port. */
export function isClosed(world: World, workload: Workload, port: number): boolean {
  return cohortsOf(workload).some((cohort) => {
    const { mode } = istio.portMode({ workload, cohort, port }, world);
    return mode === 'strict' || mode === 'unknown';
  });
}
