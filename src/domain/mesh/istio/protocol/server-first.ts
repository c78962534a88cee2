import type { DeclaredPort } from '../mtls/inbound-filter-chain.ts';
import type { MtlsMode } from '../mtls/peer-authentication.ts';

/** A connection in whose protocol the server speaks first (MySQL, SMTP, FTP). */
export interface ServerFirstInput {
  readonly declared: DeclaredPort;
  readonly serverMode: MtlsMode;
  /** What the client sends; `mtls` comes from a proxy, whose outbound side looks at the first bytes too. */
  readonly client: 'plaintext' | 'mtls';
}

/** What becomes of it. `stalls`: a proxy waits for bytes that the client will not send. */
export interface ServerFirstResult {
  readonly result: 'ok' | 'stalls' | 'reject';
  readonly why: string;
}

/**
 * What becomes of a server-first connection, with the default `protocolDetectionTimeout` of 0s (wait for ever).
 * Source: https://istio.io/latest/docs/ops/deployment/application-requirements/#server-first-protocols,
 * https://github.com/istio/istio/issues/35232.
 */
export function serverFirstResult({ declared, serverMode, client }: ServerFirstInput): ServerFirstResult {
  if (client === 'plaintext' && serverMode === 'STRICT') {
    return { result: 'reject', why: 'In mode STRICT the port takes no plaintext.' };
  }
  if (declared === 'HTTP') {
    return {
      result: 'stalls',
      why: 'The port is declared HTTP, so the proxy waits for a request before anything else.',
    };
  }
  if (declared === 'AUTO') {
    return { result: 'stalls', why: 'The protocol is detected from the first bytes of the client, which sends none.' };
  }
  if (client === 'mtls') return { result: 'ok', why: 'The TLS handshake makes the client send first.' };
  if (serverMode === 'PERMISSIVE') {
    return {
      result: 'stalls',
      why: 'In mode PERMISSIVE the proxy waits for client bytes to tell mTLS from plaintext.',
    };
  }
  return declared === 'TCP'
    ? { result: 'ok', why: 'The port is declared TCP and the mode is DISABLE, so the proxy waits for nothing.' }
    : { result: 'stalls', why: 'No Service declares the port, so the proxy detects the protocol from client bytes.' };
}
