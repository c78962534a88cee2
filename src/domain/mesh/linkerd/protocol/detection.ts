import { DETECT_SECONDS } from './client-protocol.ts';

/** A connection in whose protocol the server speaks first, as in SMTP and MySQL. */
export interface ServerFirstCall {
  readonly client: 'meshed' | 'unmeshed';
  readonly server: 'meshed' | 'unmeshed';
  /** Whether the proxy that would look at the first bytes takes the port as opaque. */
  readonly opaque: boolean;
  /** Whether that proxy's detection timeout is switched off, so that it waits without end. */
  readonly waitsForever: boolean;
}

/** What becomes of it: how long the client waits for the first byte, or after what time it fails. */
export interface ServerFirstFate {
  readonly works: boolean;
  readonly firstByteDelaySeconds?: number;
  /** Absent for a connection that hangs. */
  readonly failsAfterSeconds?: number;
}

/**
 * What becomes of a call in a server-first protocol. A meshed client's proxy waits, then passes the connection on; the
 * server's proxy waits for TLS of an unmeshed client, then closes the connection. Between meshed pods the server's
 * proxy learns from the transport header that the connection is opaque.
 * Source: linkerd2-proxy linkerd/app/outbound/src/protocol.rs, linkerd/tls/src/server.rs#DetectTls, inbound/src/direct.rs.
 */
export function serverFirstFate({ client, server, opaque, waitsForever }: ServerFirstCall): ServerFirstFate {
  const isWatched = client === 'meshed' || server === 'meshed';
  if (opaque || !isWatched) return { works: true, firstByteDelaySeconds: 0 };
  if (waitsForever) return { works: false };
  if (client === 'meshed') return { works: true, firstByteDelaySeconds: DETECT_SECONDS };
  return { works: false, failsAfterSeconds: DETECT_SECONDS };
}
