import { sortedUnique } from '../../../lib/order.ts';
import { KIND } from '../../kubernetes/kinds.ts';
import { refOf, type KubeObject } from '../../kubernetes/object.ts';
import type { Evidence } from '../../world/evidence.ts';
import { known, unknown, type Fact } from '../../world/fact.ts';
import { cohortsOf } from '../../world/workload.ts';
import { workloadsOf } from '../../world/workloads-of.ts';
import type { World } from '../../world/world.ts';
import type { Detection, MeshState } from '../mesh.ts';
import { linkerdControlPlanes, type LinkerdControlPlane } from './control-plane.ts';
import { linkerdWebhooks } from './injection/webhook.ts';
import { linkerdMarks } from './recognise.ts';

/** Whether Linkerd is in the cluster, and in what state, by its control plane, webhook, proxies and own objects. */
export function detectLinkerd(world: World): Detection {
  const planes = linkerdControlPlanes(world).filter(({ components }) => components.length > 0);
  const proxies = countProxies(world, planes);
  const leftovers = linkerdObjects(world);
  const evidence: Evidence[] = [
    ...planes.flatMap(planeEvidence),
    ...(proxies > 0
      ? [{ rule: `${String(proxies)} pods or templates outside the control plane run linkerd-proxy` }]
      : []),
    ...leftovers.slice(0, 5).map((object): Evidence => ({ object: refOf(object), rule: 'an object of Linkerd' })),
  ];
  const state = stateOf(world, { planes: planes.length, proxies, objects: leftovers.length });
  return { mesh: 'linkerd', state, version: versionOf(planes), revisions: [], evidence };
}

function planeEvidence(plane: LinkerdControlPlane): readonly Evidence[] {
  const { namespace, trustDomain, components } = plane;
  const trust = trustDomain.known
    ? `identities end in ${trustDomain.value}`
    : `the trust domain is not known: ${trustDomain.reason}`;
  return components.map((object) => ({ object, rule: `control plane of Linkerd in ${namespace}; ${trust}` }));
}

interface Facts {
  readonly planes: number;
  readonly proxies: number;
  readonly objects: number;
}

/** Linkerd has no control plane outside the cluster; proxies without one run until their certificates end, in a day. */
function stateOf(world: World, { planes, proxies, objects }: Facts): MeshState {
  // Nobody uses the control plane only where all pods were seen.
  if (planes > 0 && proxies === 0) return world.list(KIND.pod).gap === undefined ? 'installed-unused' : 'unknown';
  if (planes > 0) return 'active';
  const gap = world.list(KIND.deployment).gap ?? world.list(KIND.mutatingWebhook).gap;
  if (proxies > 0) return gap === undefined ? 'orphaned' : 'unknown';
  if (gap !== undefined) return 'unknown';
  if (objects > 0) return 'remnant';
  return LEFT_BEHIND.every((kind) => world.list(kind).gap === undefined) ? 'absent' : 'unknown';
}

const LINKERD_KIND = /^([a-z0-9-]+\.)*linkerd\.io\//;

/** Kinds whose objects outlive the control plane. */
const LEFT_BEHIND = [KIND.customResourceDefinition, ...Object.values(KIND).filter((kind) => LINKERD_KIND.test(kind))];

function versionOf(planes: readonly LinkerdControlPlane[]): Fact<string> {
  const versions = sortedUnique(planes.flatMap(({ version }) => (version.known ? [version.value] : [])));
  return versions.length === 0 ? unknown('no image of a control plane names a version') : known(versions.join(', '));
}

const EXTENSION = 'linkerd.io/extension';

/** The control plane's own pods and those of extensions show that Linkerd is installed, not that anybody uses it. */
function countProxies(world: World, planes: readonly LinkerdControlPlane[]): number {
  const own = new Set(planes.map(({ namespace }) => namespace));
  let pods = 0;
  for (const workload of workloadsOf(world)) {
    const ofExtension = world.get({ kind: KIND.namespace, name: workload.namespace })?.metadata.labels[EXTENSION];
    if (own.has(workload.namespace) || ofExtension !== undefined) continue;
    // Manifests show templates alone, and one that carries a proxy runs as it is written.
    const isTemplate = world.coverage.basis === 'declared' && workload.live.known && workload.live.value.length === 0;
    for (const { pod, pods: count } of cohortsOf(workload)) {
      if (pod.labels[EXTENSION] === undefined && linkerdMarks(pod).hasProxy) pods += isTemplate ? 1 : count;
    }
  }
  return pods;
}

/** What an uninstallation leaves behind: custom resources, webhooks, CRDs, the configuration. */
function linkerdObjects(world: World): readonly KubeObject[] {
  const kinds = world.kinds().filter((kind) => LINKERD_KIND.test(kind));
  const webhooks = new Set(linkerdWebhooks(world).map(({ ref }) => ref.name));
  return [
    ...world.list(KIND.mutatingWebhook).objects.filter(({ metadata }) => webhooks.has(metadata.name)),
    ...world.list(KIND.configMap).objects.filter(({ metadata }) => metadata.name === 'linkerd-config'),
    ...world
      .list(KIND.customResourceDefinition)
      .objects.filter(({ metadata }) => metadata.name.endsWith('.linkerd.io')),
    ...kinds.flatMap((kind) => world.list(kind).objects),
  ];
}
