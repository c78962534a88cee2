import fc from 'fast-check';
import type { KubeObject } from '../../src/domain/kubernetes/object.ts';
import { chartWebhookConfigurations } from '../../src/domain/mesh/istio/injection/chart-webhooks.ts';
import type { JsonObject } from '../../src/lib/json.ts';
import { ambientMesh, controlPlane, gatewayPod, object, waypoint } from '../cases-runner/case-world.ts';
import { chartValuesWith, linkerdControlPlane } from '../cases-runner/linkerd/linkerd-world.ts';
import { aged, APPS, rarely, SPACES, written, type Draft, type Space } from './rich-draft.ts';
import { istioPolicy } from './rich-istio-policies.ts';
import { ACCESS, linkerdPolicy, networkPolicy } from './rich-other-policies.ts';
import { workloadObjects, workloadShape, type MeshOfSpace, type RichWorkload } from './rich-workloads.ts';

/** A generated cluster of several meshes. */
export interface RichWorld {
  readonly meshes: Readonly<Record<Space, MeshOfSpace>>;
  /** Whether the namespaces still ask for their mesh: what lives may be older than the label. */
  readonly enrolled: Readonly<Record<Space, boolean>>;
  readonly workloads: readonly RichWorkload[];
  readonly policies: readonly Draft[];
  /** What of `meshConfig` is not as usual. */
  readonly meshConfig: JsonObject;
  /** The default policy of the Linkerd control plane. */
  readonly linkerdDefault: string;
  /** Namespaces with a waypoint that all of their Services use. */
  readonly waypoints: readonly Space[];
  /** Whether a network plugin is there that surely enforces NetworkPolicies. */
  readonly enforces: boolean;
  readonly gateway: boolean;
}

const meshOf = fc.constantFrom<MeshOfSpace>('sidecar', 'sidecar', 'sidecar', 'ambient', 'linkerd', 'linkerd', 'none');
const flags = fc.record({ red: fc.boolean(), blue: fc.boolean(), green: fc.boolean() });

const policy = fc.oneof(
  { arbitrary: istioPolicy, weight: 6 },
  { arbitrary: linkerdPolicy, weight: 3 },
  { arbitrary: networkPolicy, weight: 2 },
);

/** Worlds of up to four workloads in three namespaces, and of two to eight policies. */
export const richWorld: fc.Arbitrary<RichWorld> = fc
  .record({
    meshes: fc.record({ red: meshOf, blue: meshOf, green: meshOf }),
    enrolled: flags,
    shapes: fc.array(fc.record({ shape: workloadShape, place: fc.constantFrom(...places()) }), {
      minLength: 2,
      maxLength: 4,
    }),
    policies: fc.array(policy, { minLength: 2, maxLength: 8 }),
    isPlain: fc.boolean(),
    meshConfig: fc.constantFrom<JsonObject>(
      {},
      {},
      {},
      { enableAutoMtls: false },
      { outboundTrafficPolicy: { mode: 'REGISTRY_ONLY' } },
      { trustDomain: 'corp', trustDomainAliases: ['cluster.local'] },
      { defaultConfig: { proxyMetadata: { ISTIO_META_ENABLE_HBONE: 'true' } } },
      { defaultDestinationRuleExportTo: ['.'] },
    ),
    linkerdDefault: fc.constantFrom('all-unauthenticated', ...ACCESS),
    waypoints: fc.subarray([...SPACES], { maxLength: 1 }),
    enforces: fc.boolean(),
    gateway: rarely(3),
  })
  .map(({ shapes, isPlain, ...rest }) => {
    const facts = { ...rest, workloads: eachPlaceOnce(shapes) };
    return isPlain ? plain(facts) : facts;
  });

/** One mesh everywhere and nothing odd about the workloads, so that policies are what decides. */
function plain(facts: RichWorld): RichWorld {
  const mesh = facts.meshes.red;
  return {
    ...facts,
    meshes: { red: mesh, blue: mesh, green: mesh },
    workloads: facts.workloads.map((one) => ({ ...one, annotations: {}, labels: {}, hostNetwork: false })),
  };
}

type Place = Pick<RichWorkload, 'namespace' | 'name'>;

function places(): readonly Place[] {
  return SPACES.flatMap((namespace) => APPS.map((name) => ({ namespace, name })));
}

function eachPlaceOnce(
  drawn: readonly { readonly shape: Omit<RichWorkload, 'namespace' | 'name'>; readonly place: Place }[],
): readonly RichWorkload[] {
  const found = drawn.map(({ shape, place }): RichWorkload => ({ ...shape, ...place }));
  return [...new Map(found.map((one) => [`${one.namespace}/${one.name}`, one])).values()];
}

/** The Kubernetes objects of the world, each created a minute after the one before. */
export function richObjects(facts: RichWorld): readonly KubeObject[] {
  const drafts = facts.policies.filter((one) => isServedIn(one, facts));
  return aged([
    ...planes(facts),
    ...SPACES.map((name) => namespaceObject(name, facts)),
    ...facts.workloads
      .flatMap((one) => workloadObjects(one, facts.meshes[one.namespace]))
      .map((one) => withWaypoint(one, facts)),
    ...facts.waypoints.filter((at) => facts.meshes[at] === 'ambient').flatMap((at) => waypoint(at, 'way')),
    ...(facts.gateway && usesIstio(facts) ? gatewayObjects() : []),
    ...(facts.enforces ? [daemonSet('kube-system', 'calico-node')] : []),
    ...drafts.map(written),
  ]);
}

function usesIstio({ meshes }: RichWorld): boolean {
  return SPACES.some((at) => meshes[at] === 'sidecar' || meshes[at] === 'ambient');
}

function usesLinkerd({ meshes }: RichWorld): boolean {
  return SPACES.some((at) => meshes[at] === 'linkerd');
}

/** Policies of a mesh that is not there would only be noise. */
function isServedIn({ apiVersion }: Draft, facts: RichWorld): boolean {
  if (apiVersion.includes('istio.io/')) return usesIstio(facts);
  return apiVersion.includes('linkerd.io/') ? usesLinkerd(facts) : true;
}

function planes(facts: RichWorld): readonly KubeObject[] {
  const isAmbient = SPACES.some((at) => facts.meshes[at] === 'ambient');
  const parts = { mesh: facts.meshConfig };
  const istio = usesIstio(facts)
    ? [
        ...(isAmbient ? ambientMesh(parts) : controlPlane(parts)),
        ...chartWebhookConfigurations({ revisions: ['default'], origin: { from: 'read' } }),
        object('v1', 'Namespace', { name: 'istio-system' }),
      ]
    : [];
  const values = chartValuesWith({ 'proxy.defaultInboundPolicy': facts.linkerdDefault });
  return [...istio, ...(usesLinkerd(facts) ? linkerdControlPlane(values) : [])];
}

function namespaceObject(name: Space, { meshes, enrolled }: RichWorld): KubeObject {
  if (!enrolled[name] || meshes[name] === 'none') return object('v1', 'Namespace', { name });
  switch (meshes[name]) {
    case 'sidecar':
      return object('v1', 'Namespace', { name, labels: { 'istio-injection': 'enabled' } });
    case 'ambient':
      return object('v1', 'Namespace', { name, labels: { 'istio.io/dataplane-mode': 'ambient' } });
    case 'linkerd':
      return object('v1', 'Namespace', { name, annotations: { 'linkerd.io/inject': 'enabled' } });
  }
}

function withWaypoint(one: KubeObject, { waypoints }: RichWorld): KubeObject {
  const { metadata } = one;
  if (one.kind !== 'Service' || !waypoints.some((at) => at === metadata.namespace)) return one;
  return { ...one, metadata: { ...metadata, labels: { ...metadata.labels, 'istio.io/use-waypoint': 'way' } } };
}

function gatewayObjects(): readonly KubeObject[] {
  return [gatewayPod('istio-system', 'ingress')];
}

function daemonSet(namespace: string, name: string): KubeObject {
  return object('apps/v1', 'DaemonSet', { name, namespace, spec: { template: { spec: { containers: [] } } } });
}
