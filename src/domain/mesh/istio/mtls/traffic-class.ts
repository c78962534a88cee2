import { serverFirstResult } from '../protocol/server-first.ts';
import { inboundResult, type DeclaredPort, type InboundConnection } from './inbound-filter-chain.ts';
import type { MtlsMode } from './peer-authentication.ts';

/** Kinds of traffic that reach a pod with a sidecar. */
export type TrafficClass =
  | 'sidecar-auto'
  | 'no-sidecar'
  | 'probe-rewritten'
  | 'probe-direct'
  | 'probe-exec'
  | 'prometheus-merged'
  | 'prometheus-direct'
  | 'headless-all-injected'
  | 'headless-mixed'
  | 'pod-ip'
  | 'nodeport'
  | 'ingress-gateway'
  | 'apiserver-webhook-https'
  | 'apiserver-webhook-http'
  | 'host-network-client'
  | 'job-without-sidecar'
  | 'init-container'
  | 'server-first-plaintext'
  | 'ztunnel-to-new-sidecar'
  | 'ztunnel-to-old-sidecar';

/** What becomes of such traffic. */
export interface TrafficResult {
  readonly result: 'ok' | 'broken';
  readonly why: string;
}

/** How a class of traffic arrives: not at the proxy at all, or as a connection to a port. */
type ArrivesAs =
  | { readonly uncaptured: string }
  | {
      readonly declared: DeclaredPort;
      readonly wire: InboundConnection['wire'] | 'auto';
      readonly serverFirst?: boolean;
    };

const PLAIN_HTTP: ArrivesAs = { declared: 'HTTP', wire: 'plaintext' };
const AUTO_MTLS: ArrivesAs = { declared: 'HTTP', wire: 'auto' };
const ON_AGENT_PORT: ArrivesAs = { uncaptured: 'It goes to a port of the agent, which is not captured.' };

const ARRIVES_AS: Readonly<Record<TrafficClass, ArrivesAs>> = {
  'sidecar-auto': AUTO_MTLS,
  'no-sidecar': PLAIN_HTTP,
  'probe-rewritten': ON_AGENT_PORT,
  'probe-direct': PLAIN_HTTP,
  'probe-exec': { uncaptured: 'It runs inside the container and uses no network.' },
  'prometheus-merged': ON_AGENT_PORT,
  'prometheus-direct': PLAIN_HTTP,
  'headless-all-injected': AUTO_MTLS,
  'headless-mixed': PLAIN_HTTP,
  'pod-ip': PLAIN_HTTP,
  nodeport: PLAIN_HTTP,
  'ingress-gateway': AUTO_MTLS,
  'apiserver-webhook-https': { declared: 'TCP', wire: 'tls' },
  'apiserver-webhook-http': { declared: 'HTTP', wire: 'tls' },
  'host-network-client': PLAIN_HTTP,
  'job-without-sidecar': PLAIN_HTTP,
  'init-container': PLAIN_HTTP,
  'server-first-plaintext': { declared: 'TCP', wire: 'plaintext', serverFirst: true },
  'ztunnel-to-new-sidecar': {
    uncaptured: 'It comes as HBONE on port 15008, which PeerAuthentication does not govern.',
  },
  'ztunnel-to-old-sidecar': PLAIN_HTTP,
};

/** Whether a text names a class of traffic. */
export function isTrafficClass(text: string): text is TrafficClass {
  return Object.hasOwn(ARRIVES_AS, text);
}

/**
 * What becomes of a class of traffic under a mode that is in force on the whole path (clients decide by it too), by
 * the rules for what arrives. `auto` clients send plaintext to DISABLE and mTLS otherwise.
 * Source: istio pkg/kube/inject/app_probe.go, pilot/pkg/networking/core/sidecar_simulation_test.go#TestInbound,
 * https://github.com/istio/istio/issues/37431.
 */
export function trafficResult(mode: MtlsMode, traffic: TrafficClass): TrafficResult {
  const arrival = ARRIVES_AS[traffic];
  if ('uncaptured' in arrival) return { result: 'ok', why: arrival.uncaptured };
  if (arrival.serverFirst === true) {
    const { result, why } = serverFirstResult({ declared: arrival.declared, serverMode: mode, client: 'plaintext' });
    return { result: result === 'ok' ? 'ok' : 'broken', why };
  }
  const wire = arrival.wire === 'auto' ? (mode === 'DISABLE' ? 'plaintext' : 'mtls') : arrival.wire;
  const { result, why } = inboundResult({ mode, declared: arrival.declared, connection: { wire, payload: 'http' } });
  return { result: result === 'accept' ? 'ok' : 'broken', why };
}
