import { formatWorkload, type WorkloadRef } from '../../world/workload.ts';
import type { Condition } from '../plan.ts';
import { asPattern, counted, quoted, quotedOneOf, windowOf } from '../promql.ts';
import { proofOf, wasWatched } from '../gates/watched.ts';
import { converged } from '../istio/gates.ts';

/** What ztunnel counts of the connections that arrive; it knows no requests (https://istio.io/latest/docs/reference/config/metrics/). */
const OPENED = 'istio_tcp_connections_opened_total';
/** Connections that ztunnel refused or could not make; upstream does not call it stable yet. */
const FAILED = 'istio_tcp_connections_failed_total';

/** As for sidecars; ztunnel is a client of istiod like them. */
export function ambientConverged(): Condition {
  return {
    ...converged(),
    text: 'No proxy, no ztunnel and no waypoint rejects its configuration, and each of them is as new as the last change.',
    command: ['istioctl', 'proxy-status'],
  };
}

/** The node agent has put every pod of these workloads behind ztunnel. */
export function behindZtunnel(namespace: string, workloads: readonly WorkloadRef[]): Condition {
  return {
    id: 'behind-ztunnel',
    text: `Every pod of ${workloads.map(formatWorkload).join(', ')} stands behind ztunnel: its annotation ambient.istio.io/redirection says enabled.`,
    state: { check: 'enrolled', mesh: 'istio', mode: 'ambient', workloads },
    command: [
      ...['kubectl', 'get', 'pods', '-n', namespace, '-o'],
      String.raw`custom-columns=NAME:.metadata.name,ZTUNNEL:.metadata.annotations.ambient\.istio\.io/redirection`,
    ],
  };
}

/** Connections to the namespace that fail since its pods were taken. */
export function connectionsFail(namespace: string): Condition {
  const selector = `destination_workload_namespace=${quoted(namespace)}`;
  return {
    id: 'connections-fail',
    text: `Connections to ${namespace} fail that did not before: callers see resets or timeouts that do not end once they connected anew, and ztunnel logs the error with both ends. Latency and restarts are above the recorded baseline.`,
    command: tunnelLogs(),
    promql: counted(`${FAILED}{${selector}}`, '10m'),
    proof: wasWatched({ namespace, windowSeconds: 600, counting: 'ambient' }),
    positiveEvidence:
      'every ztunnel is scraped; the metric is not called stable upstream, so the log counts where it is missing',
  };
}

/** Other kinds of policies, which the plan neither reads nor extends. */
export function policiesBlock(namespace: string): Condition {
  return {
    id: 'other-policies',
    text: `No policy of the network plugin or of the platform (CiliumNetworkPolicy, Calico, AdminNetworkPolicy, security groups of pods) holds back TCP 15008 from and to pods of ${namespace}, or probes from 169.254.7.127.`,
  };
}

/** No connection without mutual TLS arrived at the workload in the window of that many seconds. */
export function noPlaintextAt(workload: WorkloadRef, windowSeconds: number): Condition {
  const window = windowOf(windowSeconds);
  const at = arrivingAt(workload);
  return {
    id: `no-plaintext-${workload.kind.toLowerCase()}-${workload.name}`,
    text: `${formatWorkload(workload)} saw mutual TLS only, in the whole window. A source that is unknown counts as an unknown caller and stops the stage: the log of ztunnel names its address.`,
    promql: `sum by (source_workload, source_workload_namespace, destination_workload) (${counted(`${OPENED}{${at},connection_security_policy!="mutual_tls"}`, window)}) > 0`,
    proof: proofOf({ namespace: workload.namespace, windowSeconds, counting: 'ambient' }, [workload.name]),
    positiveEvidence:
      'every ztunnel was scraped for at least 99 % of the window, none began anew in it, and the workload was called by mutual TLS: one that nobody is known to call has to be called once by somebody of the mesh',
  };
}

/** The metrics of ztunnel do not tell ports apart, so a workload with an excepted port is looked at in the log. */
export function noPlaintextByLog(workload: WorkloadRef, ports: readonly number[]): Condition {
  return {
    id: `no-plaintext-${workload.kind.toLowerCase()}-${workload.name}`,
    text: `${formatWorkload(workload)} has ports that keep taking plaintext (${ports.join(', ')}), and the metrics do not tell ports apart: read in the log of ztunnel, of all nodes and the whole window, that every inbound connection to another port of it has a src.identity.`,
    command: tunnelLogs('-1'),
    positiveEvidence: 'the log of ztunnel is kept, and goes back as far as the window',
  };
}

/** Who called the workload in the window and is named by no rule. */
export interface AdmittedCallers {
  /** As policies write them, without `spiffe://`. */
  readonly principals: readonly string[];
  /** Ports that admit callers without an identity. */
  readonly open: readonly number[];
}

/** Nobody but these called the workload in the window of that many seconds. */
export function onlyCallers(workload: WorkloadRef, admitted: AdmittedCallers, windowSeconds: number): Condition {
  const { principals, open } = admitted;
  const window = windowOf(windowSeconds);
  const at = arrivingAt(workload);
  const patterns = [
    ...principals.map((principal) => `(spiffe://)?${asPattern(principal)}`),
    ...(open.length > 0 ? ['unknown'] : []),
  ];
  const others = patterns.length === 0 ? at : `${at},source_principal!~${quoted(patterns.join('|'))}`;
  const whom = principals.length === 0 ? 'Nobody' : `Nobody but ${principals.join(', ')}`;
  const kept =
    open.length > 0 ? ` Callers without an identity are not counted: port ${open.join(', ')} is open to them.` : '';
  return {
    id: `callers-${workload.kind.toLowerCase()}-${workload.name}`,
    text: `${whom} called ${formatWorkload(workload)} in the window: whoever else did will be refused.${kept} The metrics do not tell ports apart: that each caller keeps to the ports of its rule is read from the log of ztunnel.`,
    promql: `sum by (source_principal, source_workload, destination_workload) (${counted(`${OPENED}{${others}}`, window)}) > 0`,
    proof: proofOf(
      { namespace: workload.namespace, windowSeconds, counting: 'ambient' },
      principals.length === 0 ? undefined : [workload.name],
    ),
    positiveEvidence:
      principals.length === 0
        ? 'every ztunnel was scraped for at least 99 % of the window, none began anew in it, and secured calls were counted in the namespace'
        : 'every ztunnel was scraped for at least 99 % of the window, none began anew in it, and secured calls to the workload were counted',
  };
}

/** What STRICT looks like where it hits a caller. */
export function ztunnelRefusesPlaintext(namespace: string): Condition {
  return {
    id: 'connections-reset',
    text: `Callers of ${namespace} see "connection reset by peer"; ztunnel logs "policy rejection" and istio_converted_static_strict (or the name of a PeerAuthentication).`,
    command: tunnelLogs(),
    ...refusedByPolicy(namespace),
  };
}

/** What authorization looks like where it hits a caller. */
export function ztunnelDenies(namespace: string): Condition {
  return {
    id: 'denied',
    text: `Callers of ${namespace} see connections that are reset as soon as they are open, never a 403; ztunnel logs "policy rejection: allow policies exist, but none matched" or the policy that denies, with the caller's identity.`,
    command: tunnelLogs(),
    ...refusedByPolicy(namespace),
  };
}

function refusedByPolicy(namespace: string): Pick<Condition, 'promql' | 'proof' | 'positiveEvidence'> {
  const selector = `reporter="destination",destination_workload_namespace=${quoted(namespace)},response_flags=~${quotedOneOf(['DENY'])}`;
  return {
    promql: counted(`${FAILED}{${selector}}`, '5m'),
    proof: wasWatched({ namespace, windowSeconds: 300, counting: 'ambient' }),
    positiveEvidence:
      'every ztunnel is scraped; the metric is not called stable upstream, so the log counts where it is missing',
  };
}

function arrivingAt({ namespace, name }: WorkloadRef): string {
  return `reporter="destination",destination_workload_namespace=${quoted(namespace)},destination_workload=${quoted(name)}`;
}

/** The command that prints what the ztunnels logged in five minutes; `-1` prints all that there is. */
export function tunnelLogs(lines: '200' | '-1' = '200'): readonly string[] {
  return [
    ...['kubectl', 'logs', '-n', 'istio-system', '-l', 'app=ztunnel', '--prefix'],
    ...(lines === '-1' ? [] : ['--since=5m']),
    `--tail=${lines}`,
  ];
}
