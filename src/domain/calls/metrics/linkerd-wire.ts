import type { SeenWire } from '../call.ts';
import type { CountedSeries } from './metric-family.ts';

/**
 * What the label `tls` says: `true` is the mesh's own, `opaque` an application's that was passed on, and the others
 * neither. Source: https://github.com/linkerd/linkerd2-proxy/blob/main/linkerd/app/core/src/transport/labels.rs.
 */
export function linkerdWire({ labels }: CountedSeries): SeenWire | undefined {
  switch (labels['tls'] ?? '') {
    case 'true':
      return 'mutual-tls';
    case 'opaque':
      return 'tls';
    case 'no_identity':
    case 'disabled':
      return 'plaintext';
    default:
      return undefined;
  }
}

/** Whether the connection never left its pod. */
export function isWithinPod({ labels }: CountedSeries): boolean {
  return labels['no_tls_reason'] === 'loopback';
}
