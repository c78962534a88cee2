import type { Call } from '../../src/domain/calls/call.ts';
import type { KubeObject } from '../../src/domain/kubernetes/object.ts';
import { chartWebhookConfigurations } from '../../src/domain/mesh/istio/injection/chart-webhooks.ts';
import type { JsonObject } from '../../src/lib/json.ts';
import { controlPlane, object } from '../cases-runner/case-world.ts';
import {
  NAMESPACES,
  type AuthorizationFacts,
  type ModeFacts,
  type RuleFacts,
  type WorkloadFacts,
  type WorldFacts,
} from './world-facts.ts';

/** The Kubernetes objects that the facts stand for, each created a minute after the one before. */
export function objectsOf(facts: WorldFacts): readonly KubeObject[] {
  const objects = [
    ...controlPlane({ mesh: { enableAutoMtls: facts.autoMtls } }),
    ...chartWebhookConfigurations({ revisions: ['default'], origin: { from: 'read' } }),
    object('v1', 'Namespace', { name: 'istio-system' }),
    ...NAMESPACES.map((name) =>
      object('v1', 'Namespace', { name, labels: facts.injected[name] ? { 'istio-injection': 'enabled' } : {} }),
    ),
    ...facts.workloads.flatMap(workloadObjects),
    ...facts.modes.map(modeObject),
    ...facts.rules.map(ruleObject),
    ...facts.authorizations.map(authorizationObject),
    ...facts.scoped.map((namespace) =>
      object('networking.istio.io/v1', 'Sidecar', {
        name: 'default',
        namespace,
        spec: { egress: [{ hosts: ['./*', 'istio-system/*'] }] },
      }),
    ),
  ];
  return objects.map((one, index) => ({
    ...one,
    metadata: { ...one.metadata, creationTimestamp: `2026-01-01T00:${String(index).padStart(2, '0')}:00Z` },
  }));
}

const PROXY = { name: 'istio-proxy', image: 'istio/proxyv2:1.31.0', args: ['proxy', 'sidecar'] };
const EXCLUDE = 'traffic.sidecar.istio.io/excludeInboundPorts';

function workloadObjects(facts: WorkloadFacts): KubeObject[] {
  const { namespace, name } = facts;
  const inject = facts.inject === 'unset' ? {} : { 'sidecar.istio.io/inject': facts.inject };
  const labels = { app: name, ...inject };
  const annotations: Readonly<Record<string, string>> = facts.excludesInbound ? { [EXCLUDE]: '8080' } : {};
  const spec = {
    serviceAccountName: facts.account,
    containers: [{ name: 'app', image: 'example/app:1', ports: [{ containerPort: 8080 }] }],
  };
  const ports = [{ port: 80, targetPort: 8080, name: facts.portName }];
  const pods = { proxy: ['proxy'], bare: ['bare'], mixed: ['proxy', 'bare'], none: [] }[facts.live];
  return [
    object('apps/v1', 'Deployment', {
      name,
      namespace,
      spec: { selector: { matchLabels: { app: name } }, template: { metadata: { labels, annotations }, spec } },
    }),
    object('v1', 'Service', {
      name,
      namespace,
      spec: { selector: { app: name }, ports, ...(facts.headless ? { clusterIP: 'None' } : {}) },
    }),
    ...pods.map((kind) => livePod(facts, kind === 'proxy', { labels, annotations, spec })),
  ];
}

interface Template {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly spec: JsonObject & { readonly containers: readonly JsonObject[] };
}

function livePod({ namespace, name }: WorkloadFacts, proxied: boolean, template: Template): KubeObject {
  const { labels, annotations, spec } = template;
  const made = object('v1', 'Pod', {
    name: `${name}-${proxied ? 'proxied' : 'bare'}`,
    namespace,
    labels: proxied ? { ...labels, 'security.istio.io/tlsMode': 'istio' } : labels,
    annotations: proxied ? { ...annotations, 'sidecar.istio.io/status': '{"revision":"default"}' } : annotations,
    spec: proxied
      ? {
          ...spec,
          containers: [...spec.containers, PROXY],
          initContainers: [{ name: 'istio-init', image: PROXY.image }],
        }
      : spec,
  });
  const owner = { apiVersion: 'apps/v1', kind: 'Deployment', name, controller: true };
  return { ...made, metadata: { ...made.metadata, ownerReferences: [owner] } };
}

function modeObject({ name, namespace, app: selected, mode, portMode }: ModeFacts): KubeObject {
  return object('security.istio.io/v1', 'PeerAuthentication', {
    name,
    namespace,
    spec: {
      ...selector(selected),
      mtls: { mode },
      ...(portMode === undefined ? {} : { portLevelMtls: { '8080': { mode: portMode } } }),
    },
  });
}

function ruleObject({ name, namespace, host, tls }: RuleFacts): KubeObject {
  return object('networking.istio.io/v1', 'DestinationRule', {
    name,
    namespace,
    spec: {
      host: `${host.name}.${host.namespace}.svc.cluster.local`,
      ...(tls === undefined ? {} : { trafficPolicy: { tls: { mode: tls } } }),
    },
  });
}

function authorizationObject({ name, namespace, app: selected, action, rule }: AuthorizationFacts): KubeObject {
  return object('security.istio.io/v1', 'AuthorizationPolicy', {
    name,
    namespace,
    spec: { ...selector(selected), action, ...(rule === 'none' ? {} : { rules: [ruleSpec(rule)] }) },
  });
}

function ruleSpec(rule: Exclude<AuthorizationFacts['rule'], 'none'>): unknown {
  if (rule === 'all') return {};
  if ('from' in rule) return { from: [{ source: { namespaces: [rule.from] } }] };
  if ('principal' in rule) return { from: [{ source: { principals: [rule.principal] } }] };
  return { to: [{ operation: { methods: [rule.method] } }] };
}

function selector(selected: string | undefined): JsonObject {
  return selected === undefined ? {} : { selector: { matchLabels: { app: selected } } };
}

/** Calls from every workload to every Service, two of them with what else a call may say. */
export function callsOf(facts: WorldFacts): readonly Call[] {
  const { workloads } = facts;
  return workloads.flatMap((client) =>
    workloads.filter((server) => server !== client).map((server) => callBetween(client, server)),
  );
}

/** A GET over HTTP where the port is named so, else bytes that nobody knows. */
export function callBetween(client: WorkloadFacts, server: WorkloadFacts): Call {
  const { namespace, name } = client;
  return {
    id: `${namespace}/${name} -> ${server.namespace}/${server.name}`,
    from: { kind: 'workload', workload: { namespace, kind: 'Deployment', name } },
    to: { kind: 'service-port', namespace: server.namespace, service: server.name, port: 80 },
    phase: 'run',
    protocol: server.portName === 'tcp' ? 'tcp' : 'http',
    request: { method: 'GET', path: '/' },
    evidence: [{ kind: 'observed', source: 'generated', detail: 'generated' }],
  };
}

/** A Prometheus outside the mesh, an unknown caller and the kubelet, at every workload. */
export function outsideCalls(facts: WorldFacts): readonly Call[] {
  return facts.workloads.flatMap(({ namespace, name }) =>
    (['prometheus', 'unknown', 'kubelet', 'load-balancer'] as const).map((who): Call => ({
      id: `${who} -> ${namespace}/${name}`,
      from: { kind: 'outsider', who },
      to: { kind: 'pod-port', workload: { namespace, kind: 'Deployment', name }, port: 8080 },
      phase: who === 'kubelet' ? 'probe' : 'run',
      evidence: [{ kind: 'declared', source: 'generated', detail: 'generated' }],
    })),
  );
}
