import { formatWorkload, type WorkloadRef } from '../world/workload.ts';
import type { Exception } from './plan.ts';

/** What stands in the owner's place of an exception until somebody puts a name there: `to be named (shop/Deployment/cart)`. */
export function ownerToBeNamed(workload: WorkloadRef): string {
  return `to be named (${formatWorkload(workload)})`;
}

/** The exceptions with those who answer for the namespaces as owners, where nobody else is named; by namespace. */
export function withOwners(
  exceptions: readonly Exception[],
  owners: Readonly<Record<string, string>>,
): readonly Exception[] {
  return exceptions.map((exception) => {
    const { workload, owner } = exception;
    if (owner !== ownerToBeNamed(workload) || !Object.hasOwn(owners, workload.namespace)) return exception;
    return { ...exception, owner: owners[workload.namespace] ?? owner };
  });
}
