import { formatWorkload, type WorkloadRef } from '../../world/workload.ts';
import type { Condition } from '../plan.ts';

/** istiod's configuration is accepted by every proxy: without that, nothing that follows can be trusted. */
export function converged(): Condition {
  return {
    id: 'converged',
    text: 'No proxy rejects its configuration, and every proxy is as new as the last change.',
    command: ['istioctl', 'proxy-status'],
    promql: 'sum(max_over_time(pilot_total_xds_rejects[10m])) > 0',
    positiveEvidence: 'pilot_xds has a value for every istiod replica over the last ten minutes',
  };
}

/** Pods that cannot start are the first sign of a webhook or an agent in trouble. */
export function noPodsFail(): Condition {
  return {
    id: 'pods-start',
    text: 'Pods fail to start or to be created anywhere in the cluster.',
    command: ['kubectl', 'get', 'events', '-A', '--field-selector=reason=FailedCreate'],
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

/** More errors than a day ago. A proxy that is new has no yesterday, which counts as none: the floor alone decides then. */
export function errorsRise(namespace: string): Condition {
  const ratio = (offset: string): string => {
    const rate = (more: string): string =>
      `sum(rate(istio_requests_total{destination_workload_namespace="${namespace}"${more}}[10m]${offset}))`;
    return `(${rate(',response_code=~"5..|0"')} / ${rate('')})`;
  };
  return {
    id: 'errors-rise',
    text: `The share of failed requests to ${namespace} in the last ten minutes is above 1 % and more than twice that of the same ten minutes one day before (none, where no proxy reported then). Latency and restarts are above the recorded baseline.`,
    command: ['kubectl', 'get', 'pods', '-n', namespace],
    promql: `(${ratio('')} > 0.01) > 2 * ((${ratio(' offset 1d')} > 0) or vector(0))`,
    positiveEvidence: `istio_requests_total has samples for ${namespace} in the last ten minutes; where it has none, the application's own metrics tell`,
  };
}

/**
 * No plaintext arrived at the namespace in the window. Tested by existence: a series that is born with one call has no
 * increase (https://github.com/prometheus/prometheus/issues/1673).
 */
export function noPlaintext(namespace: string, windowSeconds: number): Condition {
  const selector = `reporter="destination",destination_workload_namespace="${namespace}",connection_security_policy!="mutual_tls"`;
  const window = `${String(windowSeconds)}s`;
  const series = ['istio_requests_total', 'istio_tcp_connections_opened_total'].map(
    (metric) => `max_over_time(${metric}{${selector}}[${window}]) > 0`,
  );
  return {
    id: 'no-plaintext',
    text: `Every port of namespace ${namespace} that is not excepted saw mutual TLS only. Plaintext of an unknown source counts as an unknown caller and stops the stage.`,
    promql: `(${series.join(') or (')})`,
    positiveEvidence: `the proxies of ${namespace} were scraped for at least 99 % of the window, and each port shows connection_security_policy="mutual_tls" in it`,
  };
}

/** What STRICT looks like where it hits a caller. */
export function plaintextRefused(namespace: string): Condition {
  return {
    id: 'connections-reset',
    text: 'Callers see "connection reset by peer"; server proxies log NR filter_chain_not_found.',
    command: [
      'kubectl',
      'logs',
      '-n',
      namespace,
      '-l',
      'security.istio.io/tlsMode=istio',
      '-c',
      'istio-proxy',
      '--since=5m',
      '--tail=200',
    ],
  };
}

/** What authorization looks like where it hits a caller. */
export function denied(namespace: string): Condition {
  const selector = `destination_workload_namespace="${namespace}",response_code="403"`;
  return {
    id: 'denied',
    text: 'Callers see 403 "RBAC: access denied", or TCP connections that close at once.',
    command: [
      'kubectl',
      'logs',
      '-n',
      namespace,
      '-l',
      'security.istio.io/tlsMode=istio',
      '-c',
      'istio-proxy',
      '--since=5m',
      '--tail=200',
    ],
    promql: `sum(rate(istio_requests_total{${selector}}[5m])) > 0`,
  };
}

/** Nothing that the dry-run policies would refuse was seen. */
export function shadowClean(namespace: string, windowSeconds: number): Condition {
  const window = `${String(windowSeconds)}s`;
  const selector = `namespace="${namespace}"`;
  return {
    id: 'shadow-clean',
    text: 'The dry-run policies would have refused nobody in the window; each refusal is named from the access log.',
    promql: `max_over_time({__name__=~"envoy_.*rbac.*shadow_denied",${selector}}[${window}]) > 0`,
    positiveEvidence: 'the shadow_allowed counterparts grow: without them the policies were not evaluated at all',
  };
}

/** What stands in the place of queries where nothing measures. */
export const MANUAL_GATES =
  'No Prometheus was found in the cluster: the queries of the gates have nobody to answer them. The gates are manual, and none of them is green by itself.';
