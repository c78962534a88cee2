import { derivedFrom } from '../../world/derived.ts';
import type { Container, PodShape } from '../../world/pod-shape.ts';
import { CONTROL_PLANE_NS, INIT_CONTAINER, PROXY_CONTAINER, PROXY_VERSION, VALIDATOR_CONTAINER } from './names.ts';

/** A pod as far as Linkerd's proxy is recognised in it. */
export interface RecognisablePod extends Pick<PodShape, 'labels' | 'annotations'> {
  readonly containers: readonly Pick<Container, 'name' | 'image'>[];
  readonly initContainers: readonly Pick<Container, 'name' | 'image' | 'restartPolicy'>[];
}

/** The marks of Linkerd on a pod. */
export interface LinkerdMarks {
  /** Whether a container is named `linkerd-proxy`, or an init container that keeps running is. */
  readonly hasProxy: boolean;
  /** Whether the proxy is a native sidecar: an init container that keeps running. */
  readonly native: boolean;
  /** Label `linkerd.io/control-plane-ns`: whose proxy peers take it for; absent where it is not there. */
  readonly controlPlane?: string;
  /** What sets up the capture: `linkerd-init`, the CNI plugin (with a validator that waits for it), or nothing seen. */
  readonly capture: 'init' | 'cni' | 'none';
  /** Version in annotation `linkerd.io/proxy-version`, else in the image's tag. */
  readonly version?: string;
}

/**
 * The marks of Linkerd on a pod, by its containers and its label alone: annotations `linkerd.io/inject` and
 * `config.linkerd.io/opaque-ports` stand on pods without a proxy too.
 * Source: linkerd2 pkg/k8s/labels.go#IsMeshed, pkg/inject/inject.go.
 */
export function linkerdMarks(pod: RecognisablePod): LinkerdMarks {
  return derivedFrom(pod, marksOf);
}

function marksOf(pod: RecognisablePod): LinkerdMarks {
  const isProxy = ({ name }: { readonly name: string }): boolean => name === PROXY_CONTAINER;
  // An init container that ends before the others start stands before none of their traffic.
  const inInit = pod.initContainers.find((one) => isProxy(one) && one.restartPolicy === 'Always');
  const proxy = pod.containers.find(isProxy) ?? inInit;
  const controlPlane = pod.labels[CONTROL_PLANE_NS];
  const version = pod.annotations[PROXY_VERSION] ?? versionOfImage(proxy?.image);
  return {
    hasProxy: proxy !== undefined,
    native: proxy !== undefined && proxy === inInit,
    capture: captureOf(pod),
    ...(controlPlane === undefined || controlPlane === '' ? {} : { controlPlane }),
    ...(version === undefined || version === '' ? {} : { version }),
  };
}

/** The tag of a Linkerd image, as `edge-26.8.3`; undefined for a digest alone or `latest`. */
export function versionOfImage(image: string | undefined): string | undefined {
  const tag = image?.split('@')[0]?.split('/').at(-1)?.split(':')[1];
  return tag === undefined || tag === '' || tag === 'latest' ? undefined : tag;
}

function captureOf({ initContainers }: RecognisablePod): LinkerdMarks['capture'] {
  const has = (wanted: string): boolean => initContainers.some(({ name }) => name === wanted);
  if (has(INIT_CONTAINER)) return 'init';
  return has(VALIDATOR_CONTAINER) ? 'cni' : 'none';
}
