import type { AssessInput } from '../../../src/domain/decide/assessment.ts';
import { groupOf, kindOf, type KubeObject } from '../../../src/domain/kubernetes/object.ts';
import type { Detection } from '../../../src/domain/mesh/mesh.ts';
import type { CoverageEntry } from '../../../src/domain/world/coverage.ts';
import { known, unknown } from '../../../src/domain/world/fact.ts';
import { makeWorld } from '../../../src/domain/world/object-world.ts';
import type { World } from '../../../src/domain/world/world.ts';

const CLUSTER_WIDE = new Set(['Node', 'Namespace']);

/** An object by `apiVersion Kind name`, in the namespace `shop` unless it has none. */
export function object(
  text: string,
  fields: Partial<KubeObject> & { labels?: Record<string, string> } = {},
): KubeObject {
  const [apiVersion = '', kind = '', name = ''] = text.split(' ');
  const { labels = {}, ...rest } = fields;
  const scope = CLUSTER_WIDE.has(kind) && groupOf(apiVersion) === '' ? {} : { namespace: 'shop' };
  const metadata = { name, labels, annotations: {}, ownerReferences: [], ...scope };
  return { apiVersion, kind, metadata, origin: { from: 'read' }, ...rest };
}

const deployment = (name: string, replicas: number): KubeObject =>
  object(`apps/v1 Deployment ${name}`, {
    spec: { replicas, template: { spec: { containers: [{ name, image: `shop/${name}` }] } } },
  });

const service = (name: string, port: object): KubeObject =>
  object(`v1 Service ${name}`, { spec: { selector: { app: name }, ports: [port] } });

/** A shop with canaries, gRPC, policies and Cilium as the CNI. */
export const SHOP: readonly KubeObject[] = [
  object('v1 Namespace shop', { labels: { 'pod-security.kubernetes.io/enforce': 'restricted', compliance: 'pci' } }),
  object('v1 Node node-1'),
  object('v1 Node node-2', { labels: { 'kubernetes.io/os': 'windows' } }),
  deployment('front', 3),
  deployment('cart', 1),
  object('apps/v1 StatefulSet db', { spec: { replicas: 1, template: { spec: { containers: [{ name: 'db' }] } } } }),
  object('apps/v1 DaemonSet cilium', { spec: { template: { spec: { hostNetwork: true, containers: [] } } } }),
  object('v1 ConfigMap cilium-config', { data: { 'enable-wireguard': 'true', 'cni-exclusive': 'true' } }),
  service('front', { port: 80, name: 'http' }),
  service('cart', { port: 7070, name: 'grpc' }),
  service('db', { port: 3306 }),
  object('v1 Service legacy', { spec: { ports: [{ port: 80 }] } }),
  object('networking.k8s.io/v1 NetworkPolicy deny', { spec: { podSelector: {} } }),
  object('flagger.app/v1beta1 Canary front'),
  object('security.istio.io/v1 PeerAuthentication default', { spec: { mtls: { mode: 'STRICT' } } }),
  object('networking.istio.io/v1alpha3 EnvoyFilter lua'),
  object('v1 ResourceQuota team'),
];

/** A world of the objects without those of the kinds named, which may not be read; all other kinds are whole. */
export function worldWithout(
  forbidden: readonly string[],
  objects: readonly KubeObject[] = SHOP,
  version = 'v1.34.1',
): World {
  const entries = forbidden.map((kind): CoverageEntry => ({ kind, state: 'forbidden', objects: 0 }));
  return makeWorld(
    {
      coverage: { basis: 'declared', entries },
      cluster: 'small',
      asOf: known('2026-11-21T00:00:00Z'),
      kubernetesVersion: version === '' ? unknown('nobody asked') : known(version),
    },
    objects.filter((candidate) => !forbidden.includes(kindOf(candidate))),
  );
}

/** Every kind that the shop holds an object of. */
export const SHOP_KINDS = [...new Set(SHOP.map(kindOf))];

/** A detection in the given state. */
export function detected(mesh: Detection['mesh'], state: Detection['state']): Detection {
  return { mesh, state, version: unknown('not asked'), revisions: [], evidence: [] };
}

/** An assessment's input over a world, with few draws. */
export function inputOver(world: World, rest: Partial<AssessInput> = {}): AssessInput {
  return { world, detections: [], draws: 300, ...rest };
}
