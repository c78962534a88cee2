import { formatWorkload, type Workload } from '../../world/workload.ts';
import type { RestartMethod } from '../../world/step.ts';

/** From so many pods on, the first new ones are looked at before the others follow. Our own judgement. */
const MANY_PODS = 8;

/** What makes a workload big: its part of the counted traffic is more than a wave may touch, or it has many pods. */
export interface Size {
  readonly isOverShare: boolean;
  readonly method: RestartMethod | undefined;
}

/**
 * How the first new pods of a big workload are looked at before the others follow, as paragraphs; none where it is not
 * big. The template's label is all or nothing, so it is the update that stops half-way; every mix of old and new pods
 * was simulated.
 */
export function canaryNotes(workload: Workload, { isOverShare, method }: Size): readonly string[] {
  const pods = workload.replicas.known ? workload.replicas.value : 0;
  if (!isOverShare && pods < MANY_PODS) return [];
  const how = howToStop(workload, method, pods);
  return how === undefined
    ? []
    : [
        `${formatWorkload(workload)} first with a few pods: ${how} Go on only if for half an hour the abort conditions of this stage stay clear and the new pods take their part of the calls.`,
      ];
}

function howToStop(
  { kind, name, namespace }: Workload,
  method: RestartMethod | undefined,
  pods: number,
): string | undefined {
  if (method === 'flagger') return 'Flagger does this by its own analysis.';
  if (method === 'rollouts-restart') return 'the canary steps of the Rollout do this; see that it has a pause.';
  if (method === 'delete-pods') return 'delete one pod, and the others only afterwards.';
  if (method !== 'rollout-restart' || pods < 2) return undefined;
  const where = `${name} -n ${namespace}`;
  switch (kind) {
    case 'Deployment':
      return `apply its patch, run \`kubectl rollout pause deployment/${where}\` as soon as the first new pod is ready, and \`kubectl rollout resume deployment/${where}\` to go on. How many are new by then follows from maxSurge and maxUnavailable; minReadySeconds: 60 in its source leaves time to pause. While it is paused no other deploy of it gets through, and a rollback resumes it first.`;
    case 'StatefulSet':
      return `before its patch run \`kubectl patch statefulset ${where} --type merge -p '{"spec":{"updateStrategy":{"rollingUpdate":{"partition":${String(pods - 1)}}}}}'\`, so that only the last pod is made new, and set the partition back to 0 to go on.`;
    default:
      return undefined;
  }
}
