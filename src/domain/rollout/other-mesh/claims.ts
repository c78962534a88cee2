import type { Mesh, MeshState } from '../../mesh/mesh.ts';
import { MESHES } from '../../mesh/registry.ts';
import { cohortsOf, workloadRef, type Cohort, type Workload, type WorkloadRef } from '../../world/workload.ts';
import { workloadsIn } from '../../world/workloads-of.ts';
import type { World } from '../../world/world.ts';
import { COEXISTING_MESHES, type Choices, type CoexistingMesh } from '../choices.ts';
import { exclusionOf } from '../waves/exclusions.ts';
import { isOver, signOfAnotherMesh, type OwnMesh } from '../waves/leave.ts';

/** A workload that another mesh has, will have with its next pods, or may have. */
export interface Claim {
  readonly mesh: CoexistingMesh;
  readonly workload: WorkloadRef;
  readonly isSure: boolean;
  readonly why: string;
}

/** In which of them a mesh can take pods. */
const AT_WORK: ReadonlySet<MeshState> = new Set<MeshState>(['active', 'installed-unused', 'orphaned', 'external']);

/** What other meshes than the plan's claim in its namespaces, beside what people leave out of the plan anyhow. */
export function claimsOfOthers(
  world: World,
  own: OwnMesh,
  { namespaces, choices }: { readonly namespaces: readonly string[]; readonly choices: Choices },
): readonly Claim[] {
  const others = otherMeshes(own);
  const atWork = others.filter(({ mesh }) => mayBeAtWork(mesh, world));
  return namespaces
    .flatMap((namespace) => workloadsIn(world, namespace))
    .filter((workload) => !isOver(workload) && exclusionOf(choices, workload) === undefined)
    .flatMap((workload) => claimsOn({ world, own, others, atWork }, workload));
}

/** A mesh that is not the plan's, with the name by which people choose to plan beside it. */
export interface OtherMesh {
  readonly id: CoexistingMesh;
  readonly mesh: Mesh;
}

/** All meshes that take pods, but the plan's. */
export function otherMeshes(own: OwnMesh): readonly OtherMesh[] {
  return COEXISTING_MESHES.filter((id) => id !== own).flatMap((id) =>
    MESHES.filter((mesh) => mesh.id === id).map((mesh) => ({ id, mesh })),
  );
}

/** Where nothing was read that speaks of a mesh, every cluster may have it, and that is said once for the whole plan. */
function mayBeAtWork(mesh: Mesh, world: World): boolean {
  const { state, evidence } = mesh.detect(world);
  return AT_WORK.has(state) || (state === 'unknown' && evidence.some(({ object }) => object !== undefined));
}

interface Asked {
  readonly world: World;
  readonly own: OwnMesh;
  readonly others: readonly OtherMesh[];
  readonly atWork: readonly OtherMesh[];
}

function claimsOn({ world, own, others, atWork }: Asked, workload: Workload): readonly Claim[] {
  const ref = workloadRef(workload);
  const found = others.flatMap(({ id, mesh }): readonly Claim[] => {
    const planes = cohortsOf(workload).flatMap((cohort) => mesh.dataPlane(workload, cohort, world) ?? []);
    const sure = planes.find(({ mode }) => mode !== 'none' && mode !== 'unknown');
    if (sure !== undefined) return [{ mesh: id, workload: ref, isSure: true, why: sure.reason }];
    if (!atWork.some((each) => each.id === id)) return [];
    const why = planes.find(({ mode }) => mode === 'unknown')?.reason ?? unreadTemplate(workload);
    return why === undefined ? [] : [{ mesh: id, workload: ref, isSure: false, why }];
  });
  const sign = signOfAnotherMesh(world, workload, own);
  if (sign === undefined || found.some(({ mesh }) => mesh === sign.mesh)) return found;
  if (!sign.runs && isAbsent(sign.mesh, world)) return found;
  return [...found, { mesh: sign.mesh, workload: ref, isSure: sign.runs, why: sign.reason }];
}

/** A word to a mesh that is surely not there is left over: nobody hears it, and what it stands on stays out of the waves. */
function isAbsent(id: CoexistingMesh, world: World): boolean {
  return MESHES.some((mesh) => mesh.id === id && mesh.detect(world).state === 'absent');
}

/** What its next pods will look like nobody knows, so a mesh that is at work may take them. */
function unreadTemplate(workload: Workload): string | undefined {
  return cohortsOf(workload).find(({ unread }: Cohort) => unread !== undefined)?.unread;
}
