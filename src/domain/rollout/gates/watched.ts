import { quoted, quotedOneOf, windowOf } from '../promql.ts';

/** Which proxies count the calls of a namespace. */
export type Counting = 'sidecar' | 'ambient';

/** What a query looks back over, and whose proxies answer it. */
export interface Watch {
  readonly namespace: string;
  readonly windowSeconds: number;
  readonly counting: Counting;
}

/** A signal that every scraped target gives, and how many targets kube-state-metrics expects, as instant queries. */
export interface Targets {
  readonly scraped: string;
  readonly expected: string;
  /** Series that fall when a target's process begins anew. */
  readonly uptime?: string;
  /** Matchers of its containers in kube-state-metrics. */
  readonly containers: string;
}

const SHARE = '0.99';
const DAY = 86_400;

/** Steps of the subqueries: a day is looked at by the minute, more than that by five, which no series outlives unseen. */
function stepOf(windowSeconds: number): number {
  return windowSeconds <= DAY ? 60 : 300;
}

/**
 * An expression that has a value only where the proxies were scraped for at least 99 % of their time in the whole
 * window. How much that is says kube-state-metrics where it watched all the time; else it is as many as there were at
 * most, so that a scale-down in the window is unknown and not green. A target that is no longer scraped ends its series
 * at once, so that presence by steps tells.
 */
export function wasWatched(watch: Watch): string {
  return covered(targetsOf(watch), watch.windowSeconds);
}

/** The same for istiod: without it nobody can tell whether proxies reject what they are given. */
export function istiodWasWatched(windowSeconds: number): string {
  const deployments = 'kube_deployment_status_replicas_ready{deployment=~"istiod.*"}';
  const targets = { scraped: 'count(pilot_xds)', expected: `sum(${deployments})`, containers: 'container="discovery"' };
  return covered(targets, windowSeconds);
}

/** The value is the number of proxies of the watch that began anew in the window; nothing where none did. */
export function restarted(watch: Watch): string {
  const { uptime, containers } = targetsOf(watch);
  const range = `[${windowOf(watch.windowSeconds)}:${windowOf(stepOf(watch.windowSeconds))}]`;
  const counted = ['kube_pod_container_status_restarts_total', 'kube_pod_init_container_status_restarts_total'].map(
    (metric) => `sum(increase(${metric}{${containers}}${range}))`,
  );
  const parts = [...(uptime === undefined ? [] : [`sum(resets(${uptime}${range}))`]), ...counted];
  return parts.map((part) => `(${part} > 0)`).join(' or ');
}

/**
 * Workloads at which secured calls were counted in the window, by name: those whose counters are other than they were
 * when it began, or are younger. It looks at two moments and not at the whole range, which is cheap and never says more
 * than there was.
 */
export function securedAt({ namespace, windowSeconds }: Watch, names?: readonly string[]): string {
  const selector = [
    'reporter="destination"',
    `destination_workload_namespace=${quoted(namespace)}`,
    ...(names === undefined ? [] : [`destination_workload=~${quotedOneOf(names)}`]),
    'connection_security_policy="mutual_tls"',
  ].join(',');
  const window = windowOf(windowSeconds);
  const recent = `[${windowOf(Math.min(windowSeconds, 3600))}]`;
  const grown = ['istio_requests_total', 'istio_tcp_connections_opened_total'].map((metric) => {
    const series = `${metric}{${selector}}`;
    const now = `last_over_time(${series}${recent})`;
    return `(${now} != (${series} offset ${window})) or ((${now} > 0) unless (${series} offset ${window}))`;
  });
  return `count by (destination_workload) (${grown.join(' or ')})`;
}

/** One value where every condition has one; each is an expression of its own. */
export function allOf(first: string, ...more: readonly string[]): string {
  return [first, ...more.map((each) => `and on () (${each})`)].join(' ');
}

/** Nothing where the other expression has a value. */
export function exceptWhere(expression: string, not: string): string {
  return `(${expression}) unless on () (${not})`;
}

/** The proof that a gate over these workloads saw what it says; without names, that calls to the namespace are counted. */
export function proofOf(watch: Watch, names?: readonly string[]): string {
  const secured = securedAt(watch, names);
  const enough = names === undefined ? `count(${secured}) > 0` : `count(${secured}) == ${String(names.length)}`;
  return exceptWhere(allOf(enough, wasWatched(watch)), restarted(watch));
}

function targetsOf({ namespace, counting }: Watch): Targets {
  return counting === 'ambient' ? ZTUNNEL : sidecars(namespace);
}

/** Envoy's own statistics, which Istio always exposes. Source: istio pkg/bootstrap/config.go, prefix `server`. */
function sidecars(namespace: string): Targets {
  const uptime = `envoy_server_uptime{namespace=${quoted(namespace)}}`;
  const containers = `namespace=${quoted(namespace)},container="istio-proxy"`;
  return { scraped: `count(${uptime})`, expected: running(containers), uptime, containers };
}

/** Source: istio/ztunnel src/inpod/metrics.rs. */
const ZTUNNEL: Targets = {
  scraped: 'count(workload_manager_active_proxy_count)',
  expected: running('pod=~"ztunnel-.*",container="istio-proxy"'),
  containers: 'pod=~"ztunnel-.*",container="istio-proxy"',
};

/** A native sidecar is an init container for kube-state-metrics. */
function running(matchers: string): string {
  const [main, init] = ['container', 'init_container'].map(
    (kind) => `(kube_pod_${kind}_status_running{${matchers}} == 1)`,
  );
  return `count(${main ?? ''} or ${init ?? ''})`;
}

/** Has a value only where the targets were scraped for at least 99 % of their time in the whole window of that many seconds. */
export function covered({ scraped, expected }: Targets, windowSeconds: number): string {
  const step = stepOf(windowSeconds);
  const range = `[${windowOf(windowSeconds)}:${windowOf(step)}]`;
  const steps = String(Math.floor(windowSeconds / step));
  const always = (expression: string): string => `(count_over_time((${expression})${range}) >= ${SHARE} * ${steps})`;
  const known = `(sum_over_time((${expected})${range}) and ${always(expected)})`;
  const most = `(max_over_time((${scraped})${range}) * ${steps})`;
  return `(sum_over_time((${scraped})${range}) >= ${SHARE} * (${known} or ${most})) and ${always(scraped)}`;
}
