import { sortedUnique } from '../../../lib/order.ts';
import { formatWorkload } from '../../world/workload.ts';
import { workloadsIn } from '../../world/workloads-of.ts';
import { needsStage } from '../obstacles/shared-obstacles.ts';
import type { Condition } from '../plan.ts';
import { addStage, holds, stateOf, tryNow, writeStage, type Planning } from '../planning.ts';
import type { StageParts } from '../stage-draft.ts';
import { accountsOf } from './account-splits.ts';
import { bindingNotes, unreadBindings, withoutOldSubjects } from './role-bindings.ts';
import { base, idOf, type Given } from './split-ids.ts';

/** Plans what takes the shared account out of the bindings once nobody holds it. */
export function planAccountCleanUp(planning: Planning, { namespace, splits }: Given): void {
  const before = idOf(namespace, undefined);
  const holders = workloadsIn(planning.world, namespace);
  const olds = sortedUnique(splits.map(({ from }) => from));
  const heldBy = (account: string): readonly string[] =>
    holders.filter((workload) => accountsOf(workload).includes(account)).map(formatWorkload);
  const empty = olds.filter((account) => account !== 'default' && heldBy(account).length === 0);
  const steps = withoutOldSubjects(
    planning.world,
    empty.map((name) => ({ namespace, name })),
  );
  const gap = unreadBindings(planning.world);
  const parts: StageParts = {
    ...base(namespace, 'clean'),
    dependsOn: [before],
    title: `What the shared accounts of ${namespace} no longer need`,
    why: 'A right that nobody uses waits for whoever takes the account next.',
    risk: 'A pod that still runs under a shared account loses what it may do.',
    doesNotChange: 'The accounts stay: delete them in their source, later.',
    scope: { namespaces: [namespace], workloads: [] },
    notes: [
      ...olds
        .filter((account) => heldBy(account).length > 0)
        .map(
          (account) =>
            `ServiceAccount ${namespace}/${account} keeps its bindings: ${heldBy(account).join(', ')} ${heldBy(account).length === 1 ? 'holds' : 'hold'} it.`,
        ),
      ...(olds.includes('default') ? [DEFAULT] : []),
      ...bindingNotes(planning.world, steps),
      ...(gap === undefined
        ? []
        : [
            `Bindings were not read (${gap}): who names ${empty.length === 0 ? 'these accounts' : empty.join(', ')} is to be looked up and taken out by hand.`,
          ]),
    ],
    entryGate: [nobodyHolds(namespace, empty)],
  };
  if (!holds(stateOf(planning, before))) addStage(planning, { ...parts, blockedBy: [needsStage(before)] }, 'outline');
  else if (steps.length === 0) addStage(planning, parts, 'ready');
  else {
    writeStage(planning, {
      parts,
      trial: tryNow(planning, idOf(namespace, 'clean'), steps),
      state: 'ready',
      timeToEffect: 'seconds',
      validWhile: 'always: it gives back what was taken',
    });
  }
}

const DEFAULT =
  'The account default keeps its bindings, because every pod that names no account runs under it; take rights from it once no such pod is left.';

function nobodyHolds(namespace: string, accounts: readonly string[]): Condition {
  return {
    id: 'nobody-holds',
    text: `No pod of ${namespace} runs under ${accounts.length === 0 ? 'an account whose bindings are to be cut' : accounts.join(', ')}, jobs and pods of operators included, through one release of every workload.`,
    command: [
      'kubectl',
      'get',
      'pods',
      '-n',
      namespace,
      '-o',
      'custom-columns=NAME:.metadata.name,ACCOUNT:.spec.serviceAccountName',
    ],
  };
}
