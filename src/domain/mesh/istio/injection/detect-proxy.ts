import type { Evidence } from '../../../world/evidence.ts';
import type { Container, PodShape } from '../../../world/pod-shape.ts';

/** A container as far as a proxy is recognised by it. */
export type ProxyContainer = Pick<Container, 'name' | 'image' | 'args' | 'env' | 'restartPolicy'>;

/** A running pod or a pod template, as far as a proxy is recognised in it. */
export interface ProxiedPod extends Pick<PodShape, 'labels' | 'annotations'> {
  readonly containers: readonly ProxyContainer[];
  readonly initContainers: readonly ProxyContainer[];
}

/**
 * What Istio runs for a pod. `ambient`: captured by ztunnel. `grpc-agent` and `grpc-simple`: proxyless gRPC, where only
 * xDS clients are in the mesh. `none`: peers see a pod without a proxy.
 */
export type ProxyKind = 'sidecar' | 'gateway' | 'waypoint' | 'grpc-agent' | 'grpc-simple' | 'ambient' | 'none';

/** The proxy that a pod carries, or none. */
export interface DetectedProxy {
  readonly proxy: ProxyKind;
  /** Whether the sidecar is a native one (an init container that keeps running). */
  readonly native: boolean;
  /** Whether the injection webhook made it: the status annotation is there. */
  readonly injected: boolean;
  /** The revision that injected the pod, from the annotation `istio.io/rev`; absent where it is not there. */
  readonly revision?: string;
  /** Version in the proxy's image tag without its variant; absent for a digest or a tag that is no version. */
  readonly version?: string;
  /** Label `security.istio.io/tlsMode`: peers send mTLS by themselves only to `istio`. */
  readonly tlsMode?: string;
  /** Whether the pod takes HBONE: label `networking.istio.io/tunnel: http`, or captured by ztunnel. */
  readonly acceptsHbone: boolean;
  /** Annotation `ambient.istio.io/redirection`; `pending` is not captured yet. */
  readonly redirection?: string;
  readonly decidedBy: Evidence;
}

const PROXY = 'istio-proxy';
const REDIRECTION = 'ambient.istio.io/redirection';
const STATUS = 'sidecar.istio.io/status';
const TEMPLATES = 'inject.istio.io/templates';

/**
 * Which proxy a pod carries, by its containers and annotations; labels of the namespace play no part.
 * Source: istio manifests/charts/istio-control/istio-discovery/templates/istiod-injector-configmap.yaml,
 * pkg/kube/inject/inject.go.
 */
export function detectProxy(pod: ProxiedPod): DetectedProxy {
  const container = proxyContainer(pod);
  const { proxy, decidedBy } = kindOfProxy(pod, container);
  const redirection = pod.annotations[REDIRECTION];
  const revision = pod.annotations['istio.io/rev'];
  const version = versionInImage(container?.image);
  const tlsMode = pod.labels['security.istio.io/tlsMode'];
  return {
    proxy,
    native: proxy === 'sidecar' && container !== undefined && pod.initContainers.includes(container),
    injected: Object.hasOwn(pod.annotations, STATUS),
    acceptsHbone: proxy === 'ambient' || pod.labels['networking.istio.io/tunnel'] === 'http',
    ...(revision === undefined ? {} : { revision }),
    ...(version === undefined ? {} : { version }),
    ...(tlsMode === undefined ? {} : { tlsMode }),
    ...(redirection === undefined ? {} : { redirection }),
    decidedBy,
  };
}

/** The container that runs the proxy: `istio-proxy`, also as an init container that keeps running. */
export function proxyContainer(pod: ProxiedPod): ProxyContainer | undefined {
  const isProxy = ({ name }: ProxyContainer) => name === PROXY;
  return (
    pod.containers.find(isProxy) ??
    pod.initContainers.find((container) => isProxy(container) && container.restartPolicy === 'Always')
  );
}

/** The version in an image's tag without `-distroless` or `-debug`; undefined for a digest only, `auto` or `latest`. */
export function versionInImage(image: string | undefined): string | undefined {
  const name = image?.split('@')[0]?.split('/').at(-1);
  const tag = name?.split(':')[1]?.replace(/-(?:distroless|debug)$/, '');
  return tag !== undefined && /^v?\d+\.\d+/.test(tag) ? tag.replace(/^v/, '') : undefined;
}

function kindOfProxy(
  pod: ProxiedPod,
  container: ProxyContainer | undefined,
): { readonly proxy: ProxyKind; readonly decidedBy: Evidence } {
  if (pod.annotations[REDIRECTION] === 'enabled') {
    const rule = 'The node agent has put the pod behind ztunnel.';
    return { proxy: 'ambient', decidedBy: { field: `metadata.annotations["${REDIRECTION}"]`, value: 'enabled', rule } };
  }
  if (container !== undefined) return kindByContainer(pod, container);
  if (pod.initContainers.some(({ name }) => name === 'grpc-bootstrap-init')) {
    const rule = 'Proxyless gRPC without an agent: peers see a pod without a proxy.';
    return { proxy: 'grpc-simple', decidedBy: { field: 'spec.initContainers', value: 'grpc-bootstrap-init', rule } };
  }
  const rule = pod.initContainers.some(({ name }) => name === PROXY)
    ? 'An init container istio-proxy that does not restart always is no sidecar.'
    : 'No container istio-proxy and no capture by ztunnel.';
  return { proxy: 'none', decidedBy: { rule } };
}

function kindByContainer(
  pod: ProxiedPod,
  container: ProxyContainer,
): { readonly proxy: ProxyKind; readonly decidedBy: Evidence } {
  const field = `containers["${PROXY}"]`;
  if (container.args.includes('ztunnel') || /(^|\/)ztunnel([:@]|$)/.test(container.image)) {
    const rule = 'ztunnel serves the pods of its node and stands before none of its own.';
    return { proxy: 'none', decidedBy: { field, rule } };
  }
  if (container.env.some(({ name, value }) => name === 'ISTIO_META_GENERATOR' && value === 'grpc')) {
    const rule = 'The agent serves proxyless gRPC and captures nothing.';
    return { proxy: 'grpc-agent', decidedBy: { field: `${field}.env["ISTIO_META_GENERATOR"]`, value: 'grpc', rule } };
  }
  const role = (['router', 'waypoint', 'sidecar'] as const).find((word) => container.args.includes(word));
  if (role !== undefined) {
    const proxy = role === 'router' ? 'gateway' : role;
    return {
      proxy,
      decidedBy: { field: `${field}.args`, value: role, rule: `The container is started as a ${role}.` },
    };
  }
  const templates = (pod.annotations[TEMPLATES] ?? '').split(',').map((name) => name.trim());
  const template = (['gateway', 'waypoint', 'grpc-agent'] as const).find((name) => templates.includes(name));
  if (template !== undefined) {
    const rule = 'The injection template says what the proxy is.';
    return { proxy: template, decidedBy: { field: `metadata.annotations["${TEMPLATES}"]`, value: template, rule } };
  }
  return { proxy: 'sidecar', decidedBy: { field, rule: 'A container istio-proxy without another role is a sidecar.' } };
}
