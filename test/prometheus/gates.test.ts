import { describe, expect, inject, it } from 'vitest';
import { scraped, type TestSeries } from './support/samples.ts';
import { BEGIN, calls, entryGates, HEALTHY, HOUR, istiod, onceSince, proxy, stateAt, WINDOW } from './support/gates.ts';

const PLAINTEXT = { connection_security_policy: 'none', source_workload: 'unknown', source_principal: 'unknown' };
const STRANGER = { source_workload: 'nightly', source_principal: 'spiffe://cluster.local/ns/batch/sa/nightly' };

function without(metric: string, key: string, value: string): readonly TestSeries[] {
  return HEALTHY.filter((series) => series.metric !== metric || series.labels[key] !== value);
}

/** What kube-state-metrics says of the sidecars of the shop: that they run all the time. */
function running(...pods: readonly string[]): readonly TestSeries[] {
  return pods.map((pod) => ({
    metric: 'kube_pod_container_status_running',
    labels: { job: 'kube-state-metrics', namespace: 'shop', pod, container: 'istio-proxy' },
    samples: scraped(BEGIN, 0, () => 1),
  }));
}

describe.skipIf(inject('withoutPrometheus') !== '')('the gates of a plan, asked of a real Prometheus', () => {
  const strict = entryGates('strict-shop').get('no-plaintext');
  const deny = entryGates('deny-shop').get('callers-cart');
  const converged = entryGates('strict-shop').get('converged');

  it('are green in a healthy mesh', async () => {
    expect(await stateAt(strict, HEALTHY)).toBe('met');
    expect(await stateAt(deny, HEALTHY)).toBe('met');
    expect(await stateAt(converged, HEALTHY)).toBe('met');
  });

  it.each([
    ['over HTTP', 'istio_requests_total'],
    ['over TCP', 'istio_tcp_connections_opened_total'],
  ])('see one call that was counted once %s', async (_name, metric) => {
    const plaintext = { ...calls('cart', PLAINTEXT, onceSince(2 * HOUR)), metric };
    expect(await stateAt(strict, [...HEALTHY, plaintext])).toBe('unmet');
    const stranger = { ...calls('cart', STRANGER, onceSince(2 * HOUR)), metric };
    expect(await stateAt(deny, [...HEALTHY, stranger])).toBe('unmet');
  });

  it('see the call of a pod that lived for two minutes in the middle of the window', async () => {
    const short = scraped(3 * HOUR, 3 * HOUR - 120, () => 1);
    expect(await stateAt(strict, [...HEALTHY, calls('cart', PLAINTEXT, short)])).toBe('unmet');
  });

  it('see a call that a proxy counted after its counter began anew', async () => {
    const reset = scraped(BEGIN, 0, (before) => (before > HOUR ? 40 : 1));
    expect(await stateAt(strict, [...HEALTHY, calls('cart', PLAINTEXT, reset)])).toBe('unmet');
    expect(await stateAt(deny, [...HEALTHY, calls('cart', STRANGER, reset)])).toBe('unmet');
  });

  it('let plaintext of before the window be', async () => {
    const old = scraped(BEGIN, 0, () => 40);
    expect(await stateAt(strict, [...HEALTHY, calls('cart', PLAINTEXT, old)])).toBe('met');
    expect(await stateAt(deny, [...HEALTHY, calls('cart', STRANGER, old)])).toBe('met');
  });

  it('are unknown where a scrape target was removed', async () => {
    const removed = [...without('envoy_server_uptime', 'pod', 'cart-abc-1'), proxy('cart-abc-1', { end: HOUR })];
    for (const gate of [strict, deny]) expect(await stateAt(gate, removed)).toBe('unknown');
    const silent = [...removed, ...running('cart-abc-1', 'front-abc-1')];
    for (const gate of [strict, deny]) expect(await stateAt(gate, silent)).toBe('unknown');
  });

  it('are unknown where a pod was never scraped, and kube-state-metrics knows it', async () => {
    const hidden = [...HEALTHY, ...running('cart-abc-1', 'front-abc-1', 'cart-abc-2')];
    expect(await stateAt(strict, hidden)).toBe('unknown');
    expect(await stateAt(strict, [...HEALTHY, ...running('cart-abc-1', 'front-abc-1')])).toBe('met');
  });

  it('are green after a roll-out that kube-state-metrics saw', async () => {
    const [old, renewed] = [3 * HOUR, 3 * HOUR - 60];
    const rolled = [
      ...without('envoy_server_uptime', 'pod', 'cart-abc-1'),
      proxy('cart-abc-1', { end: old }),
      proxy('cart-def-1', { begin: renewed }),
      ...running('front-abc-1'),
      ...running('cart-abc-1').map((series) => ({ ...series, samples: scraped(BEGIN, old, () => 1) })),
      ...running('cart-def-1').map((series) => ({ ...series, samples: scraped(renewed, 0, () => 1) })),
    ];
    expect(await stateAt(strict, rolled)).toBe('met');
  });

  it('are unknown for a mesh that is younger than the window, and where metrics go back less far', async () => {
    const young = HEALTHY.map((series) => ({
      ...series,
      samples: series.samples.filter(([at]) => at < WINDOW - HOUR),
    }));
    for (const gate of [strict, deny]) expect(await stateAt(gate, young)).toBe('unknown');
  });

  it('are unknown where a proxy restarted in the window', async () => {
    const restarted = [
      ...without('envoy_server_uptime', 'pod', 'cart-abc-1'),
      proxy('cart-abc-1', { restartedAt: 2 * HOUR }),
    ];
    for (const gate of [strict, deny]) expect(await stateAt(gate, restarted)).toBe('unknown');
  });

  it('are unknown where no secured call of a workload was counted', async () => {
    expect(await stateAt(strict, without('istio_requests_total', 'destination_workload', 'front'))).toBe('unknown');
    const idle = scraped(BEGIN, 0, () => 7);
    const still = [...without('istio_requests_total', 'destination_workload', 'cart'), calls('cart', {}, idle)];
    for (const gate of [strict, deny]) expect(await stateAt(gate, still)).toBe('unknown');
  });

  it('are unknown where nothing is scraped at all', async () => {
    const other: TestSeries = { metric: 'up', labels: { job: 'node' }, samples: scraped(BEGIN, 0, () => 1) };
    for (const gate of [strict, deny, converged]) expect(await stateAt(gate, [other])).toBe('unknown');
  });

  it('tell rejected configuration now from that of long ago, and silence of istiod from peace', async () => {
    const others = HEALTHY.filter(({ metric }) => !metric.startsWith('pilot_'));
    expect(await stateAt(converged, [...others, ...istiod(3)])).toBe('met');
    const rising = istiod().map((series) =>
      series.metric === 'pilot_xds' ? series : { ...series, samples: scraped(BEGIN, 0, (at) => (at < 300 ? 4 : 3)) },
    );
    expect(await stateAt(converged, [...others, ...rising])).toBe('unmet');
    const gone = istiod().map((series) => ({ ...series, samples: series.samples.filter(([at]) => at > 400) }));
    expect(await stateAt(converged, [...others, ...gone])).toBe('unknown');
  });
});
