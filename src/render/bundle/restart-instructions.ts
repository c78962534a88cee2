import type { RestartMethod } from '../../domain/world/step.ts';
import { namespaceArgs, shellLine } from './commands.ts';

/** One workload whose pods are made new. */
export interface RestartTarget {
  readonly namespace?: string;
  /** Without its group. */
  readonly kind: string;
  readonly name: string;
  readonly method: RestartMethod;
  /** The same change edits its pod template, which rolls the pods by itself. */
  readonly rollsByPatch: boolean;
}

/** What to do to get new pods, in a sentence, and the command lines for it. */
export interface RestartInstruction {
  readonly text: string;
  readonly commands: readonly string[];
}

/** How to make the pods of a workload new by its own method. */
export function restartInstruction(target: RestartTarget): RestartInstruction {
  const where = namespaceArgs(target.namespace);
  const object = `${target.kind.toLowerCase()}/${target.name}`;
  switch (target.method) {
    case 'rollout-restart':
      return rolloutRestart(target, object);
    case 'rollouts-restart':
      return {
        text: 'Argo Rollouts makes the pods new, by the steps of the Rollout.',
        commands: [
          ...(target.rollsByPatch
            ? []
            : [shellLine(['kubectl', 'argo', 'rollouts', 'restart', target.name, ...where])]),
          shellLine(['kubectl', 'argo', 'rollouts', 'status', target.name, ...where]),
        ],
      };
    case 'flagger':
      return {
        text: 'Flagger starts its canary analysis when the pod template changes. Do not restart by hand; wait until the analysis has ended.',
        commands: [shellLine(['kubectl', 'get', 'canaries.flagger.app', ...where])],
      };
    case 'operator':
      return {
        text: 'Its operator owns the pods: let the operator restart them, in the way its manual says.',
        commands: [],
      };
    case 'delete-pods':
      return {
        text: 'The workload replaces a pod only when it is deleted. This deletes one pod, waits until all are ready again, then takes the next; it stops where one does not get ready.',
        commands: deletePods(target, object),
      };
    case 'next-run':
      return { text: 'The next run has the change. There is nothing to restart.', commands: [] };
    case 'manual':
      return { text: 'Nothing makes this pod again by itself: its owner has to create it anew.', commands: [] };
  }
}

/** Pods are chosen by their owner, because labels may be those of another workload too. */
function deletePods({ namespace, kind, name }: RestartTarget, object: string): readonly string[] {
  const where = namespaceArgs(namespace);
  const owned = `{{range .items}}{{$pod := .metadata.name}}{{range .metadata.ownerReferences}}{{if and (eq .kind ${JSON.stringify(kind)}) (eq .name ${JSON.stringify(name)})}}{{$pod}} {{end}}{{end}}{{end}}`;
  const [asked, ready] =
    kind === 'DaemonSet' ? ['status.desiredNumberScheduled', 'numberReady'] : ['spec.replicas', 'readyReplicas'];
  const count = shellLine(['kubectl', 'get', object, ...where, '--output', `jsonpath={.${asked}}`]);
  const wait = shellLine(['kubectl', 'wait', object, ...where, '--timeout=10m']);
  return [
    `for pod in $(${shellLine(['kubectl', 'get', 'pods', ...where, '--output', `go-template=${owned}`])}); do`,
    // The controller needs a moment to count the deleted pod out.
    `  ${shellLine(['kubectl', 'delete', 'pod', ...where])} "$pod" && sleep 10 &&`,
    `    ${wait} --for=jsonpath='{.status.${ready}}'="$(${count})" || break`,
    'done',
    shellLine(['kubectl', 'get', 'pods', ...where, '--output', 'wide']),
  ];
}

function rolloutRestart(target: RestartTarget, object: string): RestartInstruction {
  const where = namespaceArgs(target.namespace);
  const status = shellLine(['kubectl', 'rollout', 'status', object, ...where]);
  if (target.rollsByPatch) {
    return {
      text: 'The patch of the pod template rolls the pods by itself. Wait until that has ended.',
      commands: [status],
    };
  }
  return {
    text: 'Make the pods new and wait until that has ended.',
    commands: [shellLine(['kubectl', 'rollout', 'restart', object, ...where]), status],
  };
}
