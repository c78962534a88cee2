/** A text as PromQL writes it between double quotes: JSON's escapes are Go's. */
export function quoted(text: string): string {
  return JSON.stringify(text);
}

/** A matcher's value for exactly these texts, as a quoted regular expression; Prometheus anchors it. */
export function quotedOneOf(texts: readonly string[]): string {
  return quoted(texts.map(asPattern).join('|'));
}

/** The text as a regular expression that matches nothing else. */
export function asPattern(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
}

/**
 * Counters that counted something in the window: growth where the series is older than the window, existence where it
 * is younger. A series that is born with its first call has no increase
 * (https://github.com/prometheus/prometheus/issues/1673), and an old one keeps what it counted before; `increase` takes
 * a counter that begins anew at zero into account, and does not see what was counted before the first sample in the
 * window, which the value at its beginning shows. Gives an expression in parentheses.
 */
export function counted(series: string, window: string): string {
  const most = `max_over_time(${series}[${window}])`;
  const before = `(${series} offset ${window})`;
  return `((increase(${series}[${window}]) > 0) or (${most} > ${before}) or ((${most} > 0) unless ${before}))`;
}

/**
 * The same for series of several names: functions over a range drop the name, and refuse series that then look alike;
 * so the name is kept as the label `metric`.
 */
export function countedByName(matchers: string, window: string): string {
  const range = `${named(matchers, '')}[${window}:1m]`;
  return `((increase(${range}) > 0) or ((max_over_time(${range}) > 0) unless ${named(matchers, ` offset ${window}`)}))`;
}

/** The rate by second of series of several names, each by itself, their names as the label `metric`. */
export function rateByName(matchers: string, window: string): string {
  return `rate(${named(matchers, '')}[${window}:1m])`;
}

function named(matchers: string, offset: string): string {
  return `label_replace({${matchers}}${offset}, "metric", "$1", "__name__", "(.+)")`;
}

/** A window of that many seconds as PromQL writes it. */
export function windowOf(seconds: number): string {
  return `${String(seconds)}s`;
}

/**
 * Envoy's counters of its RBAC filters, whatever their name: `envoy_http_inbound_0_0_0_0_8080_rbac`,
 * `envoy_http_rbac`, `envoy_tcp_rbac`. The results are labels, by the tags of Istio's bootstrap
 * (https://istio.io/latest/docs/tasks/security/authorization/authz-dry-run/, istio pkg/bootstrap/config.go).
 */
export const RBAC_COUNTERS = '__name__=~"envoy_.*_rbac"';
