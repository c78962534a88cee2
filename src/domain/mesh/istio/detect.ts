import { sortedUnique } from '../../../lib/order.ts';
import { KIND } from '../../kubernetes/kinds.ts';
import { refOf, type KubeObject } from '../../kubernetes/object.ts';
import type { Evidence } from '../../world/evidence.ts';
import { known, unknown, type Fact } from '../../world/fact.ts';
import { cohortsOf } from '../../world/workload.ts';
import { workloadsOf } from '../../world/workloads-of.ts';
import type { World } from '../../world/world.ts';
import type { Detection, MeshState } from '../mesh.ts';
import { controlPlanes, injectionWebhooks } from './control-plane.ts';
import { detectProxy } from './injection/detect-proxy.ts';

/** Whether Istio is in the cluster, and in what state, by its control plane, webhooks, proxies and own objects. */
export function detectIstio(world: World): Detection {
  const planes = controlPlanes(world);
  const webhooks = injectionWebhooks(world);
  const proxies = countProxies(world);
  const objects = istioObjects(world);
  const revisions = sortedUnique([
    ...planes.map(({ revision }) => revision),
    ...webhooks.flatMap(({ revision }) => revision ?? []),
  ]);
  const evidence: Evidence[] = [
    ...planes.map((plane): Evidence => ({ object: plane.ref, rule: `istiod of revision ${plane.revision}` })),
    ...(proxies > 0 ? [{ rule: `${String(proxies)} pods run an Istio proxy` }] : []),
    ...objects.slice(0, 5).map((object): Evidence => ({ object: refOf(object), rule: 'an object of Istio' })),
  ];
  const facts = { planes: planes.length, webhooks: webhooks.length, proxies, objects: objects.length };
  return { mesh: 'istio', state: stateOf(world, facts), version: versionOf(planes), revisions, evidence };
}

interface Facts {
  readonly planes: number;
  readonly webhooks: number;
  readonly proxies: number;
  readonly objects: number;
}

/** A webhook without an istiod in the cluster calls one that is elsewhere. */
function stateOf(world: World, { planes, webhooks, proxies, objects }: Facts): MeshState {
  if (planes > 0) return proxies > 0 ? 'active' : 'installed-unused';
  if (webhooks > 0) return 'external';
  const gap = world.list(KIND.deployment).gap ?? world.list(KIND.mutatingWebhook).gap;
  if (proxies > 0) return gap === undefined ? 'orphaned' : 'unknown';
  if (gap !== undefined) return 'unknown';
  return objects > 0 ? 'remnant' : 'absent';
}

function versionOf(planes: ReturnType<typeof controlPlanes>): Fact<string> {
  const versions = sortedUnique(planes.flatMap(({ version }) => version ?? []));
  return versions.length === 0 ? unknown('no istiod image names a version') : known(versions.join(', '));
}

function countProxies(world: World): number {
  let pods = 0;
  for (const workload of workloadsOf(world)) {
    for (const cohort of cohortsOf(workload)) if (detectProxy(cohort.pod).proxy !== 'none') pods += cohort.pods;
  }
  return pods;
}

function istioObjects(world: World): readonly KubeObject[] {
  const kinds = world.kinds().filter((kind) => /^(security|networking|telemetry|extensions)\.istio\.io\//.test(kind));
  return kinds.flatMap((kind) => world.list(kind).objects);
}
