import { expect, test } from 'vitest';
import { workload, namespace } from '../../../support/build-world.ts';
import { annotated, shopWith, withSpec } from '../traps/trap-objects.ts';
import { trap } from '../traps/trap-world.ts';
import type { JsonObject } from '../../../../src/lib/json.ts';

const SCRAPED = { 'prometheus.io/scrape': 'true', 'prometheus.io/port': '8080' };
const PROMETHEUS = [
  namespace('metrics'),
  workload('metrics', 'prometheus', { container: { image: 'quay.io/prometheus/prometheus:v3' } }),
];

/** The shop whose cart asks by its annotations to be scraped at the application's port. */
function scrapedShop(more: Readonly<Record<string, string>> = {}): readonly JsonObject[] {
  return [...shopWith('Deployment', 'cart', (object) => annotated(object, { ...SCRAPED, ...more })), ...PROMETHEUS];
}

test('a scrape that annotations ask for goes to the agent of a sidecar, so it keeps no port open', () => {
  const { register, worse, inTheWay } = trap(scrapedShop());
  expect(register.filter((line) => line.startsWith('cart '))).toEqual([]);
  expect([...inTheWay, ...worse]).toEqual([]);
});

test('where a pod keeps its own metrics, the scraped port stays PERMISSIVE and stands in the register', () => {
  const { register, worse } = trap(scrapedShop({ 'prometheus.istio.io/merge-metrics': 'false' }));
  expect(register).toContain('cart mtls 8080: it waits for metrics/Deployment/prometheus: plaintext (run), declared');
  expect(worse).toEqual([]);
});

test('a scrape over TLS is nothing that the agent makes in its stead: the wave of its server is blocked', () => {
  const { inTheWay, wave, worse } = trap(scrapedShop({ 'prometheus.io/scheme': 'https' }));
  expect(inTheWay).toContain('enrol-shop');
  expect(wave('cart').state).toBe('blocked');
  expect(worse).toEqual([]);
});

test('behind ztunnel nobody scrapes in the stead of Prometheus, so the port stays PERMISSIVE', () => {
  const { register, worse } = trap(scrapedShop(), { input: { target: 'istio-ambient' } });
  expect(register.some((line) => line.startsWith('cart mtls 8080'))).toBe(true);
  expect(worse).toEqual([]);
});

test('a Service that asks to be scraped is read by nobody who injects, so the port stays PERMISSIVE', () => {
  const objects = shopWith('Service', 'cart', (object) => ({
    ...withSpec(object, {}),
    metadata: { name: 'cart', namespace: 'shop', annotations: SCRAPED },
  }));
  const { register } = trap([...objects, ...PROMETHEUS]);
  expect(register.some((line) => line.startsWith('cart mtls 8080'))).toBe(true);
});
