import type { Container } from '../../../world/pod-shape.ts';

type Named = Pick<Container, 'name' | 'image'>;

/** The containers of a pod, by name and image. */
export interface PodContainers {
  readonly containers: readonly Named[];
  readonly initContainers: readonly Named[];
}

const PROXY_IMAGES = ['cr.l5d.io/linkerd/proxy:', 'gcr.io/istio-release/proxyv2:'];
const INIT_IMAGES = ['cr.l5d.io/linkerd/proxy-init:', 'gcr.io/istio-release/proxy_init:'];

/**
 * Whether the injector sees a sidecar of Linkerd or Istio in the pod, and so leaves it alone. It does not see
 * `istio-validation`, `linkerd-network-validator`, nor Istio's images from elsewhere under another name.
 * Source: linkerd2 pkg/healthcheck/sidecar.go#HasExistingSidecars.
 */
export function hasExistingSidecar({ containers, initContainers }: PodContainers): boolean {
  const isProxy = (one: Named): boolean => isOf(one, ['linkerd-proxy', 'istio-proxy'], PROXY_IMAGES);
  const isInit = (one: Named): boolean => isOf(one, ['linkerd-init', 'istio-init'], INIT_IMAGES);
  return [...initContainers, ...containers].some(isProxy) || initContainers.some(isInit);
}

/** Any sign of Istio in the pod, those too that Linkerd's injector does not see; undefined where there is none. */
export function istioMark(
  pod: PodContainers & { readonly annotations: Readonly<Record<string, string>> },
): string | undefined {
  const found = [...pod.containers, ...pod.initContainers].find(
    ({ name, image }) => /^istio-(proxy|init|validation)$/.test(name) || /(^|\/)(istio\/)?proxyv2(:|@|$)/.test(image),
  );
  if (found !== undefined) return `container ${found.name}`;
  return pod.annotations['sidecar.istio.io/status'] === undefined ? undefined : 'annotation sidecar.istio.io/status';
}

function isOf({ name, image }: Named, names: readonly string[], images: readonly string[]): boolean {
  return names.includes(name) || images.some((prefix) => image.startsWith(prefix));
}
