import { WORKLOAD_KINDS } from '../kubernetes/kinds.ts';
import type { ObjectRef } from '../kubernetes/object.ts';
import type { WorkloadRef } from '../world/workload.ts';

/** The object that a workload is, as findings name it; its kind with the group that the kind has. */
export function workloadObject({ namespace, kind, name }: WorkloadRef): ObjectRef {
  const whole = WORKLOAD_KINDS.find((candidate) => candidate === kind || candidate.endsWith(`/${kind}`));
  return { kind: whole ?? kind, namespace, name };
}
