import type { Container, PodShape } from '../../../world/pod-shape.ts';
import { PROXY_PORTS } from '../names.ts';

/** What the kubelet asks of the proxy's own port, on every meshed pod. Source: linkerd2 charts/partials/templates/_proxy.tpl. */
const PROXY_PROBES = ['/live', '/ready'] as const;

/**
 * The paths that the probes of a pod ask for on a port with HTTP, without their queries: those that Linkerd exempts
 * from policy. Probes by gRPC, TCP and command are not among them, nor those of lifecycle hooks.
 * Source: linkerd2 policy-controller/k8s/index/src/inbound/workload.rs#container_http_probe_paths.
 */
export function probePaths(pod: PodShape, port: number): readonly string[] {
  const containers = [...pod.containers, ...pod.initContainers];
  const declared = containers.flatMap((container) => pathsOf(container, port));
  return [...new Set(port === PROXY_PORTS.admin ? [...declared, ...PROXY_PROBES] : declared)];
}

/** A port that the container declares for UDP alone was asked for by a name that Linkerd does not resolve. */
function pathsOf(container: Container, port: number): readonly string[] {
  const declared = container.ports.filter((one) => one.port === port);
  if (declared.length > 0 && declared.every(({ protocol }) => protocol.toUpperCase() !== 'TCP')) return [];
  return container.probes
    .filter((probe) => probe.handler === 'http' && probe.port === port)
    .map(({ path }) => pathAlone(path ?? '/'))
    .filter((path) => path.startsWith('/'));
}

/** A path without its query and fragment. */
export function pathAlone(path: string): string {
  return /^[^?#]*/.exec(path)?.[0] ?? '';
}
