import { asNumber, asText, at } from '../../../lib/json.ts';
import { KIND } from '../../kubernetes/kinds.ts';
import type { RestartMethod } from '../../world/step.ts';
import { formatWorkload, type Workload } from '../../world/workload.ts';
import type { World } from '../../world/world.ts';

/** How the pods of a workload are made new, by what makes them. */
export function restartMethod(world: World, { kind, name, namespace, object }: Workload): RestartMethod {
  if (kind === 'CronJob') return 'next-run';
  if (kind === 'Pod' || kind === 'Job') return 'manual';
  const isCanary = world
    .listIn(KIND.canary, namespace)
    .objects.some(({ spec }) => at(spec, 'targetRef', 'name') === name && at(spec, 'targetRef', 'kind') === kind);
  if (isCanary) return 'flagger';
  if (kind === 'Rollout') return 'rollouts-restart';
  const isOnDelete = at(object.spec, 'updateStrategy', 'type') === 'OnDelete';
  return isOnDelete || kind === 'ReplicaSet' || kind === 'ReplicationController' ? 'delete-pods' : 'rollout-restart';
}

/** Pods that a rolling update may take away, and add, at once. */
interface Bounds {
  readonly away: number;
  readonly surge: number;
  /** As written, or as the API server fills it in. */
  readonly written: string;
}

/** How many pods may be away at once, as the workload's own strategy bounds it: `0 of 3 (maxUnavailable 25%)`. */
export function maxParallel(workload: Workload): string {
  if (isRecreated(workload)) return 'all pods at once (strategy Recreate)';
  const bounds = boundsOf(workload);
  if (bounds === undefined) return maxUnavailableOf(workload);
  const pods = workload.replicas.known ? ` of ${String(workload.replicas.value)}` : '';
  return `${String(bounds.away)}${pods} (${bounds.written})`;
}

function isRecreated({ object, kind }: Workload): boolean {
  return kind === 'Deployment' && at(object.spec, 'strategy', 'type') === 'Recreate';
}

function maxUnavailableOf({ object, kind }: Workload): string {
  const written = at(rollingOf(object.spec, kind), 'maxUnavailable');
  return amount(written) ?? (kind === 'Deployment' || kind === 'Rollout' ? '25%' : '1');
}

function rollingOf(spec: unknown, kind: string): unknown {
  if (kind === 'Rollout') return at(spec, 'strategy', 'canary');
  return at(spec, kind === 'Deployment' ? 'strategy' : 'updateStrategy', 'rollingUpdate');
}

function amount(value: unknown): string | undefined {
  const number = asNumber(value);
  return asText(value) ?? (number === undefined ? undefined : String(number));
}

/**
 * What the strategy allows, in pods; undefined where that is not counted here.
 * Source: https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#rolling-update-deployment (what may be
 * away is rounded down, what may be added up, and not both are zero).
 */
function boundsOf(workload: Workload): Bounds | undefined {
  const { kind, object, replicas } = workload;
  if (!replicas.known) return undefined;
  const written = maxUnavailableOf(workload);
  if (kind === 'StatefulSet' || kind === 'ReplicaSet' || kind === 'ReplicationController')
    return { away: Math.min(1, replicas.value), surge: 0, written: 'one after the other' };
  if (kind !== 'Deployment') return undefined;
  const surgeText = amount(at(rollingOf(object.spec, kind), 'maxSurge')) ?? '25%';
  const away = inPods(written, replicas.value, Math.floor);
  const surge = inPods(surgeText, replicas.value, Math.ceil);
  if (away === undefined || surge === undefined) return undefined;
  const least = away === 0 && surge === 0 ? 1 : away;
  return { away: Math.min(least, replicas.value), surge, written: `maxUnavailable ${written}, maxSurge ${surgeText}` };
}

function inPods(text: string, pods: number, round: (value: number) => number): number | undefined {
  const match = /^(\d+)(%?)$/.exec(text);
  if (match === null) return undefined;
  const number = Number(match[1]);
  return match[2] === '%' ? round((number * pods) / 100) : number;
}

/** What the restart of a workload does to its callers that a reader should know before, with the strategy that would do less. */
export function restartCautions(workload: Workload): readonly string[] {
  const { kind } = workload;
  if (kind === 'CronJob' || kind === 'Job' || kind === 'Pod') return [];
  const name = formatWorkload(workload);
  if (isRecreated(workload)) {
    return [
      `${name}: strategy Recreate takes all pods away before the first new one starts, so calls to it fail meanwhile. Proposed in its source: strategy RollingUpdate with maxUnavailable: 0 and maxSurge: 1 if two may run side by side; a maintenance window if they may not.`,
    ];
  }
  return [...awayCaution(workload, name), ...readinessCaution(workload, name)];
}

function awayCaution(workload: Workload, name: string): readonly string[] {
  const { kind, replicas } = workload;
  const bounds = boundsOf(workload);
  if (!replicas.known || replicas.value === 0 || bounds === undefined || bounds.away < replicas.value) return [];
  const pods = replicas.value === 1 ? 'its only pod is' : `all ${String(replicas.value)} pods are`;
  const proposal =
    kind === 'Deployment'
      ? 'Proposed in its source: maxUnavailable: 0 and maxSurge: 1.'
      : 'Proposed: a second replica if the application can have one, else a maintenance window.';
  return [
    `${name}: ${pods} away during the restart (${maxParallel(workload)}), so calls to it fail meanwhile. ${proposal}`,
  ];
}

/** Without a readiness probe a pod counts as ready as soon as its containers run, and the next one goes. */
function readinessCaution({ template, kind }: Workload, name: string): readonly string[] {
  const isAsked = template.containers.some(({ probes }) => probes.some(({ phase }) => phase === 'readiness'));
  if (isAsked || kind === 'DaemonSet') return [];
  return [
    `${name}: no container has a readiness probe, so the update goes on before a new pod serves. Proposed in its source: a readinessProbe, or minReadySeconds: 10 until it has one.`,
  ];
}
