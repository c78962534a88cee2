import { expect, test } from 'vitest';
import type { JsonObject } from '../../../../src/lib/json.ts';
import { worldFrom, workload } from '../../../support/build-world.ts';
import { planOf, SHOP, SHOP_CALLS, stageOf } from '../shop.ts';

function crd(kind: string): JsonObject {
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${kind.toLowerCase()}s.monitoring.coreos.com` },
    spec: { group: 'monitoring.coreos.com', names: { kind } },
  };
}

function monitor(endpoint: JsonObject, spec: JsonObject = {}): JsonObject {
  return {
    apiVersion: 'monitoring.coreos.com/v1',
    kind: 'ServiceMonitor',
    metadata: { name: 'mine', namespace: 'istio-system' },
    spec: { selector: { matchLabels: { istio: 'pilot' } }, endpoints: [endpoint], ...spec },
  };
}

const OPERATOR = [crd('PodMonitor'), crd('ServiceMonitor')];
const PROMETHEUS = workload('watch', 'prometheus', {
  container: { name: 'prometheus', image: 'quay.io/prometheus/prometheus:v3.5.0' },
});

function telemetry(more: readonly JsonObject[]) {
  return stageOf(planOf(worldFrom([...SHOP, ...more]), SHOP_CALLS), 'telemetry');
}

function written(more: readonly JsonObject[]): readonly string[] {
  return telemetry(more).steps.flatMap((step) => (step.step === 'apply' ? [step.manifest.kind] : []));
}

test('with the operator istiod gets a monitor beside the proxies, unless one reads it already', () => {
  expect(written(OPERATOR)).toEqual(['PodMonitor', 'ServiceMonitor', 'Telemetry']);
  expect(written([...OPERATOR, monitor({ port: 'http-monitoring' })])).toEqual(['PodMonitor', 'Telemetry']);
});

test('a monitor of another port, namespace or Service does not count as one of istiod', () => {
  const elsewhere = [
    monitor({ port: 'http-envoy-prom' }),
    monitor({ port: 'http-monitoring' }, { namespaceSelector: { matchNames: ['shop'] } }),
    monitor({ port: 'http-monitoring' }, { selector: { matchLabels: { app: 'cart' } } }),
  ];
  for (const other of elsewhere) expect(written([...OPERATOR, other])).toContain('ServiceMonitor');
});

test('without the operator the page says which scrape jobs are needed, and promises none', () => {
  const { notes, doesNotChange } = telemetry([PROMETHEUS]);
  expect(notes.join(' ')).toContain('http-monitoring (15014)');
  expect(notes.join(' ')).toContain('http-envoy-prom (15090)');
  expect(doesNotChange).not.toContain('will be scraped');
});

test('without a Prometheus the gates are manual and nothing is said to be scraped', () => {
  for (const more of [[], OPERATOR]) {
    const { notes, doesNotChange, exitGate } = telemetry(more);
    expect(notes.join(' ')).toContain('The gates are manual');
    expect(doesNotChange).not.toContain('will be scraped');
    expect(exitGate.filter(({ promql }) => promql !== undefined)).toEqual([]);
  }
  expect(telemetry([...OPERATOR, PROMETHEUS]).doesNotChange).toContain('will be scraped');
});
