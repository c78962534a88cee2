import { groupBy } from '../../lib/order.ts';
import { cohortsOf, type Workload } from '../world/workload.ts';
import { workloadsIn } from '../world/workloads-of.ts';
import type { World } from '../world/world.ts';
import { derivedFrom } from '../world/derived.ts';

/** The account that an identity is made of. */
export interface IdentityAccount {
  readonly namespace: string;
  readonly serviceAccount: string;
}

const SPIFFE = /^(?:spiffe:\/\/)?[^/]+\/ns\/([^/*]+)\/sa\/([^/*]+)$/;
const LINKERD = /^([^.*]+)\.([^.*]+)\.serviceaccount\.identity\./;

/**
 * The account behind an identity as Istio (`[spiffe://]DOMAIN/ns/NAMESPACE/sa/ACCOUNT`) or Linkerd
 * (`ACCOUNT.NAMESPACE.serviceaccount.identity.…`) writes it; undefined for anything else, patterns included.
 */
export function accountOf(identity: string): IdentityAccount | undefined {
  const [, namespace, serviceAccount] = SPIFFE.exec(identity) ?? [];
  if (namespace !== undefined && serviceAccount !== undefined) return { namespace, serviceAccount };
  const [, account, place] = LINKERD.exec(identity) ?? [];
  return account === undefined || place === undefined ? undefined : { namespace: place, serviceAccount: account };
}

/** The workloads of which a pod, live or next, runs under the account: whoever may be what the identity names. */
export function holdersOf({ namespace, serviceAccount }: IdentityAccount, world: World): readonly Workload[] {
  return derivedFrom(workloadsIn(world, namespace), byAccount).get(serviceAccount) ?? [];
}

function byAccount(workloads: readonly Workload[]): ReadonlyMap<string, readonly Workload[]> {
  const pairs = workloads.flatMap((workload) => accountsOf(workload).map((account) => ({ account, workload })));
  const groups = groupBy(pairs, ({ account }) => account);
  return new Map([...groups].map(([account, group]) => [account, group.map(({ workload }) => workload)]));
}

function accountsOf(workload: Workload): readonly string[] {
  return [...new Set([workload.template.serviceAccount, ...cohortsOf(workload).map(({ pod }) => pod.serviceAccount)])];
}
