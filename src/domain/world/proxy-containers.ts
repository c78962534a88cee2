import type { PodShape } from './pod-shape.ts';

const PROXIES: ReadonlySet<string> = new Set([
  'istio-proxy',
  'istio-init',
  'istio-validation',
  'linkerd-proxy',
  'linkerd-init',
  'linkerd-network-validator',
  'consul-dataplane',
  'consul-connect-inject-init',
  'envoy-sidecar',
  'kuma-sidecar',
  'kuma-init',
  'kuma-validation',
  'osm-init',
  'nginx-mesh-sidecar',
  'nginx-mesh-init',
]);
/** Consul gives a pod of several services one proxy for each, and their names carry the service's. */
const OF_ONE_SERVICE = /^consul-(dataplane|connect-inject-init)-/;

/** The name that App Mesh and OSM give their proxy, and others an Envoy of their own. */
const SHARED_NAME = 'envoy';
const APP_MESH_IMAGE = /(^|\/)aws-appmesh-envoy([:@]|$)/;

/**
 * Whether a container of that name is a mesh's proxy or sets one up: its ports and calls are not the workload's own.
 * A container `envoy` is one where the pod shows whose it is; alone in its pod it is a gateway, whose ports are its own.
 */
export function isProxyContainer(name: string, pod?: Pick<PodShape, 'containers' | 'initContainers'>): boolean {
  if (PROXIES.has(name) || OF_ONE_SERVICE.test(name)) return true;
  return name === SHARED_NAME && pod !== undefined && pod.containers.length > 1 && isInjectedEnvoy(pod);
}

function isInjectedEnvoy({ containers, initContainers }: Pick<PodShape, 'containers' | 'initContainers'>): boolean {
  const isAppMesh = containers.some(({ name, image }) => name === SHARED_NAME && APP_MESH_IMAGE.test(image));
  return isAppMesh || initContainers.some(({ name }) => name === 'osm-init');
}
