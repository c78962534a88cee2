import type { MetricAnswer } from '../../domain/rollout/verify/metric-answers.ts';
import { compareText } from '../../lib/order.ts';
import { prometheusServer, type PrometheusAccess } from './prometheus-route.ts';
import { instantQuery, withoutSecrets, type VectorElement } from './query-api.ts';

/** How to ask one server. */
export interface GateOptions extends PrometheusAccess {
  /** RFC 3339, the moment to ask about; the server's own now if it is not given. */
  readonly at?: string | undefined;
}

const MOST_ROWS = 100;
/** Remarks on how a query is written say nothing of what was seen (prometheus util/annotations/annotations.go). */
const ABOUT_THE_QUERY = /^PromQL info/;

/**
 * What a server says to a gate's query now. Whatever goes wrong is said in the answer; only what the user has to mend in
 * the options, and the user's cancelling, throws. A server that warns did not see all, so its silence proves nothing.
 */
export async function askGate(options: GateOptions, query: string): Promise<MetricAnswer> {
  const server = prometheusServer(options);
  const source = `prometheus ${server.host}`;
  try {
    const answer = await instantQuery(server, query, secondsOf(options.at));
    if ('failed' in answer) return { source, failed: answer.failed };
    const [warning] = answer.warnings.filter((text) => !ABOUT_THE_QUERY.test(text));
    if (answer.vector.length === 0 && warning !== undefined) {
      return { source, failed: `it warns: ${withoutSecrets(warning, server)}` };
    }
    const clean = (text: string): string => withoutSecrets(text, server);
    const rows = [...answer.vector].sort(byLabels).slice(0, MOST_ROWS);
    return { source, rows: rows.map((row) => cleaned(row, clean)), notFinite: answer.notFinite };
  } finally {
    server.close();
  }
}

function secondsOf(at: string | undefined): number | undefined {
  const time = at === undefined ? Number.NaN : Date.parse(at) / 1000;
  return Number.isFinite(time) ? time : undefined;
}

function byLabels(left: VectorElement, right: VectorElement): number {
  return compareText(JSON.stringify(left.labels), JSON.stringify(right.labels));
}

function cleaned({ labels, value }: VectorElement, clean: (text: string) => string): VectorElement {
  const entries = Object.entries(labels).sort(([left], [right]) => compareText(left, right));
  return { labels: Object.fromEntries(entries.map(([key, text]) => [clean(key), clean(text)])), value };
}
