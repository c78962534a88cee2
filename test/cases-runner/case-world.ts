import { KIND } from '../../src/domain/kubernetes/kinds.ts';
import type { KubeObject } from '../../src/domain/kubernetes/object.ts';
import { known } from '../../src/domain/world/fact.ts';
import { makeWorld } from '../../src/domain/world/object-world.ts';
import type { CoverageEntry } from '../../src/domain/world/coverage.ts';
import type { World } from '../../src/domain/world/world.ts';
import type { JsonObject } from '../../src/lib/json.ts';

type Labels = Readonly<Record<string, string>>;

export interface ObjectParts {
  readonly name: string;
  readonly namespace?: string;
  readonly labels?: Labels;
  readonly annotations?: Labels;
  readonly created?: string;
  readonly spec?: unknown;
  readonly fields?: JsonObject;
}

/** An object as a reader would hand it over. */
export function object(apiVersion: string, kind: string, parts: ObjectParts): KubeObject {
  return {
    apiVersion,
    kind,
    metadata: {
      name: parts.name,
      labels: parts.labels ?? {},
      annotations: parts.annotations ?? {},
      ownerReferences: [],
      ...(parts.namespace === undefined ? {} : { namespace: parts.namespace }),
      ...(parts.created === undefined ? {} : { creationTimestamp: parts.created }),
    },
    origin: { from: 'read' },
    ...(parts.spec === undefined ? {} : { spec: parts.spec }),
    ...parts.fields,
  };
}

export interface PodParts {
  readonly namespace: string;
  readonly name: string;
  readonly labels?: Labels;
  readonly annotations?: Labels;
  readonly sidecar: boolean;
  readonly revision?: string;
  /** Fields of the application's container. */
  readonly container?: JsonObject;
  readonly spec?: JsonObject;
}

/** A live pod that nobody owns, as injection leaves it where it has a sidecar. */
export function pod(parts: PodParts): KubeObject {
  const { namespace, name, sidecar } = parts;
  const revision = parts.revision ?? 'default';
  const injected = { 'sidecar.istio.io/status': JSON.stringify({ revision }), 'istio.io/rev': revision };
  return object('v1', 'Pod', {
    name,
    namespace,
    labels: sidecar ? { 'security.istio.io/tlsMode': 'istio', ...parts.labels } : (parts.labels ?? {}),
    annotations: sidecar ? { ...injected, ...parts.annotations } : (parts.annotations ?? {}),
    spec: {
      containers: [{ name: 'app', image: 'example/app:1', ...parts.container }, ...(sidecar ? [PROXY] : [])],
      initContainers: sidecar ? [{ name: 'istio-init', image: 'istio/proxyv2:1.31.0' }] : [],
      ...parts.spec,
    },
  });
}

const PROXY = { name: 'istio-proxy', image: 'istio/proxyv2:1.31.0', args: ['proxy', 'sidecar'] };

/** The same pod as the ingress gateway's. */
export function gatewayPod(namespace: string, name: string): KubeObject {
  return object('v1', 'Pod', {
    name,
    namespace,
    labels: { 'security.istio.io/tlsMode': 'istio' },
    annotations: { 'sidecar.istio.io/status': '{"revision":"default"}' },
    spec: { containers: [{ ...PROXY, args: ['proxy', 'router'] }] },
  });
}

/** A Service over pods with the label `app: NAME`. */
export function service(namespace: string, name: string, spec: JsonObject): KubeObject {
  return object('v1', 'Service', { name, namespace, spec: { selector: { app: name }, ...spec } });
}

export interface MeshParts {
  readonly mesh?: JsonObject;
  readonly injector?: JsonObject;
  readonly values?: JsonObject;
  readonly revision?: string;
  /** Environment of istiod beside its revision. */
  readonly env?: Labels;
  readonly version?: string;
}

/** The control plane of one revision: istiod and its two ConfigMaps in istio-system. */
export function controlPlane(parts: MeshParts = {}): KubeObject[] {
  const revision = parts.revision ?? 'default';
  const suffix = revision === 'default' ? '' : `-${revision}`;
  const config = (name: string, decoded: JsonObject): KubeObject =>
    object('v1', 'ConfigMap', { name: `${name}${suffix}`, namespace: 'istio-system', fields: { decoded } });
  const labels = { app: 'istiod', 'istio.io/rev': revision };
  const env = Object.entries({ REVISION: revision, ...parts.env }).map(([name, value]) => ({ name, value }));
  return [
    config('istio', { mesh: parts.mesh ?? {} }),
    config('istio-sidecar-injector', { config: parts.injector ?? {}, values: parts.values ?? {} }),
    object('apps/v1', 'Deployment', {
      name: `istiod${suffix}`,
      namespace: 'istio-system',
      labels,
      spec: {
        template: {
          metadata: { labels },
          spec: { containers: [{ name: 'discovery', image: `istio/pilot:${parts.version ?? '1.31.0'}`, env }] },
        },
      },
    }),
  ];
}

/** A control plane with ambient mode, and the two agents of every node. */
export function ambientMesh(parts: MeshParts = {}): KubeObject[] {
  const proxyMetadata = { ISTIO_META_ENABLE_HBONE: 'true' };
  return [
    ...controlPlane({
      ...parts,
      env: { PILOT_ENABLE_AMBIENT: 'true', ...parts.env },
      mesh: { defaultConfig: { proxyMetadata }, ...parts.mesh },
    }),
    ...['ztunnel', 'istio-cni-node'].map((name) =>
      object('apps/v1', 'DaemonSet', { name, namespace: 'istio-system', spec: { template: { spec: {} } } }),
    ),
  ];
}

/** A live pod that the node agent has put behind ztunnel. */
export function ambientPod(parts: Omit<PodParts, 'sidecar'>): KubeObject {
  const annotations = { 'ambient.istio.io/redirection': 'enabled', ...parts.annotations };
  const labels = { 'istio.io/dataplane-mode': 'ambient', ...parts.labels };
  return pod({ ...parts, sidecar: false, labels, annotations });
}

/** A waypoint that is ready, with its pod; its account has its name. */
export function waypoint(namespace: string, name: string, labels: Labels = {}): KubeObject[] {
  const args = ['proxy', 'waypoint'];
  return [
    object('gateway.networking.k8s.io/v1', 'Gateway', {
      name,
      namespace,
      labels,
      spec: { gatewayClassName: 'istio-waypoint', listeners: [{ name: 'mesh', port: 15008, protocol: 'HBONE' }] },
      fields: { status: { addresses: [{ value: '10.0.0.1' }] } },
    }),
    object('v1', 'Pod', {
      name: `${name}-1`,
      namespace,
      labels: { 'gateway.networking.k8s.io/gateway-name': name, 'istio.io/dataplane-mode': 'none' },
      spec: { serviceAccountName: name, containers: [{ name: 'istio-proxy', image: 'istio/proxyv2:1.31.0', args }] },
    }),
  ];
}

/** A world of which every kind was read, so that what is not there does not exist. */
export function completeWorld(objects: readonly KubeObject[], entries: readonly CoverageEntry[] = []): World {
  const named = new Set(entries.map(({ kind }) => kind));
  const rest = Object.values(KIND).filter((kind) => !named.has(kind));
  const read = rest.map((kind): CoverageEntry => ({ kind, state: 'read', objects: 0 }));
  const coverage = { basis: 'snapshot', entries: [...entries, ...read] } as const;
  return makeWorld(
    { coverage, cluster: 'case', asOf: known('2026-01-01T00:00:00Z'), kubernetesVersion: known('v1.34.0') },
    objects,
  );
}
