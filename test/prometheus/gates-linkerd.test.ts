import { describe, expect, inject, it } from 'vitest';
import { BEGIN, entryGates, HOUR, onceSince, stateAt } from './support/gates.ts';
import { scraped, type TestSeries } from './support/samples.ts';

type Samples = TestSeries['samples'];

const JOB = 'linkerd/linkerd-proxy';
const CART = { job: JOB, namespace: 'shop', pod: 'cart-abc-1', deployment: 'cart' };
const FRONT = 'front.shop.serviceaccount.identity.linkerd.cluster.local';
const STRANGER = 'nightly.batch.serviceaccount.identity.linkerd.cluster.local';
const ALWAYS = scraped(BEGIN, 0, () => 1);
const BUSY = scraped(BEGIN, 0, (before) => 10_000 - Math.round(before / 60));

function arrivals(labels: Readonly<Record<string, string>>, samples: Samples, metric = 'request_total'): TestSeries {
  const more = metric === 'request_total' ? { route_name: 'default' } : { peer: 'src' };
  return { metric, labels: { ...CART, direction: 'inbound', target_port: '8080', ...more, ...labels }, samples };
}

function up(labels: Readonly<Record<string, string>>, samples: Samples = ALWAYS): TestSeries {
  return { metric: 'up', labels, samples };
}

const CONTROL_PLANE = ['destination', 'identity', 'proxy-injector'].map((component) =>
  up({ job: 'linkerd/linkerd-controller', namespace: 'linkerd', pod: `linkerd-${component}-1` }),
);
const CALLERS = arrivals({ tls: 'true', client_id: FRONT }, BUSY);
const HEALTHY: readonly TestSeries[] = [
  up(CART),
  up({ ...CART, pod: 'front-abc-1', deployment: 'front' }),
  CALLERS,
  ...CONTROL_PLANE,
];
const PLAINTEXT = { tls: 'no_identity', no_tls_reason: 'no_tls_from_remote' };

describe.skipIf(inject('withoutPrometheus') !== '')(
  'the gates of a plan towards Linkerd, asked of a real Prometheus',
  () => {
    const strict = entryGates('strict-shop', 'linkerd').get('no-plaintext-cart-8080');
    const deny = entryGates('deny-shop', 'linkerd').get('callers-cart-8080');
    const converged = entryGates('strict-shop', 'linkerd').get('converged');

    it('are green in a healthy mesh', async () => {
      for (const gate of [strict, deny, converged]) expect(await stateAt(gate, HEALTHY)).toBe('met');
    });

    it.each(['request_total', 'tcp_open_total'])('see one call that %s counted once', async (metric) => {
      const plaintext = arrivals(PLAINTEXT, onceSince(2 * HOUR), metric);
      expect(await stateAt(strict, [...HEALTHY, plaintext])).toBe('unmet');
      const stranger = arrivals({ tls: 'true', client_id: STRANGER }, onceSince(2 * HOUR), metric);
      expect(await stateAt(deny, [...HEALTHY, stranger])).toBe('unmet');
    });

    it('see a call that was counted after the counter began anew', async () => {
      const reset = scraped(BEGIN, 0, (before) => (before > HOUR ? 40 : 1));
      expect(await stateAt(strict, [...HEALTHY, arrivals(PLAINTEXT, reset)])).toBe('unmet');
    });

    it('let plaintext of before the window and that of other ports be', async () => {
      const old = arrivals(
        PLAINTEXT,
        scraped(BEGIN, 0, () => 40),
      );
      const other = arrivals({ ...PLAINTEXT, target_port: '9090' }, onceSince(2 * HOUR));
      expect(await stateAt(strict, [...HEALTHY, old, other])).toBe('met');
    });

    it('are unknown where a scrape target was removed', async () => {
      const removed = [
        up(
          CART,
          scraped(BEGIN, HOUR, () => 1),
        ),
        ...HEALTHY.slice(1),
      ];
      for (const gate of [strict, deny]) expect(await stateAt(gate, removed)).toBe('unknown');
      expect(await stateAt(converged, HEALTHY.slice(0, -1))).toBe('unknown');
    });

    it('are unknown where a target answers no scrape any more', async () => {
      const silent = [
        up(
          CART,
          scraped(BEGIN, 0, (before) => (before > HOUR ? 1 : 0)),
        ),
        ...HEALTHY.slice(1),
      ];
      for (const gate of [strict, deny]) expect(await stateAt(gate, silent)).toBe('unknown');
    });

    it('are unknown for a mesh that is younger than the window', async () => {
      const young = [
        up(
          CART,
          scraped(2 * HOUR, 0, () => 1),
        ),
        arrivals({ tls: 'true', client_id: FRONT }, onceSince(HOUR)),
      ];
      for (const gate of [strict, deny]) expect(await stateAt(gate, [...young, ...CONTROL_PLANE])).toBe('unknown');
    });

    it('are unknown where a proxy began anew in the window, and where nobody called with an identity', async () => {
      const restarts = { namespace: 'shop', pod: 'cart-abc-1', container: 'linkerd-proxy' };
      const restarted: TestSeries = {
        metric: 'kube_pod_container_status_restarts_total',
        labels: restarts,
        samples: scraped(BEGIN, 0, (before) => (before > HOUR ? 0 : 1)),
      };
      const quiet = HEALTHY.filter((series) => series !== CALLERS);
      for (const gate of [strict, deny]) {
        expect(await stateAt(gate, [...HEALTHY, restarted])).toBe('unknown');
        expect(await stateAt(gate, quiet)).toBe('unknown');
      }
    });
  },
);
