import { KIND } from '../../kubernetes/kinds.ts';
import type { PodShape } from '../../world/pod-shape.ts';
import type { Enrolment } from '../mesh.ts';
import { inject, leave, podThenNamespaceLabel, undecided, type InjectionQuestion } from '../recognised/enrolment.ts';
import { recognisedMesh } from '../recognised/recognised-mesh.ts';
import { imageName, runningContainers, runsImage, type ProxySign, type Signature } from '../recognised/signature.ts';
import { SUPPORT } from '../recognised/support-status.ts';
import { POD_WEBHOOKS } from '../webhook-names.ts';
import { kumaPortMode } from './port-mode.ts';

const INJECTION = 'kuma.io/sidecar-injection';

const signature: Signature = {
  id: 'kuma',
  displayName: 'Kuma',
  groups: ['kuma.io'],
  kinds: [KIND.kumaMesh, KIND.kumaMeshTls, KIND.kumaMeshIdentity],
  ...(POD_WEBHOOKS.kuma === undefined ? {} : { webhook: POD_WEBHOOKS.kuma }),
  namespaceLabels: [INJECTION],
  isControlPlane: (workload) =>
    runsImage(workload, /^(kuma-cp|kong-mesh-cp)$/) || /^(kuma|kong-mesh)-control-plane$/.test(workload.name),
  proxyIn,
  support: SUPPORT.kuma,
};

/**
 * Kuma and Kong Mesh. Source: kuma pkg/plugins/runtime/k8s/webhooks/injector/precheck.go.
 */
export const kuma = recognisedMesh({
  signature,
  injection,
  injected: { name: 'kuma-sidecar', image: 'kuma-dp', annotations: { 'kuma.io/sidecar-injected': 'true' } },
  answers: { portMode: kumaPortMode },
});

function proxyIn(pod: PodShape): ProxySign | undefined {
  const container = runningContainers(pod).find(
    ({ name, image }) => name === 'kuma-sidecar' || (name === 'kuma-gateway' && imageName(image) === 'kuma-dp'),
  );
  if (container === undefined) return undefined;
  const gateway = container.name === 'kuma-gateway' || pod.annotations['kuma.io/gateway'] !== undefined;
  return { mode: gateway ? 'gateway' : 'sidecar', container, rule: `the pod runs ${container.name}, Kuma's proxy` };
}

/** The pod's label comes before the namespace's; an annotation of that name counts no more. */
function injection(question: InjectionQuestion): Enrolment {
  const found = podThenNamespaceLabel(question, INJECTION);
  if (found === undefined) return leave(`neither the pod nor its namespace carries ${INJECTION}`);
  const reason = `${INJECTION} is ${found.value ?? ''}`;
  if (/^(enabled|true|yes)$/.test(found.value ?? '')) return inject(reason, found);
  if (/^(disabled|false|no)$/.test(found.value ?? '')) return leave(reason, found);
  return undecided(`${reason}, which Kuma does not know`, found);
}
