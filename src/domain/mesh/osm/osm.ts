import { KIND } from '../../kubernetes/kinds.ts';
import type { Evidence } from '../../world/evidence.ts';
import type { PodShape } from '../../world/pod-shape.ts';
import type { Enrolment, PortMode, ServerEnd } from '../mesh.ts';
import { inject, leave, undecided, type InjectionQuestion } from '../recognised/enrolment.ts';
import { recognisedMesh } from '../recognised/recognised-mesh.ts';
import { runningContainers, runsImage, type ProxySign, type Signature } from '../recognised/signature.ts';
import { SUPPORT } from '../recognised/support-status.ts';
import { POD_WEBHOOKS } from '../webhook-names.ts';

const MONITORED_BY = 'openservicemesh.io/monitored-by';
const INJECTION = 'openservicemesh.io/sidecar-injection';
const INBOUND_EXCLUDED = 'openservicemesh.io/inbound-port-exclusion-list';

const signature: Signature = {
  id: 'osm',
  displayName: 'Open Service Mesh',
  groups: ['config.openservicemesh.io', 'policy.openservicemesh.io'],
  kinds: [KIND.osmMeshConfig],
  ...(POD_WEBHOOKS.osm === undefined ? {} : { webhook: POD_WEBHOOKS.osm }),
  namespaceLabels: [MONITORED_BY],
  isControlPlane: (workload) =>
    workload.name === 'osm-controller' ||
    workload.name === 'osm-injector' ||
    runsImage(workload, /^osm-(controller|injector)$/),
  proxyIn,
  support: SUPPORT.osm,
};

/** Open Service Mesh. Source: openservicemesh/osm pkg/injector, pkg/constants. */
export const osm = recognisedMesh({
  signature,
  injection,
  answers: { portMode },
});

/** Other meshes call their container `envoy` too, and so do people. */
function proxyIn(pod: PodShape): ProxySign | undefined {
  const container = runningContainers(pod).find(({ name }) => name === 'envoy');
  const marked =
    pod.labels['osm-proxy-uuid'] !== undefined || pod.initContainers.some(({ name }) => name === 'osm-init');
  if (container === undefined || !marked) return undefined;
  return { mode: 'sidecar', container, rule: "a container envoy with OSM's label or init container" };
}

function injection({ namespace, pod }: InjectionQuestion): Enrolment {
  if (pod.hostNetwork) return leave('pods on the host network are never injected');
  if (namespace.labels['openservicemesh.io/ignore'] !== undefined) return leave('the namespace is to be ignored');
  if (namespace.labels[MONITORED_BY] === undefined) return leave('no mesh monitors the namespace');
  const found = annotation({ namespace, pod });
  if (found === undefined) return leave(`neither the pod nor its namespace carries annotation ${INJECTION}`);
  const reason = `${INJECTION} is ${found.value ?? ''}`;
  if (/^(enabled|yes|true)$/.test(found.value ?? '')) return inject(reason, found);
  if (/^(disabled|no|false)$/.test(found.value ?? '')) return leave(reason, found);
  return undecided(`${reason}, which OSM refuses`, found);
}

function annotation({ namespace, pod }: Pick<InjectionQuestion, 'namespace' | 'pod'>): Evidence | undefined {
  const field = `metadata.annotations["${INJECTION}"]`;
  const ofPod = pod.annotations[INJECTION];
  if (ofPod !== undefined) return { field: `pod ${field}`, value: ofPod, rule: 'the pod says so' };
  const value = namespace.annotations[INJECTION];
  if (value === undefined) return undefined;
  return { object: { kind: KIND.namespace, name: namespace.name }, field, value, rule: 'the namespace says so' };
}

/**
 * Between sidecars TLS is always mutual, whatever the traffic policy mode says, which is about authorization. Ports may
 * be left out for a pod or for the whole mesh, and an IngressBackend may let others in.
 */
function portMode({ cohort, port }: ServerEnd): PortMode {
  if (proxyIn(cohort.pod) === undefined) {
    return { mode: 'unknown', declared: 'unknown', evidence: [{ rule: 'the next pods are not made yet' }] };
  }
  const excluded = (cohort.pod.annotations[INBOUND_EXCLUDED] ?? '').split(',').map((text) => text.trim());
  const field = `metadata.annotations["${INBOUND_EXCLUDED}"]`;
  if (excluded.includes(String(port))) {
    return {
      mode: 'disabled',
      declared: 'left out',
      evidence: [{ field, value: String(port), rule: 'the port passes by the sidecar' }],
    };
  }
  const rule = 'Sidecars take mutual TLS alone; port exclusions of MeshConfig and IngressBackends are not resolved.';
  return { mode: 'strict', declared: 'mTLS between sidecars', evidence: [{ rule }] };
}
