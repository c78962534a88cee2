import { KIND } from '../../kubernetes/kinds.ts';
import type { PodShape } from '../../world/pod-shape.ts';
import type { World } from '../../world/world.ts';
import type { Detection } from '../mesh.ts';
import { detectBySigns } from '../recognised/detect.ts';
import { recognisedMesh } from '../recognised/recognised-mesh.ts';
import { imageName, runningContainers, runsImage, type ProxySign, type Signature } from '../recognised/signature.ts';
import { SUPPORT } from '../recognised/support-status.ts';
import { POD_WEBHOOKS } from '../webhook-names.ts';
import { appMeshInjection, NAMESPACE_SWITCH } from './injection.ts';
import { appMeshPortMode } from './port-mode.ts';

const signature: Signature = {
  id: 'app-mesh',
  displayName: 'AWS App Mesh',
  groups: ['appmesh.k8s.aws'],
  kinds: [KIND.appMeshMesh, KIND.appMeshVirtualNode],
  ...(POD_WEBHOOKS['app-mesh'] === undefined ? {} : { webhook: POD_WEBHOOKS['app-mesh'] }),
  namespaceLabels: [NAMESPACE_SWITCH],
  isControlPlane: (workload) => workload.name === 'appmesh-controller' || runsImage(workload, /^appmesh-controller$/),
  proxyIn,
  support: SUPPORT['app-mesh'],
};

/** AWS App Mesh, whose service AWS has ended. Source: aws/aws-app-mesh-controller-for-k8s pkg/inject. */
export const appMesh = recognisedMesh({
  signature,
  detect,
  injection: appMeshInjection,
  injected: { name: 'envoy', image: 'aws-appmesh-envoy', annotations: {} },
  answers: { portMode: appMeshPortMode },
});

/** Other meshes call their container `envoy` too. A gateway's pod holds nothing else. */
function proxyIn(pod: PodShape): ProxySign | undefined {
  const container = runningContainers(pod).find(({ name }) => name === 'envoy');
  if (container === undefined) return undefined;
  const own = imageName(container.image) === 'aws-appmesh-envoy';
  const init = pod.initContainers.some(({ name, image }) => name === 'proxyinit' && /appmesh/.test(image));
  const named = container.env.some(({ name }) => /^APPMESH_(RESOURCE_ARN|VIRTUAL_NODE_NAME)$/.test(name));
  if (!own && !init && !named) return undefined;
  const alone = pod.containers.every(({ name }) => name === 'envoy' || name === 'xray-daemon');
  return { mode: alone ? 'gateway' : 'sidecar', container, rule: 'the pod runs the Envoy of AWS App Mesh' };
}

/**
 * The controller in the cluster is not the control plane: that is a service of AWS. Once it has ended, proxies are
 * orphans even while the controller runs.
 */
function detect(world: World): Detection {
  const found = detectBySigns(signature, world);
  const ended = signature.support.since ?? '';
  if (found.state !== 'active' && found.state !== 'external') return found;
  const rule = `AWS ended App Mesh on ${ended}`;
  const end = { rule, source: signature.support.source };
  if (!world.asOf.known) {
    const when = `${rule}, and when this was read is not known: ${world.asOf.reason}`;
    return { ...found, state: 'unknown', evidence: [...found.evidence, { ...end, rule: when }] };
  }
  if (world.asOf.value.slice(0, ended.length) < ended) return found;
  return { ...found, state: 'orphaned', evidence: [...found.evidence, end] };
}
