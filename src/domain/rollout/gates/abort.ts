import type { Slo } from '../choices.ts';
import type { Condition, StageKind } from '../plan.ts';
import type { Planning } from '../planning.ts';
import { quoted } from '../promql.ts';

/** Stages after which calls may fare otherwise than before. */
const CHANGING: ReadonlySet<StageKind> = new Set<StageKind>(['enrol', 'strict', 'allow', 'deny', 'default']);

/** Wide stages name no namespace each: their own conditions are enough, and nobody reads more. */
const MOST_NAMESPACES = 3;

/**
 * Adds to each stage that changes how calls fare what ends it within minutes, where the stage does not say the same
 * itself: failed requests, latency, restarts and pending pods against the day before, and the objectives that were set.
 */
export function addAborts({ stages, input }: Planning): void {
  for (const [index, stage] of stages.entries()) {
    const { namespaces } = stage.scope;
    const isOpen = stage.state !== 'done' && stage.state !== 'outline';
    if (!CHANGING.has(stage.kind) || !isOpen || namespaces.length > MOST_NAMESPACES) continue;
    const present = new Set(stage.abort.map(({ id }) => id));
    const wanted = namespaces.flatMap((namespace) => abortConditions(namespace, input.choices.slo));
    const more = wanted.filter(({ id }) => !present.has(id));
    if (more.length > 0) stages[index] = { ...stage, abort: [...stage.abort, ...more] };
  }
}

/** What ends a stage in a namespace, each with the sign that an operator sees and a command that shows it in a minute. */
export function abortConditions(namespace: string, slo: Slo): readonly Condition[] {
  return [
    errorsRise(namespace),
    latencyRises(namespace),
    restartsRise(namespace),
    podsPend(namespace),
    ...objectives(namespace, slo),
  ];
}

interface RequestsAt {
  readonly namespace: string;
  /** Further matchers, each with a comma before it. */
  readonly more?: string;
  /** As ` offset 1d`. */
  readonly offset?: string;
}

function requestRate({ namespace, more = '', offset = '' }: RequestsAt): string {
  return `sum(rate(istio_requests_total{destination_workload_namespace=${quoted(namespace)}${more}}[10m]${offset}))`;
}

function errorRatio(namespace: string, offset = ''): string {
  const failed = requestRate({ namespace, more: ',response_code=~"5..|0"', offset });
  return `(${failed} / ${requestRate({ namespace, offset })})`;
}

function p99(namespace: string, offset = ''): string {
  return `histogram_quantile(0.99, sum by (le) (rate(istio_request_duration_milliseconds_bucket{reporter=~"destination|waypoint",destination_workload_namespace=${quoted(namespace)}}[10m]${offset})))`;
}

function hasRequests(namespace: string): string {
  return `${requestRate({ namespace })} > 0`;
}

/** More errors than a day ago. A proxy that is new has no yesterday, which counts as none: the floor alone decides then. */
export function errorsRise(namespace: string): Condition {
  return {
    id: 'errors-rise',
    text: `The share of failed requests to ${namespace} in the last ten minutes is above 1 % and more than twice that of the same ten minutes one day before (none, where no proxy reported then). A 503 with UF or URX in the access log is a connection that failed, 403 with "RBAC: access denied" a policy, any other the application's own.`,
    command: ['kubectl', 'get', 'pods', '-n', namespace],
    promql: `(${errorRatio(namespace)} > 0.01) > 2 * ((${errorRatio(namespace, ' offset 1d')} > 0) or vector(0))`,
    proof: hasRequests(namespace),
    positiveEvidence: `istio_requests_total has samples for ${namespace} in the last ten minutes; where it has none, the application's own metrics tell`,
  };
}

function latencyRises(namespace: string): Condition {
  return {
    id: 'latency-rises',
    text: `The 99th percentile of requests to ${namespace} in the last ten minutes is above 50 ms and more than twice that of the day before, where a proxy reported then; where none did, compare with the recorded baseline. The access log shows whether the time passes in the proxy (DURATION against X-ENVOY-UPSTREAM-SERVICE-TIME).`,
    command: ['kubectl', 'top', 'pods', '-n', namespace, '--containers'],
    promql: `(${p99(namespace)} > 50) > 2 * (${p99(namespace, ' offset 1d')} > 0)`,
    proof: `(${p99(namespace)} >= 0) and (${p99(namespace, ' offset 1d')} > 0)`,
    positiveEvidence:
      'istio_request_duration_milliseconds has samples for the last ten minutes and for the same of the day before',
  };
}

function restartsRise(namespace: string): Condition {
  const restarts = (offset: string): string =>
    `sum(increase(kube_pod_container_status_restarts_total{namespace=${quoted(namespace)}}[10m]${offset}))`;
  return {
    id: 'restarts-rise',
    text: `Containers of ${namespace} restart: more than three times in ten minutes, and more than twice as often as in the same of the day before. "kubectl describe pod" names a probe (the mesh, if it began with the stage) or an exit code (the application).`,
    command: ['kubectl', 'get', 'events', '-n', namespace, '--field-selector=type=Warning'],
    promql: `(${restarts('')} > 3) > 2 * ((${restarts(' offset 1d')} > 0) or vector(0))`,
    proof: `count(kube_pod_container_status_restarts_total{namespace=${quoted(namespace)}})`,
    positiveEvidence: 'kube-state-metrics reports containers of the namespace',
  };
}

function podsPend(namespace: string): Condition {
  const pending = `kube_pod_status_phase{namespace=${quoted(namespace)},phase="Pending"}`;
  return {
    id: 'pods-pend',
    text: `Pods of ${namespace} stay pending for five minutes: their events name FailedScheduling (no room for the proxies), FailedCreate (the webhook or a quota) or FailedCreatePodSandBox (the agent of the node).`,
    command: ['kubectl', 'get', 'pods', '-n', namespace, '--field-selector=status.phase=Pending'],
    promql: `min_over_time((sum(${pending}))[5m:30s]) > 0`,
    proof: `count(${pending})`,
    positiveEvidence: 'kube-state-metrics reports pods of the namespace',
  };
}

/** What was set as objective counts whatever the day before was like. */
function objectives(namespace: string, { errorRatio: most, p99Milliseconds: slowest }: Slo): readonly Condition[] {
  const command = ['kubectl', 'get', 'pods', '-n', namespace];
  return [
    ...(most === undefined
      ? []
      : [
          {
            id: 'slo-errors',
            text: `More than ${String(Number((most * 100).toPrecision(6)))} % of the requests to ${namespace} failed in the last ten minutes, which is the objective.`,
            command,
            promql: `${errorRatio(namespace)} > ${String(most)}`,
            proof: hasRequests(namespace),
          },
        ]),
    ...(slowest === undefined
      ? []
      : [
          {
            id: 'slo-latency',
            text: `The 99th percentile of requests to ${namespace} was above ${String(slowest)} ms in the last ten minutes, which is the objective.`,
            command,
            promql: `${p99(namespace)} > ${String(slowest)}`,
            proof: `${p99(namespace)} >= 0`,
          },
        ]),
  ];
}
