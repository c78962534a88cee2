import { formatWorkload, type WorkloadRef } from '../world/workload.ts';

/** What stands in the owner's place of an exception until somebody puts a name there: `to be named (shop/Deployment/cart)`. */
export function ownerToBeNamed(workload: WorkloadRef): string {
  return `to be named (${formatWorkload(workload)})`;
}
