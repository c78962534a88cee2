import type { KubeObject } from '../../src/domain/kubernetes/object.ts';
import { chartWebhookConfigurations } from '../../src/domain/mesh/istio/injection/chart-webhooks.ts';
import type { Workload } from '../../src/domain/world/workload.ts';
import { workloadsIn } from '../../src/domain/world/workloads-of.ts';
import type { World } from '../../src/domain/world/world.ts';
import type { JsonObject } from '../../src/lib/json.ts';
import { object, pod, type PodParts } from '../cases-runner/case-world.ts';

type Annotations = Readonly<Record<string, string>>;

/** The label by which the pods of a server can be told apart, which are otherwise alike. */
const TRACK = 'track';

/** What every pod of the server is made of. */
export const SERVER_POD = {
  namespace: 'shop',
  name: 'server',
  labels: { app: 'server' },
  container: { ports: [{ containerPort: 8080 }] },
} as const satisfies Omit<PodParts, 'sidecar'>;

/** A pod of the server with a sidecar, and with that label `track`. */
export function serverPod(track: string, annotations: Annotations = {}): KubeObject {
  return pod({
    ...SERVER_POD,
    name: track,
    labels: { ...SERVER_POD.labels, [TRACK]: track },
    annotations,
    sidecar: true,
  });
}

/** Deployment shop/server in an injected namespace, with these pods; those that it makes next have `track: next`. */
export function serverWith(pods: readonly KubeObject[], annotations: Annotations = {}): readonly KubeObject[] {
  const { labels, container } = SERVER_POD;
  const template = {
    metadata: { labels: { ...labels, [TRACK]: 'next' }, annotations },
    spec: { containers: [{ name: 'app', image: 'example/app:1', ...container }] },
  };
  const owner = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'server', controller: true };
  return [
    object('v1', 'Namespace', { name: 'shop', labels: { 'istio-injection': 'enabled' } }),
    ...chartWebhookConfigurations({ revisions: ['default'], origin: { from: 'read' } }),
    object('apps/v1', 'Deployment', {
      name: 'server',
      namespace: 'shop',
      spec: { selector: { matchLabels: labels }, template },
    }),
    ...pods.map((each) => ({ ...each, metadata: { ...each.metadata, ownerReferences: [owner] } })),
  ];
}

/** The server as the world has it, where it is alone in its namespace. */
export function serverIn(world: World): Workload {
  const [server] = workloadsIn(world, SERVER_POD.namespace);
  if (server === undefined) throw new Error('no workload in namespace shop');
  return server;
}

/** A policy of security.istio.io in namespace shop. */
export function policy(kind: string, name: string, spec: JsonObject): KubeObject {
  return object('security.istio.io/v1', kind, { name, namespace: 'shop', spec });
}

/** The part of a policy's spec that selects the pods with that label `track`. */
export function onTrack(track: string): JsonObject {
  return { selector: { matchLabels: { [TRACK]: track } } };
}

/** Nobody gets in without mutual TLS in namespace shop. */
export const STRICT = policy('PeerAuthentication', 'default', { mtls: { mode: 'STRICT' } });
