import { sortedUnique } from '../../../lib/order.ts';
import { KIND } from '../../kubernetes/kinds.ts';
import { refOf, type KubeObject } from '../../kubernetes/object.ts';
import type { Evidence } from '../../world/evidence.ts';
import { known, unknown, type Fact } from '../../world/fact.ts';
import type { World } from '../../world/world.ts';
import type { Detection, MeshState } from '../mesh.ts';
import { controlPlanes, injectionWebhooks, type ControlPlane } from './control-plane.ts';
import type { InjectionWebhook } from './injection/webhook.ts';
import { cniAgents, whyNotEverywhere, ztunnels } from './node-agents.ts';
import { proxyCounts, skewEvidence, type ProxyCount } from './version-skew.ts';

/** Whether Istio is in the cluster, and in what state, by its control plane, webhooks, proxies and own objects. */
export function detectIstio(world: World): Detection {
  const planes = controlPlanes(world);
  const webhooks = injectionWebhooks(world);
  const counted = proxyCounts(world);
  const proxies = counted.ambient + counted.proxies.reduce((sum, { pods }) => sum + pods, 0);
  const objects = istioObjects(world);
  const revisions = sortedUnique([
    ...planes.map(({ revision }) => revision),
    ...webhooks.flatMap(({ revision }) => revision ?? []),
  ]);
  const evidence: Evidence[] = [
    ...planes.map((plane): Evidence => ({ object: plane.ref, rule: planeRule(plane) })),
    ...tags(webhooks),
    ...counted.proxies.map((found): Evidence => ({ rule: proxyRule(found) })),
    ...(counted.ambient > 0 ? [{ rule: `${String(counted.ambient)} pods stand behind ztunnel` }] : []),
    ...agents(world),
    ...skewEvidence(world, counted.proxies),
    ...objects.slice(0, 5).map((object): Evidence => ({ object: refOf(object), rule: 'an object of Istio' })),
  ];
  const facts = { planes: planes.length, webhooks: webhooks.length, proxies, objects: objects.length };
  return { mesh: 'istio', state: stateOf(world, facts), version: versionOf(planes), revisions, evidence };
}

function planeRule({ revision, version }: ControlPlane): string {
  return `istiod of revision ${revision}, ${version === undefined ? 'its image names no version' : `version ${version}`}`;
}

function proxyRule({ pods, revision, version }: ProxyCount): string {
  return `${String(pods)} pods run a proxy of revision ${revision}, ${version === undefined ? 'of no known version' : `version ${version}`}`;
}

/** Each tag once: its configuration holds several webhooks. */
function tags(webhooks: readonly InjectionWebhook[]): readonly Evidence[] {
  const texts = webhooks.flatMap(({ tag, revision }) =>
    tag === undefined ? [] : [`tag ${tag} leads to revision ${revision ?? 'unknown'}`],
  );
  return sortedUnique(texts).map((rule) => ({ rule }));
}

function agents(world: World): readonly Evidence[] {
  return [...ztunnels(world).agents, ...cniAgents(world)].map((agent) => ({
    object: refOf(agent),
    rule: whyNotEverywhere(world, agent) ?? 'an agent of every node',
  }));
}

const ISTIO_KIND = /^(security|networking|telemetry|extensions)\.istio\.io\//;

interface Facts {
  readonly planes: number;
  readonly webhooks: number;
  readonly proxies: number;
  readonly objects: number;
}

/** A webhook without an istiod in the cluster calls one that is elsewhere. */
function stateOf(world: World, { planes, webhooks, proxies, objects }: Facts): MeshState {
  if (planes > 0) return proxies > 0 ? 'active' : unused(world);
  const unseen = world.list(KIND.deployment).gap;
  // A webhook calls an istiod somewhere: in this cluster too, where nobody read its Deployments.
  if (webhooks > 0) return unseen === undefined ? 'external' : 'unknown';
  const gap = unseen ?? world.list(KIND.mutatingWebhook).gap;
  if (proxies > 0) return gap === undefined ? 'orphaned' : 'unknown';
  if (gap !== undefined) return 'unknown';
  if (objects > 0) return 'remnant';
  return OWN_KINDS.every((kind) => world.list(kind).gap === undefined) ? 'absent' : 'unknown';
}

/** Kinds of Istio's own, whose objects outlive its control plane. */
const OWN_KINDS = Object.values(KIND).filter((kind) => ISTIO_KIND.test(kind));

/** Nobody uses the control plane only where all pods were seen. */
function unused(world: World): MeshState {
  return world.list(KIND.pod).gap === undefined ? 'installed-unused' : 'unknown';
}

function versionOf(planes: ReturnType<typeof controlPlanes>): Fact<string> {
  const versions = sortedUnique(planes.flatMap(({ version }) => version ?? []));
  return versions.length === 0 ? unknown('no istiod image names a version') : known(versions.join(', '));
}

function istioObjects(world: World): readonly KubeObject[] {
  const kinds = world.kinds().filter((kind) => ISTIO_KIND.test(kind));
  return kinds.flatMap((kind) => world.list(kind).objects);
}
