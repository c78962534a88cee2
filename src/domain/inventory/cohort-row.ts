import type { DataPlaneMode, Mesh } from '../mesh/mesh.ts';
import type { MeshId } from '../mesh/mesh-id.ts';
import { dataPlaneOf, MESHES, type ResolvedDataPlane } from '../mesh/registry.ts';
import type { Fact } from '../world/fact.ts';
import { cohortsOf, type Cohort, type Workload } from '../world/workload.ts';
import type { World } from '../world/world.ts';

export interface CohortRow {
  readonly id: string;
  readonly pods: number;
  readonly ready: number;
  /** Id of the mesh that has the pods, `none`, `contested`, or `unknown`. */
  readonly mesh: string;
  readonly mode: DataPlaneMode;
  readonly captured: Fact<boolean>;
  readonly version?: string;
  readonly revision?: string;
  readonly reason: string;
  /** The meshes that claim these pods, where several do; `mesh` is `contested` then. */
  readonly claimedBy?: readonly MeshId[];
}

/** A cohort with its data plane and the mesh that resolves it, looked up once for all that is asked of it. */
export interface ResolvedCohort extends ResolvedDataPlane {
  readonly cohort: Cohort;
  readonly row: CohortRow;
}

const IN_MESH: ReadonlySet<DataPlaneMode> = new Set<DataPlaneMode>(['sidecar', 'ambient', 'gateway', 'proxyless']);

/** Whether a data plane of this mode makes its pods part of a mesh. */
export function isInMesh(mode: DataPlaneMode): boolean {
  return IN_MESH.has(mode);
}

/** All cohorts of a workload with what stands between them and the network; the last is that of the next pods. */
export function resolveCohorts(workload: Workload, world: World): readonly ResolvedCohort[] {
  return cohortsOf(workload).map((cohort) => {
    const resolved = dataPlaneOf(workload, cohort, world);
    const isContested = resolved.dataPlane.mesh === 'contested' && cohort.unread === undefined;
    const claims = isContested ? claimsOn(workload, cohort, world) : [];
    return { ...resolved, cohort, row: cohortRow(cohort, resolved, claims) };
  });
}

function cohortRow(cohort: Cohort, { dataPlane }: ResolvedDataPlane, claims: readonly MeshId[]): CohortRow {
  const { mesh, mode, captured, version, revision, reason } = dataPlane;
  return {
    id: cohort.id,
    pods: cohort.pods,
    ready: cohort.ready,
    mesh: meshOf({ mesh, mode, claims }),
    mode,
    captured,
    reason,
    ...(version === undefined ? {} : { version }),
    ...(revision === undefined ? {} : { revision }),
    ...(claims.length > 1 ? { claimedBy: claims } : {}),
  };
}

interface Claimed {
  readonly mesh: string;
  readonly mode: DataPlaneMode;
  readonly claims: readonly MeshId[];
}

/** Where only one mesh surely has the pods, the others may have them; where none surely has, it is not known which does. */
function meshOf({ mesh, mode, claims: [only, second] }: Claimed): string {
  if (mode !== 'unknown') return mesh;
  if (only === undefined) return 'unknown';
  return second === undefined ? only : mesh;
}

/** The meshes that surely have, or will put, a proxy before the pods. */
function claimsOn(workload: Workload, cohort: Cohort, world: World): readonly MeshId[] {
  const claims = (mesh: Mesh): boolean => isInMesh(mesh.dataPlane(workload, cohort, world)?.mode ?? 'none');
  return MESHES.filter(claims).map(({ id }) => id);
}
