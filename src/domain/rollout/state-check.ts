import type { CheckStage } from '../checks/check.ts';
import type { Kind, ObjectRef } from '../kubernetes/object.ts';
import type { DataPlaneMode, MtlsMode } from '../mesh/mesh.ts';
import type { MeshId } from '../mesh/mesh-id.ts';
import type { WorkloadRef } from '../world/workload.ts';

/**
 * A condition that a world answers by itself. `enrolled`: every live pod of the workloads is in the data plane and
 * captured. `available`: the controllers have as many ready pods of their newest template as they ask for. `served`: the
 * API server knows the kinds. `port-mode`: the mode in force on the container ports. `holds`: the object is there with
 * these fields. `absent`: it is not. `no-blocker`: the checks of that stage find no blocker in the namespaces.
 * `unused-revision`: no live proxy is bound to the control plane of that revision.
 */
export type StateCheck =
  | {
      readonly check: 'enrolled';
      readonly mesh: MeshId;
      readonly mode: DataPlaneMode;
      readonly workloads: readonly WorkloadRef[];
    }
  | { readonly check: 'available'; readonly objects: readonly ObjectRef[]; readonly atLeast?: number }
  | { readonly check: 'served'; readonly kinds: readonly Kind[] }
  | {
      readonly check: 'port-mode';
      readonly workload: WorkloadRef;
      readonly ports: readonly number[];
      readonly mode: MtlsMode;
    }
  | { readonly check: 'holds'; readonly object: ObjectRef; readonly fields: Readonly<Record<string, unknown>> }
  | { readonly check: 'absent'; readonly object: ObjectRef }
  | { readonly check: 'no-blocker'; readonly stage: CheckStage; readonly namespaces: readonly string[] }
  | { readonly check: 'unused-revision'; readonly revision: string };
