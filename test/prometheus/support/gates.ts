import { planOf, SHOP, SHOP_CALLS, stageOf } from '../../domain/rollout/shop.ts';
import { worldFrom } from '../../support/build-world.ts';
import type { Condition, Target } from '../../../src/domain/rollout/plan.ts';
import { istioRequests } from './istio.ts';
import { scraped, type TestSeries } from './samples.ts';
import { startPrometheus } from './server.ts';

export const HOUR = 3600;

/** The window of the gates under test; samples begin an hour before it. */
export const WINDOW = 6 * HOUR;

/** When the samples begin, in seconds before the end. */
export const BEGIN = WINDOW + HOUR;
/** When the window ends, in seconds since 1970. */
export const END = Date.parse('2026-11-20T12:00:00Z') / 1000;

type Samples = TestSeries['samples'];

/** Entry conditions of a stage of the shop's plan, by id, as the plan writes them. */
export function entryGates(stage: string, target: Target = 'istio-sidecar'): ReadonlyMap<string, Condition> {
  const plan = planOf(worldFrom(SHOP), SHOP_CALLS, { minWindowSeconds: WINDOW, target });
  return new Map(stageOf(plan, stage).entryGate.map((condition) => [condition.id, condition]));
}

interface Life {
  /** Seconds before the end, as all of them. */
  readonly begin?: number;
  readonly end?: number;
  readonly restartedAt?: number;
}

/** A sidecar's own clock, as it was scraped while the pod lived. */
export function proxy(pod: string, { begin = BEGIN, end = 0, restartedAt }: Life = {}): TestSeries {
  const since = (before: number): number =>
    restartedAt !== undefined && before <= restartedAt ? restartedAt : BEGIN * 2;
  const samples = scraped(begin, end, (before) => since(before) - before);
  return {
    metric: 'envoy_server_uptime',
    labels: { job: 'istio-system/envoy-stats', namespace: 'shop', pod },
    samples,
  };
}

/** Calls to a workload that its proxy counted, one a minute unless samples are given. */
export function calls(to: string, labels: Readonly<Record<string, string>> = {}, samples?: Samples): TestSeries {
  return istioRequests(
    {
      job: 'istio-system/envoy-stats',
      namespace: 'shop',
      pod: `${to}-abc-1`,
      instance: `${to}:15090`,
      destination_workload: to,
      source_workload: to === 'cart' ? 'front' : 'payments',
      source_principal:
        to === 'cart' ? 'spiffe://cluster.local/ns/shop/sa/front' : 'spiffe://cluster.local/ns/pay/sa/payments',
      ...labels,
    },
    samples ?? scraped(BEGIN, 0, (before) => 10_000 - Math.round(before / 60)),
  );
}

/** A counter that was born with its first call and never moved since. */
export function onceSince(before: number): Samples {
  return scraped(before, 0, () => 1);
}

/** What istiod says of itself. */
export function istiod(rejects = 0): readonly TestSeries[] {
  const labels = { job: 'istiod', namespace: 'istio-system', pod: 'istiod-1' };
  const whole = (value: number): Samples => scraped(BEGIN, 0, () => value);
  return [
    { metric: 'pilot_xds', labels: { ...labels, version: '1.31.1' }, samples: whole(2) },
    { metric: 'pilot_total_xds_rejects', labels: { ...labels, type: 'lds' }, samples: whole(rejects) },
  ];
}

/** A shop in which everything is as it should be. */
export const HEALTHY: readonly TestSeries[] = [
  proxy('cart-abc-1'),
  proxy('front-abc-1'),
  calls('cart'),
  calls('front'),
  ...istiod(),
];

/** How a condition stands: met where nothing contradicts it and its proof has a value, unmet where its query has one. */
export async function stateAt(condition: Condition | undefined, series: readonly TestSeries[]): Promise<string> {
  if (condition?.promql === undefined) throw new Error('no condition with a query');
  const server = await startPrometheus({ end: END, series });
  try {
    if ((await ask(server.url, condition.promql)) > 0) return 'unmet';
    return condition.proof !== undefined && (await ask(server.url, condition.proof)) > 0 ? 'met' : 'unknown';
  } finally {
    await server.stop();
  }
}

/** How many rows Prometheus answers at the end of the window; fails where it cannot read the query. */
export async function ask(url: string, query: string): Promise<number> {
  const parameters = new URLSearchParams({ query, time: String(END) });
  const answer = await fetch(`${url}/api/v1/query?${parameters.toString()}`);
  const body = (await answer.json()) as { status: string; error?: string; data?: { result: unknown[] } };
  if (body.status !== 'success' || body.data === undefined) throw new Error(`${query}\n${body.error ?? ''}`);
  return body.data.result.length;
}
