import { KIND } from '../../kubernetes/kinds.ts';
import { formatWorkload } from '../../world/workload.ts';
import { workloadsIn } from '../../world/workloads-of.ts';
import type { World } from '../../world/world.ts';
import type { Obstacle } from '../plan.ts';
import { toObstacle, tryNow, type Planning } from '../planning.ts';
import { policiesNaming, unreadPolicies } from './account-policies.ts';
import { accountsOf, type AccountSplit } from './account-splits.ts';
import { trustedBy } from './external-trust.ts';
import { useAccount } from './split-steps.ts';

/** A split that cannot go ahead, with what is in its way. */
export interface HeldSplit {
  readonly split: AccountSplit;
  readonly blockedBy: readonly Obstacle[];
}

/** Finds the splits that would lose a trust outside the cluster, cut a call, or slip past a policy. */
export function heldSplits(planning: Planning, splits: readonly AccountSplit[]): readonly HeldSplit[] {
  return splits.flatMap((split): readonly HeldSplit[] => {
    const blockedBy = [...unread(planning.world, split), ...trust(planning.world, split), ...policies(planning, split)];
    return blockedBy.length === 0 ? [] : [{ split, blockedBy }];
  });
}

function unread(world: World, { workload, from, account }: AccountSplit): readonly Obstacle[] {
  const { gap } = world.listIn(KIND.serviceAccount, workload.namespace);
  const why = account === undefined && gap !== undefined ? gap : workload.live.known ? undefined : workload.live.reason;
  if (why === undefined) return [];
  const what = `what ${formatWorkload(workload)} has by ServiceAccount ${from} is not known: ${why}`;
  return [{ kind: 'evidence', what, remedy: 'read the accounts and the pods, and plan again' }];
}

function trust(world: World, split: AccountSplit): readonly Obstacle[] {
  const { workload, from, to } = split;
  const { namespace } = workload;
  return trustedBy(world, split).map((who): Obstacle => ({
    kind: 'platform',
    what: `${formatWorkload(workload)}: ServiceAccount ${from} is trusted by ${who}, which is outside the cluster`,
    remedy: `register system:serviceaccount:${namespace}:${to} there beside system:serviceaccount:${namespace}:${from}, move the workload by hand, and plan again`,
  }));
}

function policies(planning: Planning, split: AccountSplit): readonly Obstacle[] {
  const { world } = planning;
  const { workload, from, to } = split;
  const gap = unreadPolicies(world);
  const old = policiesNaming(world, workload.namespace, from);
  const fresh = policiesNaming(world, workload.namespace, to);
  const { worse } = tryNow(planning, 'trial', useAccount(world, split));
  const slips = old.excluding.map(
    (policy) =>
      `${policy} tells ServiceAccount ${from} from others: under ${to} another rule would hold for ${formatWorkload(workload)}`,
  );
  const gains = [...fresh.admitting, ...fresh.excluding]
    .filter((policy) => !old.admitting.includes(policy))
    .map((policy) => `${policy} names ServiceAccount ${to} already, and would hold for ${formatWorkload(workload)}`);
  return [
    ...[...slips, ...gains].map((what): Obstacle => ({
      kind: 'object',
      what,
      remedy: 'write the policy for both accounts, and plan again',
    })),
    ...(gap === undefined
      ? []
      : [
          {
            kind: 'object' as const,
            what: `policies that name ${from} may be there: ${gap}`,
            remedy: 'read them, and plan again',
          },
        ]),
    ...worse.map(toObstacle),
  ];
}

/** What has to be registered where somebody trusts the shared account, one row a workload. */
export function principalsToRegister(held: readonly HeldSplit[]): readonly string[] {
  return held.map(({ split: { workload, from, to } }) => {
    const { namespace } = workload;
    return `${formatWorkload(workload)}: register system:serviceaccount:${namespace}:${to} (principal ns/${namespace}/sa/${to}) beside system:serviceaccount:${namespace}:${from}.`;
  });
}

/** Who gets in by the policies that name a shared account: everybody who holds it. */
export function admittedNotes(world: World, splits: readonly AccountSplit[]): readonly string[] {
  const accounts = new Map(splits.map((split) => [`${split.workload.namespace}/${split.from}`, split]));
  return [...accounts].flatMap(([name, { workload, from }]) => {
    const { admitting } = policiesNaming(world, workload.namespace, from);
    const holders = workloadsIn(world, workload.namespace).filter((each) => accountsOf(each).includes(from));
    return admitting.map(
      (policy) =>
        `${policy} names ServiceAccount ${name}, and so admits all who hold it today: ${holders.map(formatWorkload).join(', ')}.`,
    );
  });
}
