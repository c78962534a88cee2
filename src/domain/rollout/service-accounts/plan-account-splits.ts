import { formatWorkload, workloadRef } from '../../world/workload.ts';
import { KIND } from '../../kubernetes/kinds.ts';
import type { World } from '../../world/world.ts';
import { sortedUnique } from '../../../lib/order.ts';
import { needsStage } from '../obstacles/shared-obstacles.ts';
import { noPodsFail } from '../gates/any-mesh.ts';
import type { Condition, StageKind } from '../plan.ts';
import { addStage, holds, stateOf, tryNow, writeStage, type Planning } from '../planning.ts';
import type { StageParts } from '../stage-draft.ts';
import { restartCautions } from '../waves/restart-method.ts';
import { accountSplits, splitNotes, type AccountSplit } from './account-splits.ts';
import { planAccountCleanUp } from './clean-accounts.ts';
import { admittedNotes, heldSplits, principalsToRegister } from './held-splits.ts';
import { bindingNotes, unreadBindings, withNewSubjects } from './role-bindings.ts';
import { base, idOf, type Given } from './split-ids.ts';
import { newAccount, notCopied, restartOf, useAccount } from './split-steps.ts';

const SPLIT = 'split-accounts-';

/** Plans, where it is asked for, accounts of their own for the workloads that share one: stages of each namespace. */
export function planAccountSplits(planning: Planning, namespaces: readonly string[]): void {
  if (!planning.input.choices.splitServiceAccounts) return;
  for (const namespace of namespaces) planNamespace(planning, namespace);
}

const BY_IDENTITY: ReadonlySet<StageKind> = new Set<StageKind>(['shadow', 'allow', 'deny']);

/** Makes the stages whose rules name accounts wait for those that give workloads the accounts that the rules name. */
export function afterAccountSplits({ stages }: Planning): void {
  const splits = stages.filter(({ id, state }) => id.startsWith(SPLIT) && state === 'ready').map(({ id }) => id);
  if (splits.length === 0) return;
  for (const [index, stage] of stages.entries()) {
    if (!BY_IDENTITY.has(stage.kind) || stage.state === 'done') continue;
    stages[index] = { ...stage, dependsOn: [...stage.dependsOn, ...splits] };
  }
}

function planNamespace(planning: Planning, namespace: string): void {
  const { splits, keep } = accountSplits(planning.world, planning.input.choices, namespace);
  if (splits.length === 0) return;
  const held = heldSplits(planning, splits);
  const names = new Set(held.map(({ split }) => formatWorkload(split.workload)));
  const free = splits.filter(({ workload }) => !names.has(formatWorkload(workload)));
  if (held.length > 0) {
    addStage(
      planning,
      {
        ...base(namespace, 'held'),
        title: `Accounts of ${namespace} that others trust`,
        why: 'Somebody beside the cluster, or a policy, knows these workloads by the account that they share. It has to know the new one first.',
        scope: scopeOf(
          namespace,
          held.map(({ split }) => split),
        ),
        notes: principalsToRegister(held),
        blockedBy: held.flatMap(({ blockedBy }) => blockedBy),
      },
      'blocked',
    );
  }
  if (free.length === 0) return;
  const given = { namespace, splits: free, keep };
  prepare(planning, given);
  use(planning, given);
  planAccountCleanUp(planning, given);
}

function scopeOf(namespace: string, splits: readonly AccountSplit[]): StageParts['scope'] & object {
  return { namespaces: [namespace], workloads: splits.map(({ workload }) => workloadRef(workload)) };
}

/** The accounts and their rights come first: no pod can be made under an account that is not there. */
function prepare(planning: Planning, given: Given): void {
  const { namespace, splits } = given;
  const bindings = withNewSubjects(planning.world, splits);
  const accounts = splits
    .filter(({ workload, to }) => !isThere(planning.world, workload.namespace, to))
    .map(newAccount);
  const left = sortedUnique(splits.flatMap(({ account }) => notCopied(account)));
  const steps = [...accounts, ...bindings];
  const parts: StageParts = {
    ...base(namespace, 'prepare'),
    title: `Accounts for ${String(splits.length)} workloads of ${namespace}`,
    why: 'To a mesh, workloads that share an account are one: a rule that admits one of them admits all.',
    risk: 'The new accounts get the rights of the shared one, as every holder of it has them today.',
    doesNotChange: 'No pod restarts, and none runs under the new accounts yet.',
    scope: scopeOf(namespace, splits),
    notes: [
      ...splitNotes(given),
      ...bindingNotes(planning.world, bindings),
      ...(left.length === 0
        ? []
        : [
            `Not copied to the new accounts, because a tool would take them for its own or the value was not read: ${left.join(', ')}.`,
          ]),
    ],
    exitGate: [rightsCopied(planning, given)],
  };
  if (steps.length === 0) {
    addStage(planning, parts, 'done');
    return;
  }
  writeStage(planning, {
    parts,
    trial: tryNow(planning, idOf(namespace, 'prepare'), steps),
    state: 'ready',
    timeToEffect: 'seconds (nothing uses the accounts yet)',
    validWhile: `stage ${idOf(namespace, undefined)} is not applied, or is undone first`,
  });
}

/** An account that an earlier plan made; those of others are never taken. */
function isThere(world: World, namespace: string, name: string): boolean {
  return world.get({ kind: KIND.serviceAccount, namespace, name }) !== undefined;
}

/** Bindings that were not read may be there: then only a person can say that no right is lost. */
function rightsCopied({ world }: Planning, { namespace, splits }: Given): Condition {
  const accounts = splits.map(({ from, to }) => `${from} also names ${to}`);
  const gap = unreadBindings(world);
  const read =
    gap === undefined
      ? 'The stage patches those that were read.'
      : `They were not read (${gap}), so no patch of this stage is for them.`;
  return {
    id: 'rights-copied',
    text: `Every RoleBinding and ClusterRoleBinding that names an account of ${namespace} also names the one that takes its place: ${sortedUnique(accounts).join(', ')}. ${read} Bindings for the group system:serviceaccounts hold for new accounts by themselves.`,
    command: ['kubectl', 'get', 'rolebindings,clusterrolebindings', '-A', '-o', 'wide'],
  };
}

function use(planning: Planning, given: Given): void {
  const { world } = planning;
  const { namespace, splits } = given;
  const before = idOf(namespace, 'prepare');
  const running = splits.filter(({ workload }) => workload.kind !== 'CronJob');
  writeStage(planning, {
    parts: {
      ...base(namespace, undefined),
      dependsOn: [before],
      title: `Give ${String(splits.length)} workloads of ${namespace} an account of their own`,
      why: 'Rules for one of them shall admit that one alone. Before the mesh looks at identities nobody refuses the new ones.',
      risk: 'A right, or a trust outside the cluster, that hung on the shared account is lost with it: 403 from the API server or a cloud, ImagePullBackOff.',
      doesNotChange: 'Other workloads, and the shared account itself with all that is bound to it.',
      scope: scopeOf(namespace, splits),
      restarts: splits.map(({ workload }) => restartOf(world, workload)),
      notes: [
        ...splitNotes(given),
        ...admittedNotes(world, splits),
        ...splits.flatMap(({ workload }) => restartCautions(workload)),
      ],
      blockedBy: holds(stateOf(planning, before)) ? [] : [needsStage(before)],
      entryGate: [rightsCopied(planning, given), nobodyTrusts(given)],
      exitGate: running.map(usesAccount),
      abort: [noPodsFail()],
    },
    trial: tryNow(
      planning,
      idOf(namespace, undefined),
      splits.flatMap((split) => useAccount(world, split)),
    ),
    state: 'ready',
    timeToEffect: 'minutes (pods restart)',
    validWhile: `stage ${idOf(namespace, 'clean')} is not applied, or is undone first`,
    irreversible: ['open connections of the restarted pods end'],
  });
}

/** What meshwise cannot see: it reads no cloud and no Vault. */
function nobodyTrusts({ namespace, splits }: Given): Condition {
  const accounts = sortedUnique(splits.map(({ from }) => `system:serviceaccount:${namespace}:${from}`));
  return {
    id: 'nobody-trusts',
    text: `Nothing outside the cluster trusts ${accounts.join(', ')} for these workloads: no EKS Pod Identity association, no IAM principal of Google or Entra ID, no role of Vault, no entry of SPIRE or Consul, no SecurityContextConstraints of OpenShift; and no application compares callers' account names.`,
  };
}

function usesAccount({ workload, to }: AccountSplit): Condition {
  const name = `${workload.kind.toLowerCase()}/${workload.name}`;
  return {
    id: `account-${workload.kind.toLowerCase()}-${workload.name}`,
    text: `Every pod of ${formatWorkload(workload)} is new, ready, and runs under ${to}; its log shows no 401 and no 403 that it did not show before.`,
    command: ['kubectl', 'rollout', 'status', name, '-n', workload.namespace, '--timeout=10m'],
  };
}
