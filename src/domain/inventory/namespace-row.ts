import { KIND } from '../kubernetes/kinds.ts';
import { workloadsIn } from '../world/workloads-of.ts';
import type { World } from '../world/world.ts';

export interface NamespaceRow {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  /** What labels and annotations of the namespace ask of the meshes; `none` where they ask nothing, `unknown` unread. */
  readonly enrolment: string;
  readonly workloads: number;
}

/**
 * Labels of a namespace that ask a mesh for its pods: of Istio, Kuma, Open Service Mesh, App Mesh, NGINX Service Mesh
 * and Cilium's ztunnel. Consul reads none of a namespace, only its pods' annotation.
 * Sources: istio.io/latest/docs/setup/additional-setup/sidecar-injection, kuma.io/docs (data plane proxy on
 * Kubernetes), release-v1.2.docs.openservicemesh.io, aws-app-mesh-controller-for-k8s, docs.cilium.io (ztunnel).
 */
const ENROLMENT_LABELS = [
  'istio-injection',
  'istio.io/rev',
  'istio.io/dataplane-mode',
  'istio.io/use-waypoint',
  'kuma.io/sidecar-injection',
  'kuma.io/mesh',
  'openservicemesh.io/monitored-by',
  'openservicemesh.io/ignore',
  'appmesh.k8s.aws/sidecarInjectorWebhook',
  'injector.nsm.nginx.com/auto-inject',
  'io.cilium/mtls-enabled',
  'mtls-enabled',
] as const;

/** Annotations of a namespace that do the same: Linkerd's, Open Service Mesh's, older Kuma's. */
const ENROLMENT_ANNOTATIONS = [
  'linkerd.io/inject',
  'openservicemesh.io/sidecar-injection',
  'kuma.io/sidecar-injection',
] as const;

/** A namespace with what it asks of the meshes. */
export function namespaceRow(world: World, name: string): NamespaceRow {
  const object = world.get({ kind: KIND.namespace, name });
  const labels = object?.metadata.labels ?? {};
  const asked = [
    ...ENROLMENT_LABELS.flatMap((key) => (Object.hasOwn(labels, key) ? [`${key}=${labels[key] ?? ''}`] : [])),
    ...ENROLMENT_ANNOTATIONS.flatMap((key) => annotated(object?.metadata.annotations ?? {}, key)),
  ];
  const unread = object === undefined && world.list(KIND.namespace).gap !== undefined;
  return {
    name,
    labels,
    enrolment: unread ? 'unknown' : asked.length === 0 ? 'none' : asked.join(' '),
    workloads: workloadsIn(world, name).length,
  };
}

function annotated(annotations: Readonly<Record<string, string>>, key: string): readonly string[] {
  return Object.hasOwn(annotations, key) ? [`${key}: ${annotations[key] ?? ''} (annotation)`] : [];
}
