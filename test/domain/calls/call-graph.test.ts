import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { buildCallGraph } from '../../../src/domain/calls/call-graph.ts';
import { isKnownCall } from '../../../src/domain/calls/call.ts';
import { callCoverage } from '../../../src/domain/calls/coverage.ts';
import { serversOf } from '../../../src/domain/calls/resolve-target.ts';
import { makeWorld } from '../../../src/domain/world/object-world.ts';
import { unknown } from '../../../src/domain/world/fact.ts';
import { service, worldOf, workload } from './world-of.ts';

function idsOf(yaml: string): readonly string[] {
  return buildCallGraph(worldOf(yaml), []).calls.map((call) => call.id);
}

const PAY =
  workload('shop/Deployment/pay', 'ports: [{containerPort: 9000, name: web}]') +
  service('shop/pay', '{port: 80, name: http, targetPort: web}');

function object(kind: string, name: string, spec: string): string {
  return `---\n{apiVersion: ${kind.slice(0, kind.lastIndexOf('/'))}, kind: ${kind.slice(kind.lastIndexOf('/') + 1)}, metadata: ${name}, ${spec}}\n`;
}

describe('declared calls', () => {
  const backend = 'spec: {ingressClassName: nginx, defaultBackend: {service: {name: pay, port: {name: http}}}}';
  const ingress = object('networking.k8s.io/v1/Ingress', '{name: in, namespace: shop}', backend);

  it('come from the ingress controller where one is recognised, else from a load balancer named by the class', () => {
    expect(idsOf(PAY + ingress)).toEqual(['load-balancer[ingress class nginx]->shop/Service/pay:80']);
    const controller = workload('edge/Deployment/ctl').replace(
      'app:1',
      'registry.k8s.io/ingress-nginx/controller:v1.13.0',
    );
    expect(idsOf(PAY + ingress + controller)).toEqual(['edge/Deployment/ctl->shop/Service/pay:80']);
  });

  it('come from the gateway behind a route and a VirtualService', () => {
    const gateway = workload('edge/Deployment/gw');
    const istio = object('networking.istio.io/v1/Gateway', '{name: g, namespace: edge}', 'spec: {selector: {app: gw}}');
    const route = '{route: [{destination: {host: pay, port: {number: 80}}}]}';
    const virtual = object(
      'networking.istio.io/v1/VirtualService',
      '{name: v, namespace: shop}',
      `spec: {hosts: ["*"], gateways: [edge/g, mesh], http: [${route}]}`,
    );
    const http = object(
      'gateway.networking.k8s.io/v1/HTTPRoute',
      '{name: r, namespace: shop}',
      'spec: {parentRefs: [{name: k, namespace: edge}], rules: [{backendRefs: [{name: pay, port: 80}]}]}',
    );
    expect(idsOf(PAY + gateway + istio + virtual + http)).toEqual([
      'edge/Deployment/gw->shop/Service/pay:80',
      'load-balancer[Gateway edge/k]->shop/Service/pay:80',
    ]);
  });

  it('come from the API server to webhooks, at port 443 where none is given', () => {
    const hook = 'webhooks: [{name: w, clientConfig: {service: {namespace: shop, name: hook}}}]';
    const webhook = object('admissionregistration.k8s.io/v1/MutatingWebhookConfiguration', '{name: w}', hook);
    const server = workload('shop/Deployment/hook') + service('shop/hook', '{port: 443, targetPort: 8443}');
    expect(idsOf(server + webhook)).toEqual(['apiserver->shop/Service/hook:443']);
    expect(buildCallGraph(worldOf(webhook), []).unresolved).toEqual([
      { source: 'MutatingWebhookConfiguration w', reason: 'there is no Service hook in namespace shop' },
    ]);
  });

  it('come from the kubelet for probes that are no commands', () => {
    const probes =
      'ports: [{containerPort: 80, name: web}], livenessProbe: {httpGet: {port: web, path: /live}}, readinessProbe: {exec: {command: [a]}}';
    expect(idsOf(workload('shop/Deployment/a', probes))).toEqual(['kubelet->shop/Deployment/a:80#probe#GET /live']);
  });

  it('come from Prometheus to the container port that a ServiceMonitor means', () => {
    const monitor = object(
      'monitoring.coreos.com/v1/ServiceMonitor',
      '{name: m, namespace: mon}',
      'spec: {selector: {matchLabels: {app: pay}}, namespaceSelector: {any: true}, endpoints: [{port: http}]}',
    );
    expect(idsOf(PAY + monitor)).toEqual(['prometheus->shop/Deployment/pay:9000#GET /metrics']);
    const server = workload('mon/StatefulSet/prom').replace('app:1', 'quay.io/prometheus/prometheus:v3.5.0');
    expect(idsOf(PAY + monitor + server)).toEqual(['mon/StatefulSet/prom->shop/Deployment/pay:9000#GET /metrics']);
  });

  it('are read from a NetworkPolicy only where it names pods and ports', () => {
    const policy = (rule: string): string =>
      object(
        'networking.k8s.io/v1/NetworkPolicy',
        '{name: p, namespace: shop}',
        `spec: {podSelector: {matchLabels: {app: pay}}, ingress: [${rule}]}`,
      );
    const world = PAY + workload('shop/Deployment/cart');
    const named = '{from: [{podSelector: {matchLabels: {app: cart}}}], ports: [{port: 9000}]}';
    expect(idsOf(world + policy(named))).toEqual(['shop/Deployment/cart->shop/Service/pay:80']);
    expect(idsOf(world + policy('{from: [{podSelector: {}}], ports: [{port: 9000}]}'))).toEqual([]);
    expect(idsOf(world + policy('{from: [{podSelector: {matchLabels: {app: cart}}}]}'))).toEqual([]);
  });

  it('come from outside through LoadBalancer and NodePort Services and host ports', () => {
    const exposed =
      service('shop/lb', '{port: 80}', 'type: LoadBalancer') +
      service('shop/np', '{port: 81}', 'type: NodePort') +
      workload('shop/DaemonSet/agent', 'ports: [{containerPort: 5, hostPort: 6}]');
    expect(idsOf(exposed)).toEqual([
      'internet->shop/DaemonSet/agent:5',
      'internet->shop/Service/np:81',
      'load-balancer->shop/Service/lb:80',
    ]);
  });
});

describe('inferred calls', () => {
  const env = (value: string): string => workload('shop/Deployment/cart', `env: [{name: PAY_ADDR, value: "${value}"}]`);

  it.each([
    ['pay', 'shop/Service/pay:80'],
    ['pay:80', 'shop/Service/pay:80'],
    ['http://pay.shop.svc.cluster.local/x', 'shop/Service/pay:80'],
    ['https://api.example.com/v1', 'external/api.example.com:443'],
  ])('read %s as a call to %s', (value, target) => {
    expect(idsOf(PAY + env(value))).toEqual([`shop/Deployment/cart->${target}`]);
  });

  it('are never known, and a word that is no service is no host', () => {
    expect(buildCallGraph(worldOf(PAY + env('pay:80')), []).calls.map(isKnownCall)).toEqual([false]);
    expect(idsOf(PAY + env('nosuch'))).toEqual([]);
  });

  it('of init containers happen at the start', () => {
    const init = 'initContainers: [{name: wait, image: a, env: [{name: PAY_HOST, value: pay}]}]';
    expect(idsOf(PAY + workload('shop/Deployment/cart', '', init))).toEqual([
      'shop/Deployment/cart->shop/Service/pay:80#start',
    ]);
  });

  it('follow the ConfigMaps that a container uses', () => {
    const map =
      '---\n{apiVersion: v1, kind: ConfigMap, metadata: {name: urls, namespace: shop}, data: {PAY_ADDR: "pay:80"}}\n';
    const cart = workload('shop/Deployment/cart', 'envFrom: [{configMapRef: {name: urls}}]');
    expect(idsOf(PAY + map + cart)).toEqual(['shop/Deployment/cart->shop/Service/pay:80']);
  });

  it('join the pods of a StatefulSet with several replicas and a headless Service', () => {
    const db = workload('shop/StatefulSet/db').replace(
      'spec: {template',
      'spec: {serviceName: db, replicas: 3, template',
    );
    const headless = service('shop/db', '{port: 3306}', 'clusterIP: None');
    expect(idsOf(db + headless)).toEqual(['shop/StatefulSet/db->shop/Service/db/instance:3306']);
    expect(idsOf(db.replace('replicas: 3', 'replicas: 1') + headless)).toEqual([]);
  });
});

describe('serversOf', () => {
  it('leads through the target port, and says why where nobody answers', () => {
    const world = worldOf(PAY + service('shop/lost', '{port: 1}'));
    const to = (name: string) => ({
      to: { kind: 'service-port', namespace: 'shop', service: name, port: 80 } as const,
    });
    expect(serversOf(to('pay'), world).servers.map(({ workload: { name }, port }) => [name, port])).toEqual([
      ['pay', 9000],
    ]);
    expect(serversOf(to('lost'), world).reason).toBe('the selector of Service shop/lost picks no workload');
    expect(serversOf(to('gone'), world).reason).toBe('there is no Service gone in namespace shop');
  });
});

describe('callCoverage', () => {
  it('says per port what is known, and which CronJobs no window can show', () => {
    const world = worldOf(PAY + workload('shop/Deployment/cart') + workload('shop/CronJob/weekly'));
    const window = { from: '2026-11-01T00:00:00Z', to: '2026-11-03T00:00:00Z' };
    const row = { source: 'c.csv:2', client: 'cart', service: 'pay', port: 80, lastSeen: '2026-11-02T00:00:00Z' };
    const graph = buildCallGraph(world, [{ source: 'c.csv', window, seesUnmeshed: true, rows: [row] }]);
    const coverage = callCoverage(world, graph, { minWindowSeconds: 7 * 86_400 });
    expect(coverage.ports).toEqual([
      {
        workload: { namespace: 'shop', kind: 'Deployment', name: 'pay' },
        port: 9000,
        evidence: ['observed'],
        observed: true,
        observedUnmeshed: true,
        lastSeen: '2026-11-02T00:00:00Z',
        callers: ['shop/Deployment/cart'],
        fromOutside: [],
      },
    ]);
    expect(coverage.windows.map(({ seconds, longEnough }) => [seconds, longEnough])).toEqual([[172_800, false]]);
    expect(coverage.unobservable.map(({ workload: { name }, periodSeconds }) => [name, periodSeconds])).toEqual([
      ['weekly', 604_800],
    ]);
  });

  it('names the kinds whose callers are missing because they were not read', () => {
    const read = worldOf(PAY);
    const entries = [{ kind: 'networking.k8s.io/Ingress', state: 'forbidden', objects: 0 }] as const;
    const world = makeWorld({ ...read, coverage: { basis: 'declared', entries } }, read.list('Service').objects);
    expect(callCoverage(world, buildCallGraph(world, [])).unread).toEqual([
      { kind: 'networking.k8s.io/Ingress', reason: 'networking.k8s.io/Ingress objects may not be read' },
    ]);
  });

  it('counts a server that only the kubelet calls as one without caller', () => {
    const world = worldOf(
      workload('shop/Deployment/a', 'ports: [{containerPort: 80}], livenessProbe: {tcpSocket: {port: 80}}'),
    );
    expect(callCoverage(world, buildCallGraph(world, [])).withoutCaller.map(({ name }) => name)).toEqual(['a']);
  });
});

describe('hostile objects', () => {
  const kinds = [
    'v1/Service',
    'apps/v1/Deployment',
    'networking.k8s.io/v1/Ingress',
    'networking.k8s.io/v1/NetworkPolicy',
    'networking.istio.io/v1/VirtualService',
    'gateway.networking.k8s.io/v1/HTTPRoute',
    'monitoring.coreos.com/v1/ServiceMonitor',
    'monitoring.coreos.com/v1/PodMonitor',
    'apiregistration.k8s.io/v1/APIService',
    'monitoring.coreos.com/v1/Probe',
    'networking.istio.io/v1/Sidecar',
    'networking.istio.io/v1/ServiceEntry',
    'security.istio.io/v1/AuthorizationPolicy',
    'policy.linkerd.io/v1beta3/Server',
    'split.smi-spec.io/v1alpha2/TrafficSplit',
    'policy.linkerd.io/v1alpha1/AuthorizationPolicy',
    'policy.linkerd.io/v1alpha1/MeshTLSAuthentication',
    'policy.linkerd.io/v1beta1/ServerAuthorization',
    'consul.hashicorp.com/v1alpha1/ServiceIntentions',
  ];
  /** Members that sources look at, with values that they may or may not expect there. */
  const members = [
    'selector podSelector matchLabels rules from source principals notPrincipals namespaces ipBlocks to operation ports',
    'port targetRef targetRefs kind name group namespace requiredAuthenticationRefs identities identityRefs server client',
    'meshTLS serviceAccounts networks cidr destination sources action egress hosts prober url targets staticConfig static',
    'http match route sourceLabels when key values type template spec containers env value targetPort endpoints',
  ].flatMap((line) => line.split(' '));
  const leaf = fc.constantFrom<unknown>(
    'n',
    '*',
    'a.n',
    '*.n',
    'Service',
    'Server',
    'ALLOW',
    'allow',
    1,
    -1,
    null,
    true,
    'x://y:1',
  );
  const { spec: knownMembers } = fc.letrec<{ spec: unknown }>((tie) => ({
    spec: fc.oneof(
      { maxDepth: 6 },
      leaf,
      fc.array(tie('spec'), { maxLength: 3 }),
      fc.dictionary(fc.constantFrom(...members), tie('spec'), { maxKeys: 6 }),
    ),
  }));

  it('of any shape give calls in order, each name once', () => {
    const objects = fc.array(
      fc.record({
        type: fc.constantFrom(...kinds),
        name: fc.oneof(fc.constant('n'), fc.string({ minLength: 1 })),
        spec: fc.oneof(fc.jsonValue(), knownMembers),
      }),
    );
    fc.assert(
      fc.property(objects, (list) => {
        const none = unknown('not given');
        const facts = {
          coverage: { basis: 'declared', entries: [] },
          cluster: 'c',
          asOf: none,
          kubernetesVersion: none,
        } as const;
        const world = makeWorld(
          facts,
          list.map(({ type, name, spec }) => ({
            apiVersion: type.slice(0, type.lastIndexOf('/')),
            kind: type.slice(type.lastIndexOf('/') + 1),
            metadata: { name, namespace: 'n', labels: {}, annotations: {}, ownerReferences: [] },
            origin: { from: 'read' } as const,
            spec,
          })),
        );
        const graph = buildCallGraph(world, []);
        const ids = graph.calls.map((call) => call.id);
        expect(ids).toEqual([...new Set(ids)].sort());
        callCoverage(world, graph);
      }),
      { numRuns: 200 },
    );
  });
});
