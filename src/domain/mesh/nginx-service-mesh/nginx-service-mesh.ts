import { asText, at } from '../../../lib/json.ts';
import { KIND } from '../../kubernetes/kinds.ts';
import { refOf } from '../../kubernetes/object.ts';
import type { PodShape } from '../../world/pod-shape.ts';
import type { World } from '../../world/world.ts';
import type { Enrolment, MtlsMode, PortMode, ServerEnd } from '../mesh.ts';
import { inject, leave, podThenNamespaceLabel, undecided, type InjectionQuestion } from '../recognised/enrolment.ts';
import { recognisedMesh } from '../recognised/recognised-mesh.ts';
import { runningContainers, runsImage, type ProxySign, type Signature } from '../recognised/signature.ts';
import { SUPPORT } from '../recognised/support-status.ts';
import { POD_WEBHOOKS } from '../webhook-names.ts';

const AUTO_INJECT = 'injector.nsm.nginx.com/auto-inject';
const MTLS_MODE = 'config.nsm.nginx.com/mtls-mode';
const webhook = POD_WEBHOOKS['nginx-service-mesh'];

const signature: Signature = {
  id: 'nginx-service-mesh',
  displayName: 'NGINX Service Mesh',
  groups: ['nsm.nginx.com', 'specs.smi.nginx.com'],
  kinds: [KIND.nginxMeshConfig],
  ...(webhook === undefined ? {} : { webhook }),
  namespaceLabels: [AUTO_INJECT],
  isControlPlane: (workload) =>
    workload.name === 'nginx-mesh-controller' || runsImage(workload, /^nginx-mesh-(api|controller)$/),
  proxyIn,
  support: SUPPORT['nginx-service-mesh'],
};

/** NGINX Service Mesh. Source: https://github.com/nginxinc/nginx-service-mesh. */
export const nginxServiceMesh = recognisedMesh({
  signature,
  injection,
  injected: {
    name: 'nginx-mesh-sidecar',
    image: 'nginx-mesh-sidecar',
    annotations: { 'injector.nsm.nginx.com/status': 'injected' },
  },
  answers: { portMode },
});

function proxyIn(pod: PodShape): ProxySign | undefined {
  const container = runningContainers(pod).find(({ name }) => name === 'nginx-mesh-sidecar');
  return container && { mode: 'sidecar', container, rule: 'the pod runs nginx-mesh-sidecar' };
}

/** Where neither says, the mesh's own setting decides, which is not in the cluster's objects. */
function injection(question: InjectionQuestion): Enrolment {
  const found = podThenNamespaceLabel(question, AUTO_INJECT);
  if (found === undefined) return undecided('whether NGINX Service Mesh injects by default is not known');
  const reason = `${AUTO_INJECT} is ${found.value ?? ''}`;
  if (/^(enabled|true)$/.test(found.value ?? '')) return inject(reason, found);
  if (/^(disabled|false)$/.test(found.value ?? '')) return leave(reason, found);
  return undecided(`${reason}, whose meaning is not known`, found);
}

const MODES: Readonly<Record<string, MtlsMode>> = { strict: 'strict', permissive: 'permissive', off: 'disabled' };

/** The pod's annotation, else what MeshConfig says; permissive where that says nothing. */
function portMode({ cohort }: ServerEnd, world: World): PortMode {
  const ofPod = cohort.pod.annotations[MTLS_MODE];
  if (ofPod !== undefined) return modeFrom(ofPod, { field: `metadata.annotations["${MTLS_MODE}"]` });
  const { objects, gap } = world.list(KIND.nginxMeshConfig);
  const [config, second] = objects;
  if (gap !== undefined || config === undefined || second !== undefined) {
    const rule = gap ?? 'there is not one MeshConfig, but none or several';
    return { mode: 'unknown', declared: 'unknown', evidence: [{ rule }] };
  }
  const written = asText(at(config.spec, 'mtls', 'mode')) ?? 'permissive';
  return modeFrom(written, { object: refOf(config), field: 'spec.mtls.mode' });
}

function modeFrom(value: string, place: Pick<PortMode['evidence'][number], 'object' | 'field'>): PortMode {
  const evidence = [{ ...place, value, rule: 'mTLS mode of the sidecar, for TCP; UDP is never encrypted' }];
  return { mode: MODES[value] ?? 'unknown', declared: value, evidence };
}
