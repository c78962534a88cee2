import type { TestSeries } from './samples.ts';

/** A series as an Istio sidecar exposes it and Prometheus scrapes it, with what the test says otherwise. */
export function istioRequests(
  labels: Readonly<Record<string, string>>,
  samples: TestSeries['samples'],
  metric = 'istio_requests_total',
): TestSeries {
  return {
    metric,
    labels: {
      job: 'istio',
      instance: '10.0.0.1:15020',
      reporter: 'destination',
      source_workload: 'web',
      source_workload_namespace: 'shop',
      source_principal: 'spiffe://cluster.local/ns/shop/sa/web',
      destination_workload: 'cart',
      destination_workload_namespace: 'shop',
      destination_service: 'cart.shop.svc.cluster.local',
      destination_service_name: 'cart',
      destination_service_namespace: 'shop',
      request_protocol: 'http',
      response_code: '200',
      response_flags: '-',
      connection_security_policy: 'mutual_tls',
      ...labels,
    },
    samples,
  };
}

/** The series by which Prometheus says whether a target answered. */
export function up(instance: string, samples: TestSeries['samples']): TestSeries {
  return { metric: 'up', labels: { job: 'istio', instance }, samples };
}
