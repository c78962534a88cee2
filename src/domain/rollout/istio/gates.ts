import { formatWorkload, type WorkloadRef } from '../../world/workload.ts';
import { istiodWasWatched, proofOf, wasWatched, type Counting } from '../gates/watched.ts';
import type { Condition } from '../plan.ts';
import { counted, countedByName, quoted, quotedOneOf, RBAC_COUNTERS, windowOf } from '../promql.ts';

/** Rejected configuration shows at once; ten minutes leave time for every proxy to be pushed to. */
const CONVERGENCE_SECONDS = 600;

/** istiod's configuration is accepted by every proxy: without that, nothing that follows can be trusted. */
export function converged(): Condition {
  return {
    id: 'converged',
    text: 'No proxy rejects its configuration, and every proxy is as new as the last change.',
    command: ['istioctl', 'proxy-status'],
    promql: counted('pilot_total_xds_rejects', windowOf(CONVERGENCE_SECONDS)),
    proof: istiodWasWatched(CONVERGENCE_SECONDS),
    positiveEvidence:
      'istiod is scraped: pilot_xds has a value for every replica over the last ten minutes, none of which restarted in them',
  };
}

/** All pods of these workloads carry a ready proxy. */
export function proxiesReady(namespace: string, workloads: readonly WorkloadRef[]): Condition {
  return {
    id: 'proxies-ready',
    text: `Every pod of ${workloads.map(formatWorkload).join(', ')} is new and has a ready istio-proxy.`,
    command: ['istioctl', 'proxy-status', '--namespace', namespace],
  };
}

/** What a gate of a namespace looks at. */
export interface GateScope {
  /** Names of workloads; all of the namespace if absent. */
  readonly names?: readonly string[];
  /** Whose proxies count; sidecars if absent. */
  readonly counting?: Counting;
}

/** No plaintext arrived at the workloads in the window of that many seconds. */
export function noPlaintext(namespace: string, windowSeconds: number, scope: GateScope = {}): Condition {
  const { names, counting = 'sidecar' } = scope;
  const selector = [
    'reporter="destination"',
    `destination_workload_namespace=${quoted(namespace)}`,
    ...(names === undefined ? [] : [`destination_workload=~${quotedOneOf(names)}`]),
    'connection_security_policy!="mutual_tls"',
  ].join(',');
  const series = TRAFFIC.map((metric) => counted(`${metric}{${selector}}`, windowOf(windowSeconds)));
  const whom = names === undefined ? `namespace ${namespace}` : `${names.join(', ')} in namespace ${namespace}`;
  return {
    id: 'no-plaintext',
    text: `Every port of ${whom} saw mutual TLS only, in the whole window. Plaintext of an unknown source counts as an unknown caller and stops the stage.`,
    promql: series.join(' or '),
    proof: proofOf({ namespace, windowSeconds, counting }, names),
    positiveEvidence: `the proxies ${counting === 'ambient' ? 'of the nodes' : `of ${namespace}`} were scraped for at least 99 % of the window, none restarted in it, and each workload shows connection_security_policy="mutual_tls" in it`,
  };
}

/** What Istio counts of the calls that arrive: requests, and connections where it knows no requests. */
export const TRAFFIC = ['istio_requests_total', 'istio_tcp_connections_opened_total'] as const;

/** What STRICT looks like where it hits a caller. */
export function plaintextRefused(namespace: string): Condition {
  return {
    id: 'connections-reset',
    text: 'Callers see "connection reset by peer"; server proxies log NR filter_chain_not_found.',
    command: proxyLogs(namespace),
  };
}

/** What authorization looks like where it hits a caller. */
export function denied(namespace: string): Condition {
  const selector = `reporter="destination",destination_workload_namespace=${quoted(namespace)},response_code="403"`;
  const refused = `${RBAC_COUNTERS},namespace=${quoted(namespace)},authz_enforce_result="denied"`;
  return {
    id: 'denied',
    text: 'Callers see 403 "RBAC: access denied", or TCP connections that close at once: the log names rbac_access_denied. A 403 without it is the application\'s own.',
    command: proxyLogs(namespace),
    promql: `${counted(`istio_requests_total{${selector}}`, '5m')} or ${countedByName(refused, '5m')}`,
    proof: wasWatched({ namespace, windowSeconds: 300, counting: 'sidecar' }),
    positiveEvidence: `the proxies of ${namespace} are scraped, with the labels namespace and pod; where they are not, TCP refusals show in the log only`,
  };
}

/** Nothing that the dry-run policies would refuse was seen in the window of that many seconds. */
export function shadowClean(namespace: string, windowSeconds: number): Condition {
  const selector = `${RBAC_COUNTERS},namespace=${quoted(namespace)},authz_dry_run_action="allow"`;
  return {
    id: 'shadow-clean',
    text: 'The dry-run policies would have refused nobody in the window. The counters do not name the caller; the proxy does, at log level rbac:debug. Istio calls dry run experimental: a person reads this gate.',
    promql: countedByName(`${selector},authz_dry_run_result="denied"`, windowOf(windowSeconds)),
    positiveEvidence: `{${selector},authz_dry_run_result="allowed"} > 0 has a pod of every workload that has a dry-run policy: without it the policies were not evaluated, or the pods not scraped with the labels namespace and pod`,
  };
}

/** The command that prints the last lines that the proxies of a namespace logged in five minutes; `-1` prints all that there is. */
export function proxyLogs(namespace: string, lines: '200' | '-1' = '200'): readonly string[] {
  return [
    ...['kubectl', 'logs', '-n', namespace, '-l', 'security.istio.io/tlsMode=istio'],
    ...['-c', 'istio-proxy', ...(lines === '-1' ? [] : ['--since=5m']), `--tail=${lines}`],
  ];
}
