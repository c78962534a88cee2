import type { Cohort, Workload } from '../world/workload.ts';
import type { PodShape } from '../world/pod-shape.ts';
import type { World } from '../world/world.ts';
import { istio } from './istio/istio.ts';
import type { Admission, DataPlane, Mesh } from './mesh.ts';

/** The meshes whose rules are resolved, in the order in which they are asked. */
export const MESHES: readonly Mesh[] = [istio];

/** A cohort's data plane, with the mesh that resolves it; no mesh where the pods stand on the network as they are. */
export interface ResolvedDataPlane {
  readonly mesh: Mesh | undefined;
  readonly dataPlane: DataPlane;
}

const NO_DATA_PLANE: DataPlane = {
  mesh: 'none',
  mode: 'none',
  captured: { known: true, value: false },
  native: false,
  reason: 'no mesh takes these pods',
};

/** What stands between the cohort and the network, by the first mesh that claims it. */
export function dataPlaneOf(workload: Workload, cohort: Cohort, world: World): ResolvedDataPlane {
  for (const mesh of MESHES) {
    const dataPlane = mesh.dataPlane(workload, cohort, world);
    if (dataPlane !== undefined) return { mesh: dataPlane.mode === 'none' ? undefined : mesh, dataPlane };
  }
  return { mesh: undefined, dataPlane: NO_DATA_PLANE };
}

/** What the admission of all meshes makes of a pod that is created now. */
export function admitPod(namespace: string, pod: PodShape, world: World): Admission {
  let current = pod;
  const assumptions: string[] = [];
  for (const mesh of MESHES) {
    const admission = mesh.admit(namespace, current, world);
    if (admission === undefined) continue;
    assumptions.push(...admission.assumptions);
    if (admission.pod === undefined) return { pod: undefined, assumptions };
    current = admission.pod;
  }
  return { pod: current, assumptions };
}
