import { compareBy } from '../../lib/order.ts';
import { derivedFrom } from '../world/derived.ts';
import { formatWorkload, type Workload } from '../world/workload.ts';
import { workloadsIn } from '../world/workloads-of.ts';
import type { World } from '../world/world.ts';
import { podsOf } from './find-workloads.ts';
import { holdersOf, type IdentityAccount } from './identity-holders.ts';

/** The accounts under which pods of a namespace run, live or next, sorted by name. */
export function accountsIn(world: World, namespace: string): readonly IdentityAccount[] {
  return derivedFrom(workloadsIn(world, namespace), accountNames).map((serviceAccount) => ({
    namespace,
    serviceAccount,
  }));
}

/** The accounts under which pods of the cluster run, sorted by namespace and name. */
export function accountsOf(world: World): readonly IdentityAccount[] {
  return world.namespaces().flatMap((namespace) => accountsIn(world, namespace));
}

/** The workloads whose pods run under one of the accounts, each once, sorted. */
export function holdersOfAll(world: World, accounts: readonly IdentityAccount[]): readonly Workload[] {
  const found = new Map(
    accounts.flatMap((account) => holdersOf(account, world)).map((each) => [formatWorkload(each), each]),
  );
  return [...found.values()].sort(compareBy(formatWorkload));
}

function accountNames(workloads: readonly Workload[]): readonly string[] {
  const names = workloads.flatMap((workload) => podsOf(workload).map((pod) => pod.serviceAccount));
  return [...new Set(names)].sort(compareBy((name) => name));
}
