import { asBoolean, asObjects, asText } from '../../../lib/json.ts';
import { KIND } from '../../kubernetes/kinds.ts';
import type { KubeObject } from '../../kubernetes/object.ts';
import type { ApplyStep, PatchStep, Step } from '../../world/step.ts';
import { workloadRef, type Workload } from '../../world/workload.ts';
import type { World } from '../../world/world.ts';
import { MANAGED_LABELS } from '../objects/generated-objects.ts';
import type { Restart } from '../plan.ts';
import { maxParallel, restartMethod } from '../waves/restart-method.ts';
import { whyPatch } from '../waves/wave-frame.ts';
import { objectRefOf } from '../workload-object.ts';
import type { AccountSplit } from './account-splits.ts';

/** By these a tool knows the objects of its own, and would take a copy for one of them and delete it. */
const TRACKING =
  /^(app\.kubernetes\.io\/(managed-by|instance|part-of)|helm\.sh\/.*|meta\.helm\.sh\/.*|argocd\.argoproj\.io\/.*|(kustomize|helm)\.toolkit\.fluxcd\.io\/.*|kubectl\.kubernetes\.io\/.*|kubernetes\.io\/.*|olm\..*)$/;

/** The account of a workload: what the shared one says, without the marks of the tool that owns it. */
export function newAccount({ workload, to, account }: AccountSplit): ApplyStep {
  const pull = asObjects(account?.['imagePullSecrets']).flatMap(({ name }) => {
    const text = asText(name);
    return text === undefined ? [] : [{ name: text }];
  });
  const mounts = asBoolean(account?.['automountServiceAccountToken']);
  const annotations = copied(account?.metadata.annotations);
  return {
    step: 'apply',
    manifest: {
      apiVersion: 'v1',
      kind: 'ServiceAccount',
      metadata: {
        name: to,
        namespace: workload.namespace,
        labels: { ...copied(account?.metadata.labels), ...MANAGED_LABELS },
        ...(Object.keys(annotations).length === 0 ? {} : { annotations }),
      },
      ...(pull.length === 0 ? {} : { imagePullSecrets: pull }),
      ...(mounts === undefined ? {} : { automountServiceAccountToken: mounts }),
    },
  };
}

/** A value that was not read stands there as an empty text, and is not written. */
function copied(from: Readonly<Record<string, string>> | undefined): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(from ?? {}).filter(([key, value]) => value !== '' && !TRACKING.test(key)));
}

/** Labels and annotations of the shared account that the new one does not get, by key. */
export function notCopied(account: KubeObject | undefined): readonly string[] {
  const { labels = {}, annotations = {} } = account?.metadata ?? {};
  return Object.entries({ ...labels, ...annotations })
    .filter(([key, value]) => value === '' || TRACKING.test(key))
    .map(([key]) => key);
}

/** The change of the template and the restart; a CronJob takes the new account at its next run. */
export function useAccount(world: World, { workload, from, to }: AccountSplit): readonly Step[] {
  const target = objectRefOf(workload);
  const template = { spec: { serviceAccountName: to } };
  const patch: PatchStep = {
    step: 'patch',
    target,
    patch: target.kind === KIND.cronJob ? { spec: { jobTemplate: { spec: { template } } } } : { spec: { template } },
    why: whyPatch(workload, `runs under an account of its own in the place of ${from}`),
  };
  if (workload.kind === 'CronJob') return [patch];
  return [patch, { step: 'restart', workload: target, method: restartMethod(world, workload) }];
}

/** How the pods of a split workload are made new. */
export function restartOf(world: World, workload: Workload): Restart {
  const isTimed = workload.kind === 'CronJob';
  return {
    workload: workloadRef(workload),
    method: isTimed ? 'next-run' : restartMethod(world, workload),
    after: [],
    maxParallel: maxParallel(workload),
    why: isTimed ? 'the next run has the new account' : 'the account of a pod is fixed when it is made',
  };
}
