import { inboundResult, type DeclaredPort } from '../mtls/inbound-filter-chain.ts';
import type { MtlsMode } from '../mtls/peer-authentication.ts';
import type { ClientWire } from './client-wire.ts';

/** The end of a call; `tls-ok`: TLS that is not mesh mTLS, terminated by who it is meant for. */
export type InterplayOutcome = 'mtls-ok' | 'plaintext-ok' | 'tls-ok' | 'broken' | 'unknown';

/** How a call ends between what the client sends and what the server takes. */
export interface Interplay {
  readonly outcome: InterplayOutcome;
  readonly why: string;
}

/** The server's side of a call. */
export interface ServerSide {
  readonly sidecar: boolean;
  /** Of PeerAuthentication on the port; without meaning for a server without sidecar. */
  readonly mode: MtlsMode;
  readonly declared: DeclaredPort;
  readonly payload: 'http' | 'tcp';
  /** Whether the application itself serves TLS. */
  readonly appTls: boolean;
}

/**
 * How a call ends: accepted with mesh mTLS, in plaintext or with TLS of the application, or broken.
 * Source: istio tests/integration/security/reachability_test.go and sidecar_simulation_test.go, TestInbound.
 */
export function interplay({ wire }: Pick<ClientWire, 'wire'>, server: ServerSide): Interplay {
  if (!server.sidecar) return withoutSidecar(wire, server.appTls);
  const { mode, declared, payload } = server;
  const inbound = inboundResult({ mode, declared, connection: { wire, payload } });
  if (inbound.result !== 'accept') {
    return { outcome: inbound.result === 'reject' ? 'broken' : 'unknown', why: inbound.why };
  }
  if (wire === 'plaintext') return { outcome: 'plaintext-ok', why: inbound.why };
  if (inbound.tlsTerminated) return { outcome: wire === 'mtls' ? 'mtls-ok' : 'tls-ok', why: inbound.why };
  return toApplication(wire, server.appTls);
}

function withoutSidecar(wire: ClientWire['wire'], appTls: boolean): Interplay {
  if (wire === 'plaintext') return { outcome: 'plaintext-ok', why: 'the server has no sidecar and gets plaintext' };
  return toApplication(wire, appTls);
}

/** TLS that no proxy terminates: the application must, and mesh mTLS it cannot. */
function toApplication(wire: 'tls' | 'mtls', appTls: boolean): Interplay {
  if (wire === 'tls' && appTls) return { outcome: 'tls-ok', why: 'the application terminates the TLS of the client' };
  const what = wire === 'mtls' ? 'mesh mTLS' : 'TLS';
  return { outcome: 'broken', why: `no proxy terminates the ${what} and the application gets its bytes` };
}
