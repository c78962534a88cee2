import { describe, expect, it } from 'vitest';
import { buildCallGraph } from '../../../src/domain/calls/call-graph.ts';
import { strongestEvidence } from '../../../src/domain/calls/call.ts';
import { service, worldOf, workload } from './world-of.ts';

const PAY =
  workload('shop/Deployment/pay', 'ports: [{containerPort: 9000, name: web}, {containerPort: 9090, name: metrics}]') +
  service('shop/pay', '{port: 80, name: http, targetPort: web}, {port: 81, name: m, targetPort: metrics}');

const PROMETHEUS =
  workload('mon/StatefulSet/prom', 'ports: [{containerPort: 9090}]').replace(
    'app:1',
    'quay.io/prometheus/prometheus:v3',
  ) + service('mon/prom', '{port: 9090}');

function monitor(kind: string, spec: string, namespace = 'mon'): string {
  return `---\n{apiVersion: monitoring.coreos.com/v1, kind: ${kind}, metadata: {name: m, namespace: ${namespace}}, spec: ${spec}}\n`;
}

function graphOf(yaml: string) {
  const { calls, unresolved } = buildCallGraph(worldOf(yaml), []);
  return { ids: calls.map(({ id }) => id), calls, unresolved: unresolved.map(({ reason }) => reason) };
}

describe('monitors', () => {
  const selects = 'selector: {matchLabels: {app: pay}}';

  it.each([
    ['{port: m}', 9090],
    ['{targetPort: metrics}', 9090],
    ['{targetPort: 9091}', 9091],
  ])('of Services lead with endpoint %s to container port %d', (endpoint, port) => {
    const { ids } = graphOf(PAY + monitor('ServiceMonitor', `{${selects}, endpoints: [${endpoint}]}`, 'shop'));
    expect(ids).toEqual([`prometheus->shop/Deployment/pay:${String(port)}#GET /metrics`]);
  });

  it('look in their own namespace unless they name others', () => {
    const endpoints = 'endpoints: [{port: m}]';
    expect(graphOf(PAY + monitor('ServiceMonitor', `{${selects}, ${endpoints}}`)).ids).toEqual([]);
    const named = `{${selects}, namespaceSelector: {matchNames: [shop]}, ${endpoints}}`;
    expect(graphOf(PAY + monitor('ServiceMonitor', named)).ids).toHaveLength(1);
  });

  it('of pods lead to ports by name, those of sidecars that start first included', () => {
    const pods = monitor('PodMonitor', `{${selects}, podMetricsEndpoints: [{port: side}]}`, 'shop');
    const init =
      'initContainers: [{name: s, image: s, restartPolicy: Always, ports: [{containerPort: 7, name: side}]}]';
    expect(graphOf(workload('shop/Deployment/pay', '', init) + pods).ids).toEqual([
      'prometheus->shop/Deployment/pay:7#GET /metrics',
    ]);
  });

  it('that name no port are named as not understood', () => {
    const { unresolved } = graphOf(PAY + monitor('ServiceMonitor', `{${selects}, endpoints: [{path: /x}]}`, 'shop'));
    expect(unresolved).toEqual(['an endpoint names no port, so its relabelling decides what is scraped']);
  });
});

describe('a Probe of the operator', () => {
  const prober =
    workload('mon/Deployment/blackbox', 'ports: [{containerPort: 9115}]') + service('mon/blackbox', '{port: 9115}');

  it('has Prometheus call the prober, and the prober its targets', () => {
    const probe = monitor(
      'Probe',
      '{prober: {url: "blackbox.mon.svc:9115"}, targets: {staticConfig: {static: ["http://pay.shop/x", "https://a.example.com"]}}}',
    );
    expect(graphOf(PAY + PROMETHEUS + prober + probe).ids).toEqual([
      'mon/Deployment/blackbox->external/a.example.com:443',
      'mon/Deployment/blackbox->shop/Service/pay:80',
      'mon/StatefulSet/prom->mon/Service/blackbox:9115#GET /probe',
    ]);
  });

  it('says where its targets are not followed', () => {
    const probe = monitor('Probe', '{prober: {url: "blackbox:9115"}, targets: {ingress: {selector: {}}}}');
    expect(graphOf(prober + probe).unresolved).toEqual([
      'its targets are Ingresses, whose hosts the prober asks from outside',
    ]);
  });
});

describe('metrics adapters', () => {
  const api =
    '---\n{apiVersion: apiregistration.k8s.io/v1, kind: APIService, metadata: {name: v1beta1.custom.metrics.k8s.io}, spec: {group: custom.metrics.k8s.io, service: {namespace: mon, name: adapter, port: 443}}}\n';
  const adapter = (container = ''): string =>
    workload('mon/Deployment/adapter', container).replace(
      'app:1',
      'registry.k8s.io/prometheus-adapter/prometheus-adapter:v1',
    ) + service('mon/adapter', '{port: 443, targetPort: 6443}');

  it('are called by the API server, and probably ask Prometheus', () => {
    const { calls } = graphOf(PROMETHEUS + adapter() + api);
    expect(calls.map((call) => `${strongestEvidence(call)} ${call.id}`)).toEqual([
      'declared apiserver->mon/Service/adapter:443',
      'inferred mon/Deployment/adapter->mon/Service/prom:9090',
    ]);
  });

  it('ask whom their arguments name, where these name anybody', () => {
    const named = adapter('args: ["--prometheus-url=http://thanos.obs.svc:9090"]');
    expect(graphOf(PROMETHEUS + named + api).ids).toEqual(['apiserver->mon/Service/adapter:443']);
  });

  it('of KEDA ask whom nobody knows', () => {
    const scaled =
      '---\n{apiVersion: keda.sh/v1alpha1, kind: ScaledObject, metadata: {name: s, namespace: shop}, spec: {scaleTargetRef: {name: pay}, triggers: [{type: prometheus}]}}\n';
    expect(graphOf(scaled).unresolved).toEqual(['KEDA asks the sources of its triggers, which are not kept']);
  });
});

describe('the API server', () => {
  it('calls conversion webhooks, aggregated APIs and webhooks by an address in the cluster', () => {
    const server = workload('shop/Deployment/hook') + service('shop/hook', '{port: 443, targetPort: 8443}');
    const definition =
      '---\n{apiVersion: apiextensions.k8s.io/v1, kind: CustomResourceDefinition, metadata: {name: a.b.c}, spec: {conversion: {strategy: Webhook, webhook: {clientConfig: {service: {namespace: shop, name: hook}}}}}}\n';
    const byUrl = (url: string): string =>
      `---\n{apiVersion: admissionregistration.k8s.io/v1, kind: ValidatingWebhookConfiguration, metadata: {name: w}, webhooks: [{name: w, clientConfig: {url: "${url}"}}]}\n`;
    expect(graphOf(server + definition).ids).toEqual(['apiserver->shop/Service/hook:443']);
    expect(graphOf(server + byUrl('https://hook.shop.svc/check')).ids).toEqual(['apiserver->shop/Service/hook:443']);
    expect(graphOf(server + byUrl('https://hook.example.com/check')).ids).toEqual([]);
  });
});
