import { asNumber, asObject, asObjects, asText, at, type JsonObject } from '../../../src/lib/json.ts';

/** Names what the injector would have done to a workload's pods; never reaches the cluster. */
const PROXY = 'test.meshwise.dev/proxy';
const HASH = '5f6d8c9b4d';

/** How each injector changes a pod: annotations, labels, and the containers it adds. */
export const INJECTED: Readonly<Record<string, JsonObject>> = {
  none: {},
  ambient: { annotations: { 'ambient.istio.io/redirection': 'enabled' } },
  istio: {
    annotations: {
      'sidecar.istio.io/status': '{"initContainers":["istio-init"],"containers":["istio-proxy"],"revision":"default"}',
    },
    labels: { 'security.istio.io/tlsMode': 'istio', 'service.istio.io/canonical-revision': 'latest' },
    init: {
      name: 'istio-init',
      image: 'docker.io/istio/proxyv2:1.31.1',
      args: ['istio-iptables', '-p', '15001', '-z', '15006'],
    },
    proxy: {
      name: 'istio-proxy',
      image: 'docker.io/istio/proxyv2:1.31.1',
      args: ['proxy', 'sidecar'],
      ports: [{ containerPort: 15090, name: 'http-envoy-prom' }],
    },
  },
  'istio-native': {
    annotations: {
      'sidecar.istio.io/status':
        '{"initContainers":["istio-init","istio-proxy"],"containers":null,"revision":"default"}',
    },
    labels: { 'security.istio.io/tlsMode': 'istio', 'service.istio.io/canonical-revision': 'latest' },
    init: {
      name: 'istio-init',
      image: 'docker.io/istio/proxyv2:1.31.1',
      args: ['istio-iptables', '-p', '15001', '-z', '15006'],
    },
    native: {
      name: 'istio-proxy',
      image: 'docker.io/istio/proxyv2:1.31.1',
      args: ['proxy', 'sidecar'],
      restartPolicy: 'Always',
      ports: [{ containerPort: 15090, name: 'http-envoy-prom' }],
    },
  },
  linkerd: {
    annotations: {
      'linkerd.io/proxy-version': 'edge-26.6.2',
      'linkerd.io/created-by': 'linkerd/proxy-injector edge-26.6.2',
    },
    labels: { 'linkerd.io/control-plane-ns': 'linkerd' },
    init: {
      name: 'linkerd-init',
      image: 'cr.l5d.io/linkerd/proxy-init:v2.4.3',
      args: ['--incoming-proxy-port', '4143'],
    },
    proxy: {
      name: 'linkerd-proxy',
      image: 'cr.l5d.io/linkerd/proxy:edge-26.6.2',
      ports: [
        { containerPort: 4143, name: 'linkerd-proxy' },
        { containerPort: 4191, name: 'linkerd-admin' },
      ],
    },
  },
};

/** Adds to a world the ReplicaSets and ready pods that its workloads would have, injected as they ask for. */
export function rollOut(world: readonly JsonObject[]): readonly JsonObject[] {
  return world.flatMap((object, index) => {
    const proxy = asText(at(object, 'metadata', 'annotations', PROXY));
    if (proxy === undefined) return [object];
    const injected = INJECTED[proxy];
    if (injected === undefined) throw new Error(`no injector ${proxy}`);
    const { annotations, ...metadata } = asObject(object['metadata']) ?? {};
    const rest = Object.entries(asObject(annotations) ?? {}).filter(([name]) => name !== PROXY);
    const deployment = { ...object, metadata: { ...metadata, annotations: Object.fromEntries(rest) } };
    const replicas = asNumber(at(object, 'spec', 'replicas')) ?? 1;
    const owner = object['kind'] === 'DaemonSet' ? deployment : replicaSetOf(deployment);
    const pods = Array.from({ length: replicas }, (_, pod) => podOf(owner, injected, { pod, index }));
    return [...new Set([deployment, owner]), ...pods];
  });
}

function replicaSetOf(deployment: JsonObject): JsonObject {
  const { name, namespace } = asObject(deployment['metadata']) ?? {};
  const template = asObject(at(deployment, 'spec', 'template')) ?? {};
  const labels = { ...asObject(at(template, 'metadata', 'labels')), 'pod-template-hash': HASH };
  return {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: { name: `${String(name)}-${HASH}`, namespace, labels, ownerReferences: [ownerOf(deployment, 'apps/v1')] },
    spec: {
      replicas: asNumber(at(deployment, 'spec', 'replicas')) ?? 1,
      selector: { matchLabels: labels },
      template: { ...template, metadata: { ...asObject(template['metadata']), labels } },
    },
  };
}

/** Which of its owner's pods it is, and of how many owners. */
export interface PodNumber {
  readonly pod: number;
  readonly index: number;
}

/** A ready pod of its owner's template, changed as the injector does. */
export function podOf(owner: JsonObject, injected: JsonObject, { pod, index }: PodNumber): JsonObject {
  const metadata = asObject(at(owner, 'spec', 'template', 'metadata')) ?? {};
  const spec = asObject(at(owner, 'spec', 'template', 'spec')) ?? {};
  const { name, namespace } = asObject(owner['metadata']) ?? {};
  const inits = [injected['init'], injected['native']].flatMap((container) => asObject(container) ?? []);
  const proxy = asObject(injected['proxy']);
  const own = asObjects(spec['containers']);
  // Linkerd's comes first, because the others are to wait for it.
  const isFirst = proxy?.['name'] === 'linkerd-proxy';
  const containers = proxy === undefined ? own : isFirst ? [proxy, ...own] : [...own, proxy];
  const running = { running: { startedAt: '2026-11-20T08:00:05Z' } };
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: `${String(name)}-${String(pod)}aaaa`,
      namespace,
      labels: { ...asObject(metadata['labels']), ...asObject(injected['labels']) },
      annotations: { ...asObject(metadata['annotations']), ...asObject(injected['annotations']) },
      ownerReferences: [ownerOf(owner, 'apps/v1')],
    },
    spec: {
      ...spec,
      nodeName: 'node-1',
      containers,
      ...(inits.length === 0 ? {} : { initContainers: [...inits, ...asObjects(spec['initContainers'])] }),
    },
    status: {
      phase: 'Running',
      podIP: `10.1.${String(index)}.${String(pod + 1)}`,
      podIPs: [{ ip: `10.1.${String(index)}.${String(pod + 1)}` }],
      conditions: [{ type: 'Ready', status: 'True', lastTransitionTime: '2026-11-20T08:00:20Z' }],
      containerStatuses: containers.map(({ name: container, image }) => {
        return { name: container, image, imageID: '', ready: true, restartCount: 0, started: true, state: running };
      }),
    },
  };
}

function ownerOf(owner: JsonObject, apiVersion: string): JsonObject {
  return { apiVersion, kind: owner['kind'], name: at(owner, 'metadata', 'name'), controller: true, uid: '' };
}
