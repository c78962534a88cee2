import { KIND } from '../kubernetes/kinds.ts';
import { derivedFrom } from '../world/derived.ts';
import { besidePolicies } from '../world/object-world.ts';
import { oncePerCohort } from '../world/once-per-cohort.ts';
import type { Cohort, Workload } from '../world/workload.ts';
import type { PodShape } from '../world/pod-shape.ts';
import type { World } from '../world/world.ts';
import { admissionOrder } from './admission-order.ts';
import { appMesh } from './app-mesh/app-mesh.ts';
import { cilium } from './cilium/cilium.ts';
import { cloudServiceMesh } from './cloud-service-mesh/cloud-service-mesh.ts';
import { consul } from './consul/consul.ts';
import { contested, type Claim } from './contested.ts';
import { istio } from './istio/istio.ts';
import { kuma } from './kuma/kuma.ts';
import { linkerd } from './linkerd/linkerd.ts';
import type { Admission } from './admission.ts';
import type { DataPlane, Mesh } from './mesh.ts';
import { nginxServiceMesh } from './nginx-service-mesh/nginx-service-mesh.ts';
import { osm } from './osm/osm.ts';
import { smi } from './smi/smi.ts';
import { isStatic } from './static-pods.ts';
import { traefikMesh } from './traefik-mesh/traefik-mesh.ts';
import { nextOfUnread } from './unread-template.ts';
import { vpcLattice } from './vpc-lattice/vpc-lattice.ts';

/** All meshes that are recognised, in the order in which they are asked; of some only that they are there is known. */
export const MESHES: readonly Mesh[] = [
  istio,
  linkerd,
  consul,
  cilium,
  appMesh,
  kuma,
  osm,
  traefikMesh,
  nginxServiceMesh,
  cloudServiceMesh,
  vpcLattice,
  smi,
];

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

/** What stands between the cohort and the network; where several meshes claim it, that nobody can tell. */
export function dataPlaneOf(workload: Workload, cohort: Cohort, world: World): ResolvedDataPlane {
  return resolved(workload, cohort, world);
}

/** Policies have no part in it; where a template was not read, any object of a mesh that is there has. */
const resolved = oncePerCohort(resolve, (world: World, cohort) =>
  cohort.unread === undefined ? besidePolicies(world) : world,
);

function resolve(workload: Workload, asked: Cohort, world: World): ResolvedDataPlane {
  const unread = asked.unread === undefined ? undefined : nextOfUnread(asked.unread, derivedFrom(world, presentMesh));
  if (unread !== undefined) return unread;
  // Nothing is injected into static pods: the next one is what its file says, like the one that runs.
  const cohort: Cohort = isStatic(workload) ? { ...asked, state: 'live' } : asked;
  const claims = MESHES.flatMap((mesh): Claim[] => {
    const dataPlane = mesh.dataPlane(workload, cohort, world);
    return dataPlane === undefined ? [] : [{ mesh, dataPlane }];
  });
  const taking = claims.filter(({ dataPlane }) => dataPlane.mode !== 'none');
  const [first, ...others] = taking;
  if (first === undefined) return { mesh: undefined, dataPlane: claims[0]?.dataPlane ?? NO_DATA_PLANE };
  // Where no mesh surely takes the pods, the first reason why that is not known says it for all.
  const surely = taking.some(({ dataPlane }) => dataPlane.mode !== 'unknown');
  return others.length > 0 && surely ? contested([first, ...others]) : first;
}

/** One of the meshes that are here, or may be; undefined where all are known to be absent. */
function presentMesh(world: World): Mesh | undefined {
  return MESHES.find((mesh) => mesh.detect(world).state !== 'absent');
}

/**
 * What the admission of all meshes makes of a pod that is created now, each shown the pod as those before it left it.
 * Where more than one changes the pod, what comes of it is not known.
 */
export function admitPod(namespace: string, pod: PodShape, world: World): Admission {
  const order = derivedFrom(world.list(KIND.mutatingWebhook).objects, meshesInOrder);
  let current = pod;
  const injectors: string[] = [];
  const assumptions: string[] = [];
  for (const mesh of order) {
    const admission = mesh.admit(namespace, current, world);
    if (admission === undefined) continue;
    assumptions.push(...admission.assumptions);
    injectors.push(mesh.displayName);
    if (admission.pod === undefined) return { pod: undefined, assumptions };
    current = admission.pod;
  }
  if (injectors.length < 2) return { pod: current, assumptions };
  const both = `${injectors.join(' and ')} both take new pods in ${namespace}, and what comes of that is not known`;
  return { pod: undefined, assumptions: [...assumptions, both] };
}

function meshesInOrder(configurations: Parameters<typeof admissionOrder>[1]): readonly Mesh[] {
  return admissionOrder(MESHES, configurations);
}
