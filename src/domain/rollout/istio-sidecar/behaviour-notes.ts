import { sortedUnique } from '../../../lib/order.ts';
import { formatTarget } from '../../calls/call-id.ts';
import type { Call } from '../../calls/call.ts';
import { formatWorkload, type Workload } from '../../world/workload.ts';
import type { CallIndex } from '../call-index.ts';
import { callsAt, protocolsAt } from '../waves/wave-traffic.ts';

const SHOWN = 5;

/** Methods of which a second copy may do the work twice (https://www.rfc-editor.org/rfc/rfc9110#name-idempotent-methods). */
const ONCE: ReadonlySet<string> = new Set(['POST', 'PATCH']);

/**
 * What a sidecar changes for the calls of these workloads beside their encryption, as paragraphs; none where nobody is
 * known to speak HTTP. Sources: https://istio.io/latest/docs/concepts/traffic-management/#retries,
 * https://istio.io/latest/docs/ops/configuration/traffic-management/traffic-routing/.
 */
export function behaviourNotes(index: CallIndex, workloads: readonly Workload[]): readonly string[] {
  const protocols = workloads.flatMap((workload) => protocolsAt(index, workload));
  if (!protocols.includes('HTTP') && !protocols.includes('gRPC')) return [];
  return [
    'From then on sidecars of clients send an HTTP request by its Host header, not by the address that the client asked for: a request with another Host may go elsewhere or end in 404. Nothing here sees the header.',
    `Sidecars of clients repeat an HTTP request that failed (twice, where a connection fails, a stream is refused, or gRPC says unavailable or cancelled), also one that must not happen twice${seenOnce(index, workloads)}. A VirtualService with retries.attempts: 0 for the host turns it off.`,
  ];
}

function seenOnce(index: CallIndex, workloads: readonly Workload[]): string {
  const names = new Set(workloads.map(formatWorkload));
  const isOwn = ({ from, request }: Call): boolean =>
    from.kind === 'workload' &&
    names.has(formatWorkload(from.workload)) &&
    ONCE.has(request?.method?.toUpperCase() ?? '');
  const seen = sortedUnique(
    workloads.flatMap((workload) =>
      callsAt(index, workload)
        .filter(isOwn)
        .map(({ to, request }) => `${request?.method ?? ''} ${request?.path ?? ''} to ${formatTarget(to)}`),
    ),
  );
  if (seen.length === 0) return '';
  const more = seen.length > SHOWN ? ` and ${String(seen.length - SHOWN)} more` : '';
  return ` (seen of this wave: ${seen.slice(0, SHOWN).join(', ')}${more})`;
}
