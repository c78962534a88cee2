import type { ClientEnd, Destination, Outbound } from '../mesh.ts';
import { known } from '../../world/fact.ts';
import { outboundPolicy } from './client-side.ts';
import { portProtocol } from './protocol/port-protocol.ts';
import type { ProxyView } from './proxy-view.ts';

/**
 * What a sidecar sends of bytes that are no HTTP to a Service port that is declared HTTP; undefined where either is not
 * so. Its listener takes only what it recognises as plaintext HTTP for the Service: all else falls through it, to where
 * the client was going (no mTLS, no DestinationRule), or nowhere where only what is registered may be called. A port
 * declared HTTP_PROXY takes everything for HTTP.
 * Source: istio pilot/pkg/networking/core/listener.go#buildSidecarOutboundListener,
 * sidecar_simulation_test.go#TestPassthroughTraffic, https://github.com/istio/istio/pull/28166.
 */
export function besideHttp(client: ClientEnd, { service, noHttp }: Destination, view: ProxyView): Outbound | undefined {
  if (service === undefined || noHttp === undefined) return undefined;
  const { declared, protocol, why } = portProtocol(service.port);
  if (declared !== 'HTTP') return undefined;
  const port = `port ${String(service.port.port)} of Service ${service.service.namespace}/${service.service.name}`;
  const told = `the client sends ${BYTES[noHttp]} to ${port}, which is declared HTTP. ${why}`;
  if (protocol === 'HTTP_PROXY') return cut(`${told} Its proxy reads them as HTTP, which fails`);
  const policy = outboundPolicy(view, client, false);
  if (!policy.known) return { ...PASSED, mayStall: policy.reason };
  if (policy.value === 'ALLOW_ANY') {
    return { ...PASSED, why: `${told} Its proxy finds no HTTP in them and passes them through as they are` };
  }
  if (policy.value === 'REGISTRY_ONLY') {
    return cut(
      `${told} Its proxy finds no HTTP in them, and outboundTrafficPolicy REGISTRY_ONLY drops what is left over`,
    );
  }
  return { ...PASSED, mayStall: `${told} What outboundTrafficPolicy ${policy.value} does with them is not modelled` };
}

const BYTES = { tls: 'TLS of its own', tcp: 'bytes that are no HTTP' } as const;

const PASSED = {
  wire: 'plaintext',
  identity: known(undefined),
  why: 'the client sends no HTTP to a port that is declared HTTP',
  evidence: [],
} as const satisfies Outbound;

function cut(why: string): Outbound {
  return { ...PASSED, stalls: why };
}
