import type { Workload } from '../world/workload.ts';

/**
 * Whether the workload is a static pod, which a kubelet runs from a file. What the API server shows is its mirror: no
 * webhook changes what runs.
 * Source: kubernetes.io/docs/tasks/configure-pod-container/static-pod and kubernetes pkg/kubelet/pod/mirror_client.go.
 */
export function isStatic({ object }: Workload): boolean {
  return object.kind === 'Pod' && object.metadata.ownerReferences.some(({ kind }) => kind === 'Node');
}
