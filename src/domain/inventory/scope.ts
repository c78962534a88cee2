import type { Call } from '../calls/call.ts';
import { findService, workloadsBehind } from '../calls/find-services.ts';
import { matchesSelector, type LabelSelector } from '../kubernetes/label-selector.ts';
import type { MtlsMode } from '../mesh/mesh.ts';
import { cohortsOf, formatWorkload, workloadRef, type Workload, type WorkloadRef } from '../world/workload.ts';
import type { World } from '../world/world.ts';
import type { EnrolmentState } from './enrolment-state.ts';
import type { WorkloadRow } from './workload-row.ts';

/** What a result is limited to; everything was read all the same. Nothing given limits nothing. */
export interface InventoryScope {
  readonly namespaces: readonly string[];
  /** Over the labels of pods, live or next. */
  readonly selector?: LabelSelector | undefined;
  /** Mesh ids, or `none`. */
  readonly meshes?: readonly string[];
  /** A workload counts where one of its ports has one of these modes. */
  readonly modes?: readonly MtlsMode[];
  readonly states?: readonly EnrolmentState[];
}

/** Whether more than namespaces limits the answer. */
export function limitsRows({ selector, meshes = [], modes = [], states = [] }: InventoryScope): boolean {
  return selector !== undefined || meshes.length > 0 || modes.length > 0 || states.length > 0;
}

/** Whether anything limits the answer. */
export function limitsAnything(scope: InventoryScope): boolean {
  return limitsRows(scope) || scope.namespaces.length > 0;
}

/** Whether the scope has the workload, so far as its name and labels tell. */
export function isInScope(workload: Workload, { namespaces, selector }: InventoryScope): boolean {
  if (namespaces.length > 0 && !namespaces.includes(workload.namespace)) return false;
  return selector === undefined || cohortsOf(workload).some(({ pod }) => matchesSelector(selector, pod.labels));
}

/** Whether the scope has the row, by what was found out about the workload. */
export function isRowInScope(row: WorkloadRow, { meshes = [], modes = [], states = [] }: InventoryScope): boolean {
  const { cohorts, next } = row.dataPlane;
  const rowMeshes = [...cohorts, next].flatMap(({ mesh, claimedBy }): readonly string[] => claimedBy ?? [mesh]);
  const rowModes = [row.mtls.mode, ...Object.values(row.mtls.ports).map(({ mode }) => mode)];
  return (
    (meshes.length === 0 || meshes.some((mesh) => isOfMesh(rowMeshes, mesh))) &&
    (modes.length === 0 || modes.some((mode) => rowModes.includes(mode))) &&
    (states.length === 0 || states.includes(row.state))
  );
}

/** `none` asks for workloads that no mesh has anything to do with. */
function isOfMesh(rowMeshes: readonly string[], mesh: string): boolean {
  return mesh === 'none' ? rowMeshes.every((each) => each === 'none') : rowMeshes.includes(mesh);
}

/** Whether a call begins or ends at one of the workloads; they are given as `namespace/kind/name`. */
export function callTouches(call: Call, shown: ReadonlySet<string>, world: World): boolean {
  if (call.from.kind === 'workload' && shown.has(formatWorkload(call.from.workload))) return true;
  return calledWorkloads(call, world).some((ref) => shown.has(formatWorkload(ref)));
}

/** The workloads that a call leads to, by address or through the selector of a Service. */
export function calledWorkloads({ to }: Call, world: World): readonly WorkloadRef[] {
  switch (to.kind) {
    case 'external-host':
      return [];
    case 'pod-port':
      return [to.workload];
    case 'service-port':
    case 'headless-instance': {
      const service = findService(world, to.namespace, to.service);
      return service === undefined ? [] : workloadsBehind(world, service).map(({ workload }) => workloadRef(workload));
    }
  }
}
