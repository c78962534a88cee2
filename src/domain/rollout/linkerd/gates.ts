import { KIND } from '../../kubernetes/kinds.ts';
import { PROXY_PORTS } from '../../mesh/linkerd/names.ts';
import { formatWorkload, type WorkloadRef } from '../../world/workload.ts';
import type { Condition } from '../plan.ts';
import { allOf, covered, exceptWhere } from '../gates/watched.ts';
import { counted, quoted, quotedOneOf, windowOf } from '../promql.ts';

/** Name of the scrape job of the proxies; the operator puts its namespace before it. */
export const PROXY_JOB = 'linkerd-proxy';

/** Name of the scrape job of the control plane. */
export const CONTROLLER_JOB = 'linkerd-controller';

/** The components without which proxies get neither certificates nor policy. */
export const COMPONENTS = ['linkerd-destination', 'linkerd-identity', 'linkerd-proxy-injector'] as const;

/** The control plane answers, and no proxy is older than it: without that, nothing that follows can be trusted. */
export function converged(namespace = 'linkerd'): Condition {
  return {
    id: 'converged',
    text: 'Every component of the control plane is available, linkerd check --proxy names no proxy that is older than the control plane, and the policy controller (container policy of linkerd-destination) logs no object that it could not read.',
    command: ['linkerd', 'check', '--proxy'],
    state: {
      check: 'available',
      objects: COMPONENTS.map((name) => ({ kind: KIND.deployment, namespace, name })),
    },
    promql: `up{job=~${quoted(`.*${CONTROLLER_JOB}`)}} == 0`,
    proof: `count(up{job=~${quoted(`.*${CONTROLLER_JOB}`)}} == 1) >= ${String(COMPONENTS.length)}`,
    positiveEvidence: 'the control plane is scraped: up is 1 for a pod of each of its components',
  };
}

/** All pods of these workloads carry a ready proxy. */
export function proxiesReady(namespace: string, workloads: readonly WorkloadRef[]): Condition {
  return {
    id: 'proxies-ready',
    text: `Every pod of ${workloads.map(formatWorkload).join(', ')} is new and has a ready linkerd-proxy. With failurePolicy Ignore a pod that was made while the injector could not be reached has none.`,
    command: ['linkerd', 'check', '--proxy', '--namespace', namespace],
    state: { check: 'enrolled', mesh: 'linkerd', mode: 'sidecar', workloads },
  };
}

/** More errors than a day ago. A proxy that is new has no yesterday, which counts as none: the floor alone decides then. */
export function errorsRise(namespace: string): Condition {
  const ratio = (offset: string): string => {
    const rate = (more: string): string =>
      `sum(rate(response_total{direction="inbound",namespace=${quoted(namespace)}${more}}[10m]${offset}))`;
    return `(${rate(',classification="failure"')} / ${rate('')})`;
  };
  return {
    id: 'errors-rise',
    text: `The share of failed requests to ${namespace} in the last ten minutes is above 1 % and more than twice that of the same ten minutes one day before (none, where no proxy reported then). Latency and restarts are above the recorded baseline.`,
    command: ['linkerd', 'viz', 'stat', 'deploy', '--namespace', namespace],
    promql: `(${ratio('')} > 0.01) > 2 * ((${ratio(' offset 1d')} > 0) or vector(0))`,
    positiveEvidence: `response_total has samples for ${namespace} in the last ten minutes; where it has none, the application's own metrics tell`,
  };
}

/** A container port as the proxies' metrics name it. */
export interface MeasuredPort {
  readonly workload: WorkloadRef;
  readonly port: number;
  /** Whether the kubelet probes it over plaintext HTTP, which opens connections of its own. */
  readonly isProbed: boolean;
}

const OWNER_LABELS: Readonly<Record<string, string>> = {
  Deployment: 'deployment',
  StatefulSet: 'statefulset',
  DaemonSet: 'daemonset',
  ReplicaSet: 'replicaset',
  Job: 'k8s_job',
};

/** The matchers for a workload's pods, by the labels that the scrape objects set. */
function ownerMatchers({ namespace, kind, name }: WorkloadRef): string {
  const label = OWNER_LABELS[kind];
  const owner = label === undefined ? `pod=~${quoted(`${name}-.+`)}` : `${label}=${quoted(name)}`;
  return `namespace=${quoted(namespace)},${owner}`;
}

interface Traffic {
  readonly http: string;
  readonly tcp: string;
}

/** Series of requests and of connections; probes are requests of their own route, and connections like any other. */
function arriving({ workload, port }: MeasuredPort, more: string): Traffic {
  const base = `direction="inbound",${ownerMatchers(workload)},target_port="${String(port)}",${more}`;
  return { http: `request_total{${base},route_name!="probe"}`, tcp: `tcp_open_total{${base},peer="src"}` };
}

/**
 * The proxies of the namespace were scraped for the whole window, none of them began anew in it, and mutual TLS was
 * counted at the port.
 */
function watched(measured: MeasuredPort, windowSeconds: number): string {
  const window = windowOf(windowSeconds);
  const { http, tcp } = arriving(measured, 'tls="true"');
  const { namespace } = measured.workload;
  const containers = `namespace=${quoted(namespace)},container="linkerd-proxy"`;
  const [main, init] = ['container', 'init_container'].map(
    (kind) => `(kube_pod_${kind}_status_running{${containers}} == 1)`,
  );
  const targets = {
    scraped: `count(up{job=~${quoted(`.*${PROXY_JOB}`)},namespace=${quoted(namespace)}} == 1)`,
    expected: `count(${main ?? ''} or ${init ?? ''})`,
    containers,
  };
  const restarts = ['kube_pod_container_status_restarts_total', 'kube_pod_init_container_status_restarts_total']
    .map((metric) => `(sum(increase(${metric}{${containers}}[${window}])) > 0)`)
    .join(' or ');
  const seen = `count(${counted(http, window)} or ${counted(tcp, window)}) > 0`;
  return exceptWhere(allOf(seen, covered(targets, windowSeconds)), restarts);
}

/** No plaintext arrived at the port in the window of that many seconds. */
export function noPlaintext(measured: MeasuredPort, windowSeconds: number): Condition {
  const window = windowOf(windowSeconds);
  const { http, tcp } = arriving(measured, 'tls!="true"');
  const series = measured.isProbed ? [http] : [http, tcp];
  const name = `${formatWorkload(measured.workload)} port ${String(measured.port)}`;
  const probes = measured.isProbed
    ? ' The kubelet probes the port over HTTP, so that connections are not counted: plaintext that is no HTTP is read from the access log.'
    : '';
  return {
    id: `no-plaintext-${measured.workload.name}-${String(measured.port)}`,
    text: `${name} saw mutual TLS only, in the whole window. Plaintext of an unknown source counts as an unknown caller and stops the stage.${probes}`,
    promql: series.map((one) => counted(one, window)).join(' or '),
    proof: watched(measured, windowSeconds),
    positiveEvidence: `the proxies of ${formatWorkload(measured.workload)} were scraped for at least 99 % of the window and did not restart in it, and mutual TLS was seen at port ${String(measured.port)} in it; a port that nobody called is called once on purpose`,
  };
}

/** Nobody but these identities called the port in the window: whoever else did will be refused. */
export function onlyCallers(measured: MeasuredPort, identities: readonly string[], windowSeconds: number): Condition {
  const window = windowOf(windowSeconds);
  const others = identities.length === 0 ? '' : `,client_id!~${quotedOneOf(identities)}`;
  const { http, tcp } = arriving(measured, `tls="true"${others}`);
  const whom = identities.length === 0 ? 'Nobody' : `Nobody but ${identities.join(', ')}`;
  return {
    id: `callers-${measured.workload.name}-${String(measured.port)}`,
    text: `${whom} called ${formatWorkload(measured.workload)} port ${String(measured.port)} in the window: whoever else did will be refused.`,
    promql: `sum by (client_id, srv_name, target_port) (${counted(http, window)} or ${counted(tcp, window)}) > 0`,
    proof: watched(measured, windowSeconds),
    positiveEvidence: `the proxies of ${formatWorkload(measured.workload)} were scraped for at least 99 % of the window, and each of the callers shows as client_id in it`,
  };
}

/** What a refusal looks like, of plaintext or of an identity that no policy names. */
export function refused(namespace: string): Condition {
  const series = (protocol: string): string =>
    counted(`inbound_${protocol}_authz_deny_total{namespace=${quoted(namespace)}}`, '5m');
  return {
    id: 'refused',
    text: "Callers see 403, for gRPC PERMISSION_DENIED, or TCP connections that close at once. A 403 for which no proxy counted a refusal is the application's own.",
    command: ['linkerd', 'viz', 'authz', '--namespace', namespace, 'deploy'],
    promql: `${series('http')} or ${series('tcp')}`,
    proof: `count(up{job=~${quoted(`.*${PROXY_JOB}`)},namespace=${quoted(namespace)}} == 1) > 0`,
    positiveEvidence: `the proxies of ${namespace} are scraped at port ${String(PROXY_PORTS.admin)}`,
  };
}

/** The scraper still gets in after a stage that closes ports: without it every later gate is blind. */
export function stillScraped(namespace: string): Condition {
  const up = `up{job=~${quoted(`.*${PROXY_JOB}`)},namespace=${quoted(namespace)}}`;
  return {
    id: 'still-scraped',
    text: `Every proxy of ${namespace} still answers its scraper at port ${String(PROXY_PORTS.admin)}.`,
    promql: `${up} == 0`,
    proof: `count(${up} == 1) > 0`,
    positiveEvidence: `up is 1 for every pod of ${namespace} that has a proxy`,
  };
}

/** The mode that the world says a workload's ports are in. */
export function portsAre(workload: WorkloadRef, ports: readonly number[], mode: 'strict' | 'permissive'): Condition {
  const listed = ports.map(String).join(', ');
  return {
    id: `mode-${workload.name}`,
    text: `${formatWorkload(workload)} port ${listed}: ${mode === 'strict' ? 'no client without a mesh identity is let in' : 'clients without a mesh identity are let in'}.`,
    state: { check: 'port-mode', workload, ports, mode },
  };
}
