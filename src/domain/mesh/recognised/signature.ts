import type { Kind } from '../../kubernetes/object.ts';
import type { Container, PodShape } from '../../world/pod-shape.ts';
import type { Workload } from '../../world/workload.ts';
import type { Detection } from '../mesh.ts';
import type { SupportStatus } from '../support-status.ts';

/** A proxy that a pod carries, and whose it is. */
export interface ProxySign {
  readonly mode: 'sidecar' | 'gateway';
  readonly container: Container;
  /** What shows that it is this mesh's, one sentence. */
  readonly rule: string;
}

/**
 * By what a mesh is recognised. Kinds of several meshes have the same name (`Mesh`, `VirtualService`), so that objects
 * count by their group alone; and container names are shared, so that a proxy is told by more than one.
 */
export interface Signature {
  readonly id: Detection['mesh'];
  readonly displayName: string;
  /** API groups of its custom resources. */
  readonly groups: readonly string[];
  /** The kinds of these groups that are listed. */
  readonly kinds: readonly Kind[];
  /** Names of the webhooks that take new pods; absent where it has none. */
  readonly webhook?: RegExp;
  /** Labels that namespaces carry to be in it. */
  readonly namespaceLabels: readonly string[];
  readonly isControlPlane: (workload: Workload) => boolean;
  /** Absent where it puts nothing into pods. */
  readonly proxyIn?: (pod: PodShape) => ProxySign | undefined;
  readonly support: SupportStatus;
}

/** Whether a container of the workload's template runs an image of that name, whichever registry it comes from. */
export function runsImage({ template }: Workload, name: RegExp): boolean {
  return template.containers.some(({ image }) => name.test(imageName(image)));
}

/** The last part of an image's path, without tag and digest: `consul-dataplane`. */
export function imageName(image: string): string {
  const path = image.split('@')[0] ?? '';
  return (path.split('/').at(-1) ?? '').split(':')[0] ?? '';
}

/** The version in an image's tag, without `v`; undefined for a digest only and for a tag that is no version. */
export function imageVersion(image: string): string | undefined {
  const tag = image.split('@')[0]?.split('/').at(-1)?.split(':')[1];
  return /^v?(\d+\.\d+[\w.+-]*)$/.exec(tag ?? '')?.[1];
}

/** The containers that run beside the application: the ordinary ones, and init containers that restart always. */
export function runningContainers(pod: PodShape): readonly Container[] {
  return [...pod.containers, ...pod.initContainers.filter(({ restartPolicy }) => restartPolicy === 'Always')];
}
