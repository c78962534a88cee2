import { KIND } from '../../kubernetes/kinds.ts';
import { known, unknown } from '../../world/fact.ts';
import type { World } from '../../world/world.ts';
import type { Detection, Mesh } from '../mesh.ts';
import { allPodWebhooks } from '../recognised/pod-webhooks.ts';
import { detectBySigns } from '../recognised/detect.ts';
import { recognisedMesh } from '../recognised/recognised-mesh.ts';
import { runningContainers, runsImage, type Signature } from '../recognised/signature.ts';
import { firstGap, signsOf } from '../recognised/signs.ts';
import { SUPPORT } from '../recognised/support-status.ts';
import { workloadsOf } from '../../world/workloads-of.ts';
import { cohortsOf } from '../../world/workload.ts';

const signature: Signature = {
  id: 'cloud-service-mesh',
  displayName: 'Cloud Service Mesh',
  groups: ['mesh.cloud.google.com'],
  kinds: [KIND.cloudServiceMeshRevision],
  namespaceLabels: [],
  isControlPlane: (workload) =>
    /^istiod(-|$)/.test(workload.name) &&
    runsImage(workload, /^pilot$/) &&
    workload.template.containers.some(({ image }) => /-asm\.\d+/.test(image)),
  support: SUPPORT['cloud-service-mesh'],
};

/**
 * Google's Cloud Service Mesh. Its sidecars are Istio's and Istio's rules hold for them; here it is only told where the
 * control plane is. Source: https://docs.cloud.google.com/service-mesh.
 */
export const cloudServiceMesh: Mesh = recognisedMesh({ signature, detect });

const MANAGED = /^(istiod-)?asm-managed/;

/** Managed, nothing of the control plane is in the cluster: a revision object and a webhook that calls Google stand for it. */
function detect(world: World): Detection {
  const found = detectBySigns(signature, world);
  const { planes, objects } = signsOf(signature, world);
  const gap = firstGap(world, [KIND.cloudServiceMeshRevision, KIND.mutatingWebhook]);
  const managed = allPodWebhooks(world).filter(
    ({ configuration, answeredBy }) => answeredBy === 'url' && /asm-managed/.test(configuration.name),
  );
  const revisions = objects
    .filter(({ kind, metadata }) => kind === 'ControlPlaneRevision' && MANAGED.test(metadata.name))
    .map(({ metadata }) => metadata.name);
  const evidence = [
    ...found.evidence,
    ...managed.map(({ configuration }) => ({
      object: configuration,
      rule: 'new pods are made by a control plane outside',
    })),
  ];
  const implementation = unknown('ISTIOD or TRAFFIC_DIRECTOR: only `gcloud container fleet mesh describe` says which');
  const here = revisions.length + managed.length > 0;
  const state = here ? 'external' : inCluster(found, planes.length > 0, world);
  return {
    ...found,
    state: state === 'absent' && gap !== undefined ? 'unknown' : state,
    revisions,
    evidence,
    ...(here ? { details: { implementation, proxies: known(String(countProxies(world))) } } : {}),
  };
}

/** In the cluster its istiod is like any other; who is enrolled shows in Istio's sidecars. */
function inCluster({ state }: Detection, planes: boolean, world: World): Detection['state'] {
  if (!planes || state !== 'installed-unused') return state;
  if (countProxies(world) > 0) return 'active';
  return world.list(KIND.pod).gap === undefined ? state : 'unknown';
}

function countProxies(world: World): number {
  return workloadsOf(world)
    .flatMap(cohortsOf)
    .filter(({ pod }) => runningContainers(pod).some(({ name }) => name === 'istio-proxy'))
    .reduce((sum, { pods }) => sum + pods, 0);
}
