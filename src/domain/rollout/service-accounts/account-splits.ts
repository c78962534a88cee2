import { compareText, groupBy } from '../../../lib/order.ts';
import { KIND } from '../../kubernetes/kinds.ts';
import type { KubeObject } from '../../kubernetes/object.ts';
import { cohortsOf, formatWorkload, type Workload } from '../../world/workload.ts';
import { workloadsIn } from '../../world/workloads-of.ts';
import type { World } from '../../world/world.ts';
import type { Choices } from '../choices.ts';
import { isOurs } from '../objects/generated-objects.ts';
import { exclusionOf } from '../waves/exclusions.ts';
import { reasonToLeave } from '../waves/leave.ts';

/** A workload that gets an account of its own. */
export interface AccountSplit {
  readonly workload: Workload;
  /** The account that it shares. */
  readonly from: string;
  /** The account that it gets. */
  readonly to: string;
  /** The shared account as it was read; undefined where the world holds none of that name. */
  readonly account: KubeObject | undefined;
}

/** What becomes of the workloads of a namespace that share an account. */
export interface NamespaceSplits {
  readonly splits: readonly AccountSplit[];
  /** Those that keep the shared account, each with the reason. */
  readonly keep: readonly { readonly workload: Workload; readonly why: string }[];
}

/**
 * Works out who of a namespace gets an account of its own: every workload that shares one, except the one that bears its
 * name, and those whose template no plan can change. A name that is taken gets the kind after it.
 */
export function accountSplits(world: World, choices: Choices, namespace: string): NamespaceSplits {
  const splits: AccountSplit[] = [];
  const keep: { workload: Workload; why: string }[] = [];
  const workloads = workloadsIn(world, namespace);
  const held = new Set(workloads.flatMap(accountsOf));
  const byAccount = [...groupBy(workloads, ({ serviceAccount }) => serviceAccount)].sort(([left], [right]) =>
    compareText(left, right),
  );
  for (const [from, sharing] of byAccount) {
    if (sharing.length < 2) continue;
    const account = world.get({ kind: KIND.serviceAccount, namespace, name: from });
    for (const workload of sharing) {
      const to = freeName(world, workload, held);
      const why =
        whyKeep(choices, workload) ?? (to === undefined ? 'the names that it could have are taken' : undefined);
      if (why !== undefined || to === undefined) keep.push({ workload, why: why ?? '' });
      else splits.push({ workload, from, to, account });
      if (to !== undefined) held.add(to);
    }
  }
  return { splits, keep };
}

function whyKeep(choices: Choices, workload: Workload): string | undefined {
  if (workload.name === workload.serviceAccount) return 'the account bears its name';
  return exclusionOf(choices, workload) ?? reasonToLeave(workload, 'spec.serviceAccountName');
}

/** An account that nobody holds and that is not there, or that an earlier plan made. */
function freeName(world: World, workload: Workload, held: ReadonlySet<string>): string | undefined {
  const { namespace, name, kind } = workload;
  return [name, `${name}-${kind.toLowerCase()}`].find((candidate) => {
    const existing = world.get({ kind: KIND.serviceAccount, namespace, name: candidate });
    return !held.has(candidate) && (existing === undefined || isOurs(existing));
  });
}

/** The accounts that pods of the workload run under, and those that its next pods will. */
export function accountsOf(workload: Workload): readonly string[] {
  return [...new Set([workload.serviceAccount, ...cohortsOf(workload).map(({ pod }) => pod.serviceAccount)])];
}

/** The splits as paragraphs, with the principals before and after. */
export function splitNotes({ splits, keep }: NamespaceSplits): readonly string[] {
  return [
    ...splits.map(
      ({ workload, from, to }) =>
        `${formatWorkload(workload)}: system:serviceaccount:${workload.namespace}:${from} becomes system:serviceaccount:${workload.namespace}:${to}, and its principal ns/${workload.namespace}/sa/${from} becomes ns/${workload.namespace}/sa/${to}.`,
    ),
    ...keep.map(
      ({ workload, why }) => `${formatWorkload(workload)} keeps ServiceAccount ${workload.serviceAccount}: ${why}.`,
    ),
  ];
}
