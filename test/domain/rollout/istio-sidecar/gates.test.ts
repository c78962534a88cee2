import { expect, test } from 'vitest';
import { converged, denied, noPlaintext, shadowClean } from '../../../../src/domain/rollout/istio/gates.ts';
import { cronJob, namespace, service, workload, worldFrom } from '../../../support/build-world.ts';
import { planOf, row, SHOP, SHOP_CALLS, stageOf } from '../shop.ts';

test('rejected configuration is growth of an old counter or existence of a young one', () => {
  expect(converged().promql).toBe(
    '((increase(pilot_total_xds_rejects[600s]) > 0) or (max_over_time(pilot_total_xds_rejects[600s]) > (pilot_total_xds_rejects offset 600s)) or ((max_over_time(pilot_total_xds_rejects[600s]) > 0) unless (pilot_total_xds_rejects offset 600s)))',
  );
});

test('plaintext that an old series counted before the window does not keep the gate red, one call of a young one does', () => {
  const { promql } = noPlaintext('shop', 600, { names: ['cart', 'front.v1'] });
  const selector = String.raw`{reporter="destination",destination_workload_namespace="shop",destination_workload=~"cart|front\\.v1",connection_security_policy!="mutual_tls"}`;
  for (const metric of ['istio_requests_total', 'istio_tcp_connections_opened_total']) {
    expect(promql).toContain(`(increase(${metric}${selector}[600s]) > 0)`);
    expect(promql).toContain(
      `((max_over_time(${metric}${selector}[600s]) > 0) unless (${metric}${selector} offset 600s))`,
    );
  }
});

test('the dry run is read by the labels that Istio makes, whatever the name of the counter', () => {
  const { promql, positiveEvidence } = shadowClean('shop', 600);
  const selector = '__name__=~"envoy_.*_rbac",namespace="shop",authz_dry_run_action="allow"';
  expect(promql).toContain(`label_replace({${selector},authz_dry_run_result="denied"}, "metric"`);
  expect(positiveEvidence).toContain(`{${selector},authz_dry_run_result="allowed"} > 0`);
});

test('one refused call shows, over HTTP and over TCP', () => {
  const { promql } = denied('shop');
  expect(promql).not.toContain('rate(');
  expect(promql).toContain('max_over_time(istio_requests_total{');
  expect(promql).toContain('{__name__=~"envoy_.*_rbac",namespace="shop",authz_enforce_result="denied"}');
});

test('deny waits for traffic of whom no rule names, by workload, and not for the dry run that allow has ended', () => {
  const { entryGate } = stageOf(planOf(worldFrom(SHOP), SHOP_CALLS), 'deny-shop');
  expect(entryGate.map(({ id }) => id)).toEqual(['callers-cart', 'callers-front', 'converged']);
  const selector = String.raw`{reporter="destination",destination_workload_namespace="shop",destination_workload="cart",source_principal!~"(spiffe://)?cluster\\.local/ns/shop/sa/front"}`;
  const [cart] = entryGate;
  expect(cart?.promql).toContain('sum by (source_principal, source_workload, destination_workload)');
  expect(cart?.promql).toContain(`max_over_time(istio_requests_total${selector}[`);
  expect(cart?.promql).toContain(`max_over_time(istio_tcp_connections_opened_total${selector}[`);
});

test('a workload with an excepted port is out of the plaintext query and has a condition of its own', () => {
  const objects = [...SHOP, namespace('batch'), cronJob('batch', 'report')];
  const calls = [...SHOP_CALLS, row('report.batch', 'cart.shop')];
  const { entryGate } = stageOf(planOf(worldFrom(objects), calls, { namespaces: ['shop', 'pay'] }), 'strict-shop');
  const [measured, looked] = entryGate;
  expect(entryGate.map(({ id }) => id)).toEqual(['no-plaintext', 'no-plaintext-cart', 'converged']);
  expect(measured?.promql).toContain('destination_workload=~"front"');
  expect(looked?.promql).toBeUndefined();
  expect(looked?.text).toContain('(8080), and the metrics do not tell ports apart');
});

test('the first wave rests on telemetry, break glass and scoping, and the next on the one before it', () => {
  const waves = planOf(worldFrom(SHOP), SHOP_CALLS).stages.filter(({ wave }) => wave !== undefined);
  const [first, second] = waves;
  expect(first?.dependsOn).toEqual(expect.arrayContaining(['telemetry', 'break-glass', 'scoping']));
  expect(second?.dependsOn).toEqual([first?.id]);
});

test('a plan with no workload that answers is still one in which every query can be read', () => {
  const world = worldFrom([...SHOP, workload('shop', 'lonely'), service('shop', 'lonely')]);
  const deny = stageOf(planOf(world, SHOP_CALLS, { acceptEvidence: 'inferred' }), 'deny-shop');
  const lonely = deny.entryGate.find(({ id }) => id === 'callers-lonely');
  expect(lonely?.promql).toContain('destination_workload="lonely"}');
  expect(lonely?.text).toContain('Nobody called shop/Deployment/lonely');
});
