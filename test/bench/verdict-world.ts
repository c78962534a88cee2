import { chartWebhookConfigurations } from '../../src/domain/mesh/istio/injection/chart-webhooks.ts';
import type { KubeObject } from '../../src/domain/kubernetes/object.ts';
import { admit } from '../../src/domain/world/admit.ts';
import { listedPods } from '../../src/domain/world/listed-pods.ts';
import type { World } from '../../src/domain/world/world.ts';
import { parseYaml } from '../../src/adapters/yaml/read.ts';
import { asObject, asText, asTextMap, at, type JsonObject } from '../../src/lib/json.ts';
import { ambientMesh, completeWorld, object } from '../cases-runner/case-world.ts';
import { callerOf } from './distinct-calls.ts';
import {
  applicationName,
  namespaceName,
  namespaceOf,
  syntheticCluster,
  type ClusterSize,
} from './synthetic-cluster.ts';

/**
 * The synthetic cluster as a world in memory, with policies that have something to decide: allow-lists by caller, by
 * namespace and by path, refusals, rules for clients, network policies and Sidecar resources. Of six namespaces two
 * have sidecars, one stands behind ztunnel, and three are in no mesh.
 */
export function verdictWorld(size: ClusterSize): World {
  const pods = listedPods();
  const objects: KubeObject[] = [...ambientMesh(), ...chartWebhookConfigurations(WEBHOOKS)];
  for (const { apiVersion, kind, count, objectAt } of syntheticCluster(size)) {
    if (kind === 'AuthorizationPolicy') continue;
    for (let index = 0; index < count; index += 1) {
      const raw = inAmbient({ apiVersion, kind, ...objectAt(index) }, size);
      if (kind === 'Pod') pods.add(raw, admitted);
      else objects.push(...[admitted(raw)].filter((one) => one !== undefined));
    }
  }
  return completeWorld([...objects, ...pods.folded(), ...decisions(size)]);
}

const WEBHOOKS = { revisions: ['default'], origin: { from: 'read' } } as const;

function admitted(raw: JsonObject): KubeObject | undefined {
  const result = admit(raw, { from: 'read' }, parseYaml);
  return 'object' in result ? result.object : undefined;
}

/** Every sixth namespace stands behind ztunnel, which the node agent has noted on its pods. */
function inAmbient(raw: JsonObject, { namespaces }: ClusterSize): JsonObject {
  const metadata = asObject(raw['metadata']) ?? {};
  const name = asText(raw['kind'] === 'Namespace' ? metadata['name'] : metadata['namespace']) ?? '';
  const isChosen = Number(name.slice(name.lastIndexOf('-') + 1)) % 6 === 1 && namespaces > 0;
  if (!isChosen || (raw['kind'] !== 'Namespace' && raw['kind'] !== 'Pod')) return raw;
  const field = raw['kind'] === 'Pod' ? 'annotations' : 'labels';
  const added: JsonObject =
    raw['kind'] === 'Pod' ? { 'ambient.istio.io/redirection': 'enabled' } : { 'istio.io/dataplane-mode': 'ambient' };
  return { ...raw, metadata: { ...metadata, [field]: { ...asTextMap(at(metadata, field)), ...added } } };
}

function decisions(size: ClusterSize): readonly KubeObject[] {
  const { services, namespaces, policies } = size;
  return [
    ...many(policies, (index) => authorizationPolicy(index, size)),
    ...many(Math.ceil(services / 10), (index) => destinationRule(index * 10, size)),
    ...many(Math.ceil(namespaces / 2), (index) => networkPolicy(index * 2 + 1)),
    ...many(Math.ceil(namespaces / 10), (index) => sidecar(index * 10)),
  ];
}

function many(count: number, make: (index: number) => KubeObject): readonly KubeObject[] {
  return Array.from({ length: count }, (_, index) => make(index));
}

function authorizationPolicy(index: number, size: ClusterSize): KubeObject {
  const application = (index * 7) % size.services;
  return object('security.istio.io/v1', 'AuthorizationPolicy', {
    name: `policy-${String(index)}`,
    namespace: namespaceName(namespaceOf(application, size)),
    spec: { selector: { matchLabels: { app: applicationName(application) } }, ...ruleFor(application, index, size) },
  });
}

/** One of four kinds of policies; the first and the last name callers that are there. */
function ruleFor(application: number, index: number, size: ClusterSize): JsonObject {
  const callers = Array.from({ length: 20 }, (_, each) => callerOf(application, each * 5, size.services));
  const principals = callers.map((caller) => {
    return `cluster.local/ns/${namespaceName(namespaceOf(caller, size))}/sa/${applicationName(caller)}`;
  });
  const spaces = callers.slice(0, 10).map((caller) => namespaceName(namespaceOf(caller, size)));
  switch (index % 4) {
    case 0:
      return { action: 'ALLOW', rules: [{ from: [{ source: { principals } }] }] };
    case 1:
      return { action: 'ALLOW', rules: [{ from: [{ source: { namespaces: spaces } }] }] };
    case 2:
      return { action: 'DENY', rules: [{ to: [{ operation: { paths: ['/admin*'] } }] }] };
    default:
      return {
        action: 'ALLOW',
        rules: [{ from: [{ source: { principals } }], to: [{ operation: { methods: ['GET'] } }] }],
      };
  }
}

const TRAFFIC: readonly JsonObject[] = [
  { tls: { mode: 'ISTIO_MUTUAL' } },
  { connectionPool: { tcp: { maxConnections: 100 } } },
  { tls: { mode: 'DISABLE' } },
  { loadBalancer: { simple: 'LEAST_REQUEST' } },
];

function destinationRule(application: number, size: ClusterSize): KubeObject {
  const [name, namespace] = [applicationName(application), namespaceName(namespaceOf(application, size))];
  return object('networking.istio.io/v1', 'DestinationRule', {
    name,
    namespace,
    spec: {
      host: `${name}.${namespace}.svc.cluster.local`,
      trafficPolicy: TRAFFIC[(application / 10) % TRAFFIC.length],
    },
  });
}

function networkPolicy(namespace: number): KubeObject {
  const ports = [{ port: 8080 }, ...(namespace % 4 === 1 ? [{ port: 15008 }] : [])];
  return object('networking.k8s.io/v1', 'NetworkPolicy', {
    name: 'applications-only',
    namespace: namespaceName(namespace),
    spec: { podSelector: {}, ingress: [{ from: [{ namespaceSelector: {} }], ports }] },
  });
}

function sidecar(namespace: number): KubeObject {
  return object('networking.istio.io/v1', 'Sidecar', {
    name: 'default',
    namespace: namespaceName(namespace),
    spec: { egress: [{ hosts: ['./*', 'istio-system/*', `${namespaceName(namespace + 3)}/*`] }] },
  });
}
