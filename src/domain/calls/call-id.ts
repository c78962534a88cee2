import { formatWorkload } from '../world/workload.ts';
import type { Call, CallSource, CallTarget } from './call.ts';

/** A call without its name and evidence. */
export type CallEnds = Pick<Call, 'from' | 'to' | 'phase' | 'request'>;

/** The name of a call, made of its ends, phase and request: `shop/Deployment/cart->shop/Service/payments:8080#start`. */
export function callId({ from, to, phase, request }: CallEnds): string {
  const asked = [request?.method?.toUpperCase(), request?.path].filter((part) => part !== undefined).join(' ');
  const suffixes = [phase === 'run' ? '' : `#${phase}`, asked === '' ? '' : `#${asked}`];
  return `${formatSource(from)}->${formatTarget(to)}${suffixes.join('')}`;
}

/** Who calls, as people write it: `shop/Deployment/cart`, `kubelet`, `load-balancer[nginx]`. */
export function formatSource(from: CallSource): string {
  if (from.kind === 'workload') return escapedWorkload(from.workload);
  return from.detail === undefined ? from.who : `${from.who}[${from.detail.replace(/[^\w.*/:, -]/g, escapedSign)}]`;
}

/**
 * Who is called, as people write it: `shop/Service/payments:8080`, `shop/Service/db/instance:3306`,
 * `shop/Deployment/cart:8080`, `external/example.com:443`.
 */
export function formatTarget(to: CallTarget): string {
  switch (to.kind) {
    case 'service-port':
      return `${escaped(to.namespace)}/Service/${escaped(to.service)}:${String(to.port)}`;
    case 'headless-instance':
      return `${escaped(to.namespace)}/Service/${escaped(to.service)}/instance:${String(to.port)}`;
    case 'pod-port':
      return `${escapedWorkload(to.workload)}:${String(to.port)}`;
    case 'external-host':
      return `external/${escaped(to.host)}${to.port === undefined ? '' : `:${String(to.port)}`}`;
  }
}

function escapedWorkload({ namespace, kind, name }: { namespace: string; kind: string; name: string }): string {
  return formatWorkload({ namespace: escaped(namespace), kind: escaped(kind), name: escaped(name) });
}

/** Names that Kubernetes would refuse stay apart from each other and from the signs between names. */
function escaped(text: string): string {
  return text.replace(/[^\w.* -]/g, escapedSign);
}

function escapedSign(sign: string): string {
  return `%${sign.charCodeAt(0).toString(16)}`;
}
