import type { ServerEnd } from '../../../src/domain/mesh/mesh.ts';
import { cohortsOf } from '../../../src/domain/world/workload.ts';
import { findWorkload } from '../../../src/domain/world/workloads-of.ts';
import type { World } from '../../../src/domain/world/world.ts';

/** The end of a call at a bare pod that the case put into the world. */
export function podEnd(world: World, namespace: string, name: string): Omit<ServerEnd, 'port'> {
  const workload = findWorkload(world, { namespace, kind: 'Pod', name });
  const cohort = workload === undefined ? undefined : cohortsOf(workload)[0];
  if (workload === undefined || cohort === undefined)
    throw new Error(`the case's world lacks pod ${namespace}/${name}`);
  return { workload, cohort };
}
